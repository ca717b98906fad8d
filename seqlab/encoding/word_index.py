"""Rows of words: in memory by a dictionary, on disk by sorted hashes that are mapped and cost no start-up.

The look-up rule (which spellings of a token are tried) is in `frozen_words`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Protocol

import numpy as np

from seqlab.arrays import Int64Array, UInt64Array
from seqlab.machine.checksums import word_hashes

HASHES, PLACES, LETTERS = "hashes.npy", "places.npy", "words.txt"


class RowFinder(Protocol):
    """Words with rows 0, 1, …"""

    def rows(self, words: Sequence[str]) -> Int64Array:
        """int64 (words,): the row of each word, -1 for one that is not there."""
        ...

    def words(self) -> list[str]:
        """All words, by row."""
        ...


@dataclass(frozen=True)
class MemoryIndex:
    """Rows by a dictionary."""

    numbers: Mapping[str, int]

    def rows(self, words: Sequence[str]) -> Int64Array:
        """int64 (words,): the row of each word, -1 for one that is not there."""
        return np.fromiter((self.numbers.get(word, -1) for word in words), np.int64, len(words))

    def words(self) -> list[str]:
        """All words, by row."""
        return sorted(self.numbers, key=self.numbers.__getitem__)


@dataclass(frozen=True)
class DiskIndex:
    """Rows by files that are read where they are looked at.

    hashes: uint64 (words,), sorted. places: int64 (words, 3), for each hash the row, and where the word
    begins and ends in `letters`, UTF-8. A hash only says where to compare: words that share one are told
    apart by their letters.
    """

    hashes: UInt64Array
    places: Int64Array
    letters: mmap | bytes

    def rows(self, words: Sequence[str]) -> Int64Array:
        """int64 (words,): the row of each word, -1 for one that is not there."""
        found = np.full(len(words), -1, np.int64)
        if not len(self.hashes) or not words:
            return found
        spelt = list(map(encoded, words))
        wanted = hashed(spelt)
        first = np.searchsorted(self.hashes, wanted)
        hits = self.hashes[np.minimum(first, len(self.hashes) - 1)] == wanted
        for number in np.flatnonzero(hits).tolist():
            found[number] = self.row(spelt[number], wanted[number], int(first[number]))
        return found

    def row(self, word: bytes, wanted: np.uint64, place: int) -> int:
        """The row of a word, from the first place with its hash on; -1 where none has its letters."""
        while place < len(self.hashes) and self.hashes[place] == wanted:
            row, begin, end = self.places[place].tolist()
            if self.letters[begin:end] == word:
                return int(row)
            place += 1
        return -1

    def words(self) -> list[str]:
        """All words, by row."""
        ordered = self.places[np.argsort(self.places[:, 0])].tolist()
        return [decoded(self.letters[begin:end]) for _, begin, end in ordered]


def encoded(word: str) -> bytes:
    """UTF-8, of halves of surrogate pairs too: corpora hold such words, and they are looked up."""
    return word.encode("utf-8", "surrogatepass")


def decoded(word: bytes) -> str:
    """The inverse of `encoded`."""
    return word.decode("utf-8", "surrogatepass")


def hashed(words: Sequence[bytes]) -> UInt64Array:
    """uint64 (words,), the same in every process."""
    return np.frombuffer(word_hashes(words), "<u8")


def write_index(words: Sequence[str], directory: Path) -> None:
    """Write words, by row, into an existing directory; the letters a word a line, so that people can read them."""
    spelt = list(map(encoded, words))
    ends = np.fromiter(accumulate(len(word) + 1 for word in spelt), np.int64, len(spelt)) - 1
    begins = ends - np.fromiter(map(len, spelt), np.int64, len(spelt))
    hashes = hashed(spelt)
    order = np.argsort(hashes, kind="stable")
    np.save(directory / HASHES, hashes[order])
    np.save(directory / PLACES, np.column_stack([order, begins[order], ends[order]]))
    (directory / LETTERS).write_bytes(b"".join(word + b"\n" for word in spelt))


def open_index(directory: Path) -> DiskIndex:
    """The index of a directory, mapped.

    Raises OSError, ValueError or EOFError for files that are not those that were written.
    """
    hashes = np.load(directory / HASHES, mmap_mode="r")
    places = np.load(directory / PLACES, mmap_mode="r")
    if places.shape != (len(hashes), 3):
        raise ValueError(f"{len(hashes)} hashes, but places of shape {places.shape}")
    with (directory / LETTERS).open("rb") as file:
        letters = mmap(file.fileno(), 0, access=ACCESS_READ)
    return DiskIndex(np.asarray(hashes), np.asarray(places), letters)
