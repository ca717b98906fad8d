"""Load a file of word vectors: find its format by its first bytes and call the reader of that format."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from seqlab.encoding.binary_vectors import read_binary_vectors
from seqlab.encoding.fasttext_file import is_fasttext, read_fasttext
from seqlab.encoding.text_vectors import is_number_text, read_text_vectors
from seqlab.encoding.vectors import WordVectors, check_numbers
from seqlab.errors import VectorsError
from seqlab.machine.files import nearest_sibling
from seqlab.machine.numbers import is_whole
from seqlab.machine.wording import plural
from seqlab.text.lines import BYTE_ORDER_MARK

GZIP = b"\x1f\x8b"
LINE = 1 << 16  # bytes of the first lines that are looked at
DEFLATE_RATIO = 1032  # gzip cannot compress any more than this
DAMAGED = (OSError, EOFError, zlib.error)


def load_vectors(path: str, *, limit: int | None = None) -> WordVectors:
    """Load word vectors from word2vec text or binary, GloVe text, fastText `.vec` or a fastText model.

    All formats except fastText models may be gzipped. The vectors of a fastText model also cover
    words that the file lacks, by their n-grams.
    limit: the largest number of rows to read. Such files are usually sorted by frequency.
    Raises VectorsError when the file is missing, damaged or in another format, and for a limit below 1.
    """
    if limit is not None and (not is_whole(limit) or limit < 1):
        raise VectorsError(f"{path}: limit is {limit!r}; expected a number of rows, at least 1")
    if is_fasttext(path):
        return read_fasttext(path, limit=limit)
    header, binary = vector_format(path, limit=limit)
    try:
        with open_unpacked(path) as file:
            if binary:
                rows, vectors = read_binary_vectors(file, path=path, limit=limit)
            else:
                rows, vectors = read_text_vectors(file, path=path, header=header, limit=limit)
    except DAMAGED as error:
        raise VectorsError(f"{path}: cannot be read: {error}") from error
    if not vectors.size:  # a file with TABs alone has no numbers
        raise no_vectors(path)
    check_numbers(vectors, path)
    return WordVectors(rows, vectors)


def no_vectors(path: str) -> VectorsError:
    """Return the error for a file without any number."""
    fact = f"{path}: holds no word vectors"
    return VectorsError(f"{fact}; expected lines of a word and numbers, separated by spaces")


@contextmanager
def open_unpacked(path: str) -> Iterator[BinaryIO]:
    """Open a file for reading, and unpack it if it is gzip."""
    with Path(path).open("rb") as plain:
        packed = plain.read(2) == GZIP
        plain.seek(0)
        yield cast(BinaryIO, gzip.GzipFile(fileobj=plain)) if packed else plain


def vector_format(path: str, *, limit: int | None = None) -> tuple[bool, bool]:
    """Return whether a file has a header 'rows dimensions', and whether its rows are binary.

    Raises VectorsError when the first lines fit no format.
    """
    if not Path(path).is_file():
        raise VectorsError(f"{path}: no such file of word vectors{nearest_sibling(Path(path))}")
    try:
        with open_unpacked(path) as file:
            packed = isinstance(file, gzip.GzipFile)
            opening, second = file.readline(LINE), file.readline(LINE).split()
    except DAMAGED as error:
        raise VectorsError(f"{path}: cannot be read: {error}") from error
    if opening.startswith(BYTE_ORDER_MARK):  # it would become a part of the first word
        raise VectorsError(f"{path}:1: begins with a byte order mark; expected UTF-8 without one")
    first = opening.split()
    if not (len(first) == 2 and all(part.isdigit() and len(part) < 30 for part in first)):
        if len(first) < 3 or not all(map(is_number_text, first[-2:])):
            raise VectorsError(f"{path}:1: expected a word and its numbers, or 'rows dimensions'")
        return False, False
    rows, dim = map(int, first)
    check_header(path, rows, dim, packed=packed, limit=limit)
    # A text row ends in as many numbers as promised, or has only numbers after its first part.
    numbers = second[-dim:]
    is_text = (len(numbers) == dim and all(map(is_number_text, numbers))) or (
        len(second) > 1 and all(map(is_number_text, second[1:]))
    )
    return True, not is_text


def check_header(path: str, rows: int, dim: int, *, packed: bool, limit: int | None) -> None:
    """Refuse a header that promises nothing, or more than the file can hold, before memory is reserved for it."""
    size = Path(path).stat().st_size * (DEFLATE_RATIO if packed else 1)
    if not (rows and dim):
        raise no_vectors(path)
    if (min(rows, limit) if limit else rows) * 2 * dim > size:  # a number takes a digit and a space
        promise = f"{path}:1: the header says {plural(rows, 'row')} of {plural(dim, 'number')}"
        raise VectorsError(f"{promise}, but the file is shorter")
