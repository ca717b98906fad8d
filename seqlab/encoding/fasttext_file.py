"""Map fastText's binary models: words, their vectors, and the vectors of n-grams.

fastText and gensim's `save_facebook_model` write such files. Supervised and quantised models are refused.
"""

import struct
from collections.abc import Iterable
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any, Literal

import numpy as np

from seqlab.encoding.ngrams import SPELT, Ngrams
from seqlab.encoding.vectors import WordVectors, check_numbers
from seqlab.errors import VectorsError
from seqlab.machine.wording import plural

MAGIC = struct.pack("<i", 793712314)
# magic, version; 12 training arguments; sampling threshold; 3 counts of the dictionary, tokens, pruned n-grams
HEADER = struct.Struct("<2i12id3i2q")
WORD_TAIL = 9  # bytes after a word and its NUL: int64 count, int8 entry type
MATRIX = struct.Struct("<?2q")  # quantised, rows, dimensions
BLOCK = 1 << 16  # rows that are checked at a time


def is_fasttext(path: str) -> bool:
    """Tell whether a file begins with the magic number of fastText's binary models."""
    try:
        with Path(path).open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def read_fasttext(path: str, *, limit: int | None) -> WordVectors:
    """Map the vectors of a fastText model.

    limit: the largest number of words; the file sorts them by frequency.

    Raises VectorsError when the model is cut short, supervised or quantised, or a number is not finite.
    """
    try:
        with Path(path).open("rb") as file:
            page = mmap(file.fileno(), 0, access=ACCESS_READ)
        fields = HEADER.unpack_from(page)
        buckets, shortest, longest = fields[10:13]
        count, _, labels, _, ngrams_pruned = fields[15:20]
        if min(count, buckets) < 0 or fields[2] < 1:
            fact = (
                f"it says {count} words, {buckets} n-grams and {plural(fields[2], 'number')} each"
            )
            raise ValueError(f"{fact}; expected 0 or more, and at least 1 number")
        words, end = read_dictionary(page, count)
        end += 8 * max(ngrams_pruned, 0)  # skip the table of pruned n-grams
        if end > len(page):
            raise ValueError(f"the file ends before {plural(ngrams_pruned, 'pruned n-gram')}")
        quantised, rows, dim = MATRIX.unpack_from(page, end)
    except (OSError, ValueError, struct.error) as error:
        raise VectorsError(f"{path}: not readable as a fastText model: {error}") from error
    if labels or quantised or dim != fields[2]:
        fault = "supervised" if labels else "quantised"
        raise VectorsError(f"{path}: the fastText model is {fault}; give a model of word vectors")
    begin = end + MATRIX.size
    if rows != count + buckets or len(page) < begin + 4 * rows * dim:
        fact = f"{path}: the model says {rows} rows of {dim} numbers"
        raise VectorsError(f"{fact}, but the file is shorter")
    matrix: Any = np.ndarray((rows, dim), "<f4", buffer=page, offset=begin)
    blocks = (matrix[start : start + BLOCK] for start in range(0, rows, BLOCK))
    for block in blocks:
        check_numbers(block, path)
    # The matrix holds one row per word, then one row per bucket of n-grams.
    taken, ngram_vectors = words[:limit], matrix[count:]
    spelling = spelling_of(taken)
    ngrams = Ngrams(vectors=ngram_vectors, shortest=shortest, longest=longest, spelling=spelling)
    numbers: dict[str, int] = {}
    for row, word in enumerate(taken):  # words of broken UTF-8 may become the same
        numbers.setdefault(word, row)
    return WordVectors(numbers, matrix[: len(taken)], ngrams if len(ngram_vectors) else None)


def read_dictionary(page: mmap, count: int) -> tuple[list[str], int]:
    """Return the words by row, and the byte after the dictionary. Raises ValueError when it is cut short."""
    words: list[str] = []
    begin = HEADER.size
    for _ in range(count):
        end = page.find(b"\0", begin)
        if end < 0:
            raise ValueError(f"the dictionary says {count} words, but holds {len(words)}")
        words.append(page[begin:end].decode("utf-8", "replace"))
        begin = end + 1 + WORD_TAIL
    return words, begin


def spelling_of(words: Iterable[str]) -> Literal["as written", "lower case", "normalised"]:
    """Return the strictest normalisation that all words already have.

    >>> spelling_of(["a", "0"]), spelling_of(["a", "7"]), spelling_of(["A"])
    ('normalised', 'lower case', 'as written')
    """
    known = list(words)
    if all(SPELT["normalised"](word) == word for word in known):
        return "normalised"
    return "lower case" if all(word.lower() == word for word in known) else "as written"
