"""fastText's own binary files: words, their vectors and those of n-grams, mapped and not read whole.

Written by fastText and by gensim's `save_facebook_model`. Supervised and quantised models are refused.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any, Literal

import numpy as np

from seqlab.arrays import FloatArray
from seqlab.encoding.ngrams import SPELT, Ngrams
from seqlab.errors import VectorsError

MAGIC = struct.pack("<i", 793712314)
HEADER = struct.Struct(
    "<2i12id3i2q"
)  # magic, version; 12 arguments; a threshold; sizes of the dictionary
OF_WORD = 9  # bytes behind a word and its NUL: how often it occurred, and that it is a word
MATRIX = struct.Struct("<?2q")  # whether quantised, rows, dimensions
BLOCK = 1 << 16  # rows that are checked together


@dataclass(frozen=True, kw_only=True)
class FastTextFile:
    """What a file holds. words: by row. own: float32 (words, D), a part of each word's vector, mapped."""

    words: list[str]
    own: FloatArray
    ngrams: Ngrams


def is_fasttext(path: str) -> bool:
    """Whether a file begins as fastText's binary files do."""
    try:
        with Path(path).open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def read_fasttext(path: str, *, limit: int | None = None) -> FastTextFile:
    """Map a file that `is_fasttext`. limit: the most words to take; they are sorted by frequency.

    Raises VectorsError for one that is cut short, supervised, quantised, or holds what is no number.
    """
    try:
        with Path(path).open("rb") as file:
            page = mmap(file.fileno(), 0, access=ACCESS_READ)
        fields = HEADER.unpack_from(page)
        buckets, shortest, longest = fields[10:13]
        count, _, labels = fields[15:18]
        words, end = read_words(page, count)
        end += 8 * max(fields[19], 0)  # of pruned n-grams
        quantised, rows, dim = MATRIX.unpack_from(page, end)
    except (OSError, ValueError, struct.error) as error:
        raise VectorsError(f"{path}: not readable as a fastText model: {error}") from error
    if labels or quantised or dim != fields[2]:
        kind = "a supervised" if labels else "a quantised"
        raise VectorsError(f"{path}: is {kind} fastText model; expected one of word vectors")
    begin = end + MATRIX.size
    if rows != count + buckets or len(page) < begin + 4 * rows * dim:
        raise VectorsError(f"{path}: promises {rows} rows of {dim} numbers, the file is shorter")
    matrix: Any = np.ndarray((rows, dim), "<f4", buffer=page, offset=begin)
    if not all(np.isfinite(matrix[at : at + BLOCK]).all() for at in range(0, rows, BLOCK)):
        raise VectorsError(f"{path}: holds a number that is not finite")
    taken = words[:limit]
    ngrams = Ngrams(
        vectors=matrix[count:], shortest=shortest, longest=longest, spelling=spelling_of(taken)
    )
    return FastTextFile(words=taken, own=matrix[: len(taken)], ngrams=ngrams)


def read_words(page: mmap, count: int) -> tuple[list[str], int]:
    """The words of the dictionary, by row, and where it ends. Raises ValueError when it is cut short."""
    words: list[str] = []
    at = HEADER.size
    for _ in range(count):
        end = page.find(b"\0", at)
        if end < 0:
            raise ValueError(f"{count} words are promised, and {len(words)} found")
        words.append(page[at:end].decode("utf-8", "replace"))
        at = end + 1 + OF_WORD
    return words, at


def spelling_of(words: Iterable[str]) -> Literal["as written", "lower case", "normalised"]:
    """The narrowest spelling that all words have.

    >>> spelling_of(["a", "0"]), spelling_of(["a", "7"]), spelling_of(["A"])
    ('normalised', 'lower case', 'as written')
    """
    known = list(words)
    if all(SPELT["normalised"](word) == word for word in known):
        return "normalised"
    return "lower case" if all(word.lower() == word for word in known) else "as written"
