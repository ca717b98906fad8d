"""One table of all word vectors: those of the trained vocabulary, then those of the frozen words."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from seqlab.arrays import FloatArray
from seqlab.encoding.packed_vectors import Vectors, release_vectors

BLOCK = 1 << 14  # rows that are copied at a time


@dataclass(frozen=True)
class WordTable:
    """trained: float32 (words, D), by word id. frozen: (K, D), perhaps mapped or packed; None without frozen words."""

    trained: FloatArray
    frozen: Vectors | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """The number of rows, and D."""
        rows = len(self.trained) + (0 if self.frozen is None else len(self.frozen))
        return rows, self.trained.shape[1]

    @property
    def bytes(self) -> int:
        """The size of the whole table."""
        rows, dim = self.shape
        return rows * dim * np.dtype(np.float32).itemsize

    def blocks(self) -> Iterator[FloatArray]:
        """Yield the rows in blocks of little-endian float32. A frozen word has the id `len(trained)` + its row."""
        for table in (self.trained,) if self.frozen is None else (self.trained, self.frozen):
            for start in range(0, len(table), BLOCK):
                yield np.ascontiguousarray(table[start : start + BLOCK], "<f4")
                release_vectors(table)
