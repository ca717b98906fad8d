"""Word vectors in fewer bytes: float16, or int8 with a scale per row. A row becomes float32 when it is looked up."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from seqlab.arrays import AnyArray, FloatArray, Int64Array
from seqlab.corpus.mapped_arrays import release_pages
from seqlab.errors import UserError
from seqlab.machine.array_writing import write_array
from seqlab.machine.packed_arrays import NumberType, Packed, pack, unpack

BLOCK = 1 << 16  # rows packed at a time


@dataclass(frozen=True)
class PackedVectors:
    """A table of vectors, in memory or mapped.

    numbers: float16 or int8 (rows, D). scales: float32 (rows, 1), for int8 alone.
    """

    numbers: AnyArray
    scales: FloatArray | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """Rows and D."""
        return self.numbers.shape

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, rows: AnyArray | list[int] | int | slice) -> FloatArray:
        """float32 (rows, D): vectors; (D,) for one row."""
        scales = None if self.scales is None else self.scales[rows]
        return unpack(Packed(self.numbers[rows], scales))


Vectors = FloatArray | PackedVectors
"""A table of vectors; `table[rows]` is float32 (rows, D)."""


def number_type_of(vectors: Vectors) -> NumberType:
    """How a table stores its numbers."""
    if not isinstance(vectors, PackedVectors):
        return "float32"
    return "float16" if vectors.scales is None else "int8"


def release_vectors(vectors: Vectors) -> None:
    """Give the pages of a mapped table back to the system."""
    if not isinstance(vectors, PackedVectors):
        release_pages(vectors)
        return
    release_pages(vectors.numbers)
    if vectors.scales is not None:
        release_pages(vectors.scales)


def take_rows(vectors: Vectors, rows: Int64Array) -> Vectors:
    """A table in memory of some rows, stored as they were."""
    if not isinstance(vectors, PackedVectors):
        return np.array(vectors[rows])
    scales = None if vectors.scales is None else np.array(vectors.scales[rows])
    return PackedVectors(np.array(vectors.numbers[rows]), scales)


def write_vectors(
    vectors: Vectors, numbers: Path, scales: Path, *, number_type: NumberType
) -> None:
    """Write a table, in blocks, into one or two `.npy` files.

    numbers, scales: the files; the second is written for int8 alone.
    A table that already has this type is copied bit for bit. Raises UserError for a number that float16 cannot hold.
    """
    kept_scales = list[FloatArray]()

    def blocks() -> Iterator[AnyArray]:
        for first in range(0, len(vectors), BLOCK):
            try:
                packed = pack_rows(vectors, slice(first, first + BLOCK), number_type)
            except ValueError as error:
                raise UserError(f"a word vector {error}") from error
            if packed.scales is not None:
                kept_scales.append(packed.scales)
            yield packed.numbers
            release_vectors(vectors)

    write_array(numbers, blocks(), shape=vectors.shape, dtype=number_type)
    if number_type == "int8":
        write_array(scales, kept_scales, shape=(len(vectors), 1), dtype="float32")


def pack_rows(vectors: Vectors, rows: Int64Array | slice, number_type: NumberType) -> Packed:
    """Some rows of a table, packed."""
    if isinstance(vectors, PackedVectors) and number_type_of(vectors) == number_type:
        scales = None if vectors.scales is None else vectors.scales[rows]
        return Packed(vectors.numbers[rows], scales)
    return pack(vectors[rows], number_type, share="row")
