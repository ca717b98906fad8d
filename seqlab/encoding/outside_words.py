"""The second table: words that the trained one lacks keep the vectors of their file, frozen.

Training holds it in memory; a run keeps it in files that are mapped, so that tagging reads those rows
alone that it looks up. Both look up alike. The words of the first table drift as they are trained, those
of the second do not: that is the price of knowing them.
"""

import mmap as maps
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seqlab.encoding.vectors import SPELLINGS, WordVectors
from seqlab.encoding.word_index import MemoryIndex, RowFinder, open_index, write_index

VECTORS = "vectors.npy"
MADV_DONTNEED = getattr(maps, "MADV_DONTNEED", 0)  # not on Windows


@dataclass(frozen=True)
class OutsideWords:
    """Words with frozen vectors. vectors: float32 (words, D), in memory or mapped, by the index's rows."""

    index: RowFinder
    vectors: NDArray[np.float32]

    @property
    def dim(self) -> int:
        """D, the size of a vector."""
        return int(self.vectors.shape[1])

    def look_up(self, tokens: Sequence[str]) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
        """Which tokens have a vector, bool (tokens,), and those vectors, float32 (those, D).

        Spelt as `WordVectors.find` spells them: as it is, in lower case, normalised.
        """
        rows = np.full(len(tokens), -1, np.int64)
        for spelt in SPELLINGS:
            missing = np.flatnonzero(rows < 0)
            rows[missing] = self.index.rows([spelt(tokens[n]) for n in missing.tolist()])
        known = rows >= 0
        found = self.vectors[rows[known]]
        release(self.vectors)
        return known, found


def outside_words(vectors: WordVectors) -> OutsideWords:
    """The words of a file of vectors, in memory."""
    return OutsideWords(MemoryIndex(vectors.rows), vectors.vectors)


def write_outside_words(outside: OutsideWords, directory: Path) -> None:
    """Write the second table into a directory that does not exist yet."""
    directory.mkdir()
    np.save(directory / VECTORS, outside.vectors)
    write_index(outside.index.words(), directory)


def open_outside_words(directory: Path) -> OutsideWords:
    """The second table of a directory, mapped: nothing is read before it is looked up.

    Raises OSError, ValueError or EOFError for files that are not those that were written.
    """
    index, vectors = open_index(directory), np.load(directory / VECTORS, mmap_mode="r")
    if vectors.ndim != 2 or vectors.dtype != np.float32 or len(vectors) != len(index.hashes):
        raise ValueError(f"{len(index.hashes)} words, but vectors of shape {vectors.shape}")
    return OutsideWords(index, np.asarray(vectors))


def release(array: NDArray[np.float32]) -> None:
    """Hand the pages of a mapped array back to the system: they are read again when they are looked at."""
    base = array.base
    while isinstance(base, np.ndarray):
        base = base.base
    if isinstance(base, maps.mmap) and hasattr(base, "madvise"):  # not on Windows
        base.madvise(MADV_DONTNEED)
