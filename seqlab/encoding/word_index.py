"""Find the rows of words: in memory by a dictionary, on disk by sorted hashes in mapped files.

The mapped index needs no loading time. `frozen_words` decides which spellings of a token are looked up.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from io import BufferedReader
from itertools import accumulate
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Protocol

import numpy as np

from seqlab.arrays import AnyIntArray, Int64Array, UInt64Array
from seqlab.errors import RunError
from seqlab.machine.array_files import ArraySpec, map_array, peek_type
from seqlab.machine.checksums import word_hashes
from seqlab.machine.regular_files import open_regular, size_of

HASHES, LOCATIONS, LETTERS = "hashes.npy", "places.npy", "words.txt"


class WordIndex(Protocol):
    """Words with the rows 0, 1, …"""

    def rows(self, words: Sequence[str]) -> Int64Array:
        """Return int64 (words,): the row of each word, -1 for a word that is not in the index."""
        ...

    def words(self) -> list[str]:
        """Return all words, by row."""
        ...


@dataclass(frozen=True)
class MemoryIndex:
    """A `WordIndex` in memory. row_by_word: the row of each word."""

    row_by_word: Mapping[str, int]

    def rows(self, words: Sequence[str]) -> Int64Array:
        """Return int64 (words,), see `WordIndex`."""
        return np.fromiter((self.row_by_word.get(word, -1) for word in words), np.int64, len(words))

    def words(self) -> list[str]:
        """Return all words, by row."""
        return sorted(self.row_by_word, key=self.row_by_word.__getitem__)


@dataclass(frozen=True)
class MappedIndex:
    """A `WordIndex` in mapped files.

    hashes: uint64 (words,), sorted.
    locations: int32 or int64 (words, 3), for each hash the word's row, and its first and last + 1 byte in `letters`.
    letters: the UTF-8 bytes of all words.
    directory: that of the files, for errors.
    Words with the same hash are told apart by their letters.
    """

    hashes: UInt64Array
    locations: AnyIntArray
    letters: mmap | bytes
    directory: Path

    def rows(self, words: Sequence[str]) -> Int64Array:
        """Return int64 (words,), see `WordIndex`."""
        rows = np.full(len(words), -1, np.int64)
        if not len(self.hashes) or not words:
            return rows
        texts = list(map(encode_word, words))
        wanted = hash_words(texts)
        first = np.searchsorted(self.hashes, wanted)
        # A hash larger than all stored hashes gets the index len(hashes); `minimum` keeps it in range.
        hits = self.hashes[np.minimum(first, len(self.hashes) - 1)] == wanted
        for index in np.flatnonzero(hits).tolist():
            rows[index] = self.row(texts[index], wanted[index], int(first[index]))
        return rows

    def row(self, word: bytes, wanted: np.uint64, index: int) -> int:
        """Return a word's row, or -1. index: the first entry with the word's hash."""
        while index < len(self.hashes) and self.hashes[index] == wanted:
            row, begin, end = self.locations[index].tolist()
            if self.letters[begin:end] == word:
                if not 0 <= row < len(self.hashes):
                    raise RunError(
                        f"{self.directory / LOCATIONS}: damaged: {word.decode('utf-8', 'replace')!r} is in row {row} "
                        f"of {len(self.hashes)}"
                    )
                return int(row)
            index += 1
        return -1

    def words(self) -> list[str]:
        """Return all words, by row."""
        bounds = self.locations[np.argsort(self.locations[:, 0]), 1:].tolist()
        return [self.letters[begin:end].decode("utf-8", "surrogatepass") for begin, end in bounds]


def encode_word(word: str) -> bytes:
    """Encode a word as UTF-8; lone surrogates, which some corpora hold, are allowed."""
    return word.encode("utf-8", "surrogatepass")


def hash_words(words: Sequence[bytes]) -> UInt64Array:
    """Return uint64 (words,), the same in every process."""
    return np.frombuffer(word_hashes(words), "<u8")


def write_index(words: Sequence[str], directory: Path) -> None:
    """Write words, by row, into an existing directory. The file of letters has one word per line."""
    texts = list(map(encode_word, words))
    ends = np.fromiter(accumulate(len(text) + 1 for text in texts), np.int64, len(texts)) - 1
    begins = ends - np.fromiter(map(len, texts), np.int64, len(texts))
    hashes = hash_words(texts)
    order = np.argsort(hashes, kind="stable")
    np.save(directory / HASHES, hashes[order])
    locations = np.column_stack([order, begins[order], ends[order]])
    small = not len(texts) or ends[-1] <= np.iinfo(np.int32).max
    np.save(directory / LOCATIONS, locations.astype(np.int32 if small else np.int64))
    (directory / LETTERS).write_bytes(b"".join(text + b"\n" for text in texts))


def open_index(
    directory: Path,
    open_file: Callable[[str], AbstractContextManager[BufferedReader]] | None = None,
) -> MappedIndex:
    """Map the index in a directory.

    open_file: opens a file of the directory by its name; by default any regular file in it.
    Raises RunError when its files are damaged.
    """
    open_file = open_file or (lambda name: open_regular(directory / name, inside=directory))
    with open_file(HASHES) as file:
        hashes = map_array(file, directory / HASHES, ArraySpec((None,), "uint64"))
    with open_file(LOCATIONS) as file:
        path = directory / LOCATIONS  # int64 in files of older versions, and for 2 GB of letters
        wanted = "int32" if peek_type(file, path) == "int32" else "int64"
        locations = map_array(file, path, ArraySpec((len(hashes), 3), wanted))
    with open_file(LETTERS) as file:
        empty = not size_of(file)  # an empty file cannot be mapped
        letters = b"" if empty else mmap(file.fileno(), 0, access=ACCESS_READ)
    return MappedIndex(hashes, locations, letters, directory)
