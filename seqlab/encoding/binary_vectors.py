"""Read word vectors from word2vec's binary format: word, space, float32 numbers, then perhaps a line end."""

from array import array
from typing import BinaryIO

import numpy as np

from seqlab.arrays import FloatArray
from seqlab.errors import VectorsError
from seqlab.machine.wording import plural

BLOCK = 1 << 20  # bytes read at a time


def read_binary_vectors(
    file: BinaryIO, *, path: str, limit: int | None
) -> tuple[dict[str, int], FloatArray]:
    """Return the row of each word, and float32 (words, D). A repeated word keeps its first vector.

    limit: the largest number of rows to read.
    path: the file's name in error messages.
    Raises VectorsError when the number of rows differs from the header.
    """
    promised, dim = map(int, file.readline().split())
    promise = f"{path}:1: the header says {plural(promised, 'row')} of {plural(dim, 'number')}"
    rows: dict[str, int] = {}
    values = array("f")
    block, begin = b"", 0
    for read in range(promised if limit is None else min(promised, limit)):
        # A row may cross the end of a block: read on until the word and all its numbers are there.
        while (space := block.find(b" ", begin)) < 0 or len(block) <= space + 4 * dim:
            more = file.read(BLOCK)
            if not more:
                raise VectorsError(f"{promise}, but the file ends in row {read + 1}")
            block, begin = block[begin:] + more, 0
        word = block[begin:space].lstrip(b"\n").decode("utf-8", "replace")
        begin = space + 1 + 4 * dim
        if word not in rows:
            rows[word] = len(rows)
            values.frombytes(block[space + 1 : begin])
    if limit is None and (block[begin:] + file.read(2)).strip():
        fact = f"{promise}, but the file holds more"
        raise VectorsError(f"{fact}; --vectors-limit reads only the first rows")
    vectors = np.frombuffer(values, "<f4").astype(np.float32, copy=False)
    return rows, vectors.reshape(len(rows), dim)
