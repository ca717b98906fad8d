"""Files of word vectors, read by gensim; what it cannot tell, by `vector_rows`.

Imports gensim only when vectors are asked for; `vector_training` is the only other file that does.
"""

import gzip
import lzma
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np

from seqlab.encoding.fasttext_file import is_fasttext, read_fasttext
from seqlab.encoding.vector_rows import is_number, read_rows
from seqlab.encoding.vectors import WordVectors
from seqlab.errors import VectorsError
from seqlab.machine.files import nearest_sibling
from seqlab.machine.numbers import is_whole

GZIP = b"\x1f\x8b"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
TAIL = 1 << 20  # bytes that hold the last row
DEFLATE_RATIO = 1032  # gzip never packs a file tighter than this
DAMAGED = (OSError, EOFError, zlib.error, lzma.LZMAError)
UNREADABLE = (
    *DAMAGED,
    *(ValueError, AssertionError, IndexError),
    *(OverflowError, MemoryError),  # a header that promises more than any machine holds
    ImportError,  # gensim unpacks by the file's name
)


def load_vectors(path: str, *, limit: int | None = None) -> WordVectors:
    """Read word2vec text or binary, GloVe text (no header line) or fastText `.vec`, gzip or not.

    Also fastText's binary models, whose n-grams give vectors to words that the file lacks. In text a word may
    hold spaces, as some of GloVe do.

    limit: the most rows to read; such files are sorted by frequency.
    Raises VectorsError when the file is missing, cut short, or not one of these, and for a limit below 1.
    """
    if limit is not None and (not is_whole(limit) or limit < 1):
        raise VectorsError(f"{path}: limit is {limit!r}; expected rows, 1 or more")
    if is_fasttext(path):
        model = read_fasttext(path, limit=limit)
        numbers = {word: row for row, word in enumerate(model.words)}
        ngrams = model.ngrams if len(model.ngrams.vectors) else None
        return WordVectors(numbers, model.own, ngrams)
    header, binary = look_at(path, limit=limit)
    from gensim.models import KeyedVectors

    try:
        with np.errstate(over="ignore"):  # becomes an infinity, which is refused below
            found = KeyedVectors.load_word2vec_format(
                path, binary=binary, limit=limit, no_header=not header, unicode_errors="replace"
            )
    except UNREADABLE as error:
        if not binary and (type(error) is EOFError or not isinstance(error, DAMAGED)):
            with suppress(*DAMAGED):  # the file itself is what is wrong
                return strictly(path, header=header, limit=limit)
        kind = "word2vec binary" if binary else "text"
        reason = " ".join(str(error).split()) or type(error).__name__
        raise VectorsError(f"{path}: not readable as {kind} word vectors: {reason}") from error
    rows = dict(found.key_to_index)
    whole = header and limit is None and len(rows) == len(found.vectors)
    if whole and goes_on(path, rows, found.vector_size, binary=binary):
        fact = f"{path}:1: promises {len(rows)} rows of {found.vector_size} numbers"
        raise VectorsError(
            f"{fact}, the file holds more; --vectors-limit reads the first rows alone"
        )
    if not rows or not found.vector_size:  # with TABs, a whole line is a word
        raise VectorsError(f"{path}: holds no word vectors: expected words and numbers with spaces")
    vectors = np.asarray(found.vectors[: len(rows)], np.float32)  # a repeated word leaves a gap
    finite = bool(np.isfinite(vectors).all())
    # gensim repeats a lone number `dim` times.
    repeated = vectors.shape[1] > 1 and bool((vectors == vectors[:, :1]).all(axis=1).any())
    if not binary and (repeated or not finite):
        return strictly(path, header=header, limit=limit)
    if not finite:
        raise VectorsError(f"{path}: holds a number that is not finite")
    return WordVectors(rows, vectors)


def goes_on(path: str, rows: Mapping[str, int], dim: int, *, binary: bool) -> bool:
    """Whether a file holds more than the rows that were read; False where that is not told, as of gzip."""
    size = Path(path).stat().st_size
    with Path(path).open("rb") as file:
        if file.read(2) == GZIP:
            return False
        file.seek(0)
        if binary:
            words = sum(len(word.encode()) for word in rows)
            words += sum(word.count("\ufffd") for word in rows)  # three bytes for what were four
            return size > len(file.readline()) + words + len(rows) * (len(b" \n") + 4 * dim)
        file.seek(max(0, size - TAIL))
        _, line_end, last = file.read().rstrip().rpartition(b"\n")
        word = last.rsplit(b" ", dim)[0].decode("utf-8", "replace")
        return bool(line_end) and word not in rows


def strictly(path: str, *, header: bool, limit: int | None) -> WordVectors:
    """Text read row by row, each held against the size that the header or the first row says."""
    with opened(path) as file:
        return WordVectors(*read_rows(file, place=path, header=header, limit=limit))


@contextmanager
def opened(path: str) -> Iterator[BinaryIO]:
    """The bytes of a file, unpacked where they are gzip."""
    with Path(path).open("rb") as plain:
        packed = plain.read(2) == GZIP
        plain.seek(0)
        yield cast(BinaryIO, gzip.GzipFile(fileobj=plain)) if packed else plain


def look_at(path: str, *, limit: int | None = None) -> tuple[bool, bool]:
    """Whether a file begins with a header line 'rows dimensions', and whether it is binary."""
    if not Path(path).is_file():
        raise VectorsError(f"{path}: no such file of word vectors{nearest_sibling(Path(path))}")
    try:
        with opened(path) as file:
            packed = isinstance(file, gzip.GzipFile)
            opening, second = file.readline(1 << 16), file.readline(1 << 16).split()
    except DAMAGED as error:
        raise VectorsError(f"{path}: cannot be read: {error}") from error
    if packed and not path.endswith(".gz"):
        raise VectorsError(f"{path}: is gzip: expected a name that ends in .gz")
    if opening.startswith(BYTE_ORDER_MARK):  # gensim takes it for a part of the first word
        raise VectorsError(f"{path}:1: begins with a byte order mark; expected UTF-8 without one")
    first = opening.split()
    if not (len(first) == 2 and all(part.isdigit() and len(part) < 30 for part in first)):
        if len(first) < 3 or not all(map(is_number, first[-2:])):
            raise VectorsError(f"{path}:1: expected a word and its numbers, or 'rows dimensions'")
        return False, False
    check_size(path, int(first[0]), int(first[1]), packed=packed, limit=limit)
    # Of a word with spaces not all behind its first part are numbers.
    numbers = second[-int(first[1]) :]
    as_promised = len(numbers) == int(first[1]) and all(map(is_number, numbers))
    return True, not (as_promised or (len(second) > 1 and all(map(is_number, second[1:]))))


def check_size(path: str, rows: int, dim: int, *, packed: bool, limit: int | None) -> None:
    """Refuse a header that promises more than the file can hold, before room is made for it."""
    size = Path(path).stat().st_size * (DEFLATE_RATIO if packed else 1)
    if (min(rows, limit) if limit else rows) * 2 * dim > size:  # a digit and a space a number
        raise VectorsError(f"{path}:1: promises {rows} rows of {dim} numbers, the file is shorter")
