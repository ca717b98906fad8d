"""The file of arrays that are too large for a model: written in blocks, because they may be mapped from disk."""

from pathlib import Path

import numpy as np

from seqlab.arrays import AnyArray
from seqlab.corpus.mapped_arrays import release_pages

ALIGNMENT = 1 << 16  # bytes; systems map files from multiples of their page size
BLOCK_BYTES = 1 << 22


class LargeArrays:
    """Arrays one after another, each from a multiple of `ALIGNMENT` on. size: bytes so far."""

    def __init__(self) -> None:
        self.arrays: list[tuple[int, AnyArray]] = []
        self.size = 0

    def add(self, array: AnyArray) -> int:
        """Add an array. Returns its first byte in the file."""
        offset = -(-self.size // ALIGNMENT) * ALIGNMENT
        self.arrays.append((offset, array))
        self.size = offset + array.nbytes
        return offset

    def write(self, path: Path) -> None:
        """Write all arrays, little-endian."""
        with path.open("wb") as file:
            for offset, array in self.arrays:
                file.seek(offset)
                rows = max(1, BLOCK_BYTES * len(array) // array.nbytes)
                for start in range(0, len(array), rows):
                    block = array[start : start + rows]
                    file.write(np.ascontiguousarray(block, block.dtype.newbyteorder("<")).data)
                    release_pages(array)
