"""Arrays of float32 numbers in fewer bytes: as float16, or as int8 with one scale per row or column."""

from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

import numpy as np

from seqlab.arrays import AnyArray, FloatArray

NumberType = Literal["float32", "float16", "int8"]
NUMBER_TYPES: tuple[NumberType, ...] = get_args(NumberType)
Axis = Literal["row", "column"]
"""What shares a scale: a row of the first axis, or a column of the last axis."""
LARGEST_FLOAT16 = 65504.0
LARGEST_INT8 = 127


class Packed(NamedTuple):
    """Numbers of one type. Each stands for itself times its scale.

    scales: float32, for int8 alone; (rows, 1, …) or (1, …, columns), so that it broadcasts over `numbers`.
    """

    numbers: AnyArray
    scales: FloatArray | None = None


def pack(array: FloatArray, number_type: NumberType, *, share: Axis) -> Packed:
    """Pack an array of float32 numbers.

    share: what shares a scale. Its largest number, in absolute value, becomes 127, so an int8 is off by at most half
        a scale.
    Raises ValueError for a number that float16 cannot hold.

    >>> packed = pack(np.array([[0.5, -2.54], [0, 0]], np.float32), "int8", share="row")
    >>> packed.numbers.tolist(), packed.scales.round(2).tolist()
    ([[25, -127], [0, 0]], [[0.019999999552965164], [0.0]])
    """
    if number_type == "float32":
        return Packed(array)
    if number_type == "float16":
        check_float16(array)
        return Packed(array.astype(np.float16))
    scales = scales_of(array, share)
    # A scale of 0 belongs to zeros. A tiny scale is rounded itself, so the quotient may exceed 127.
    quotients = np.rint(array / np.where(scales > 0, scales, 1))
    return Packed(np.clip(quotients, -LARGEST_INT8, LARGEST_INT8).astype(np.int8), scales)


def scales_of(array: FloatArray, share: Axis) -> FloatArray:
    """float32, of the shape of `scales_shape`: the scale of each row or column."""
    axes = tuple(range(1, array.ndim)) if share == "row" else tuple(range(array.ndim - 1))
    largest = np.abs(array).max(axis=axes, keepdims=True, initial=0)
    scales: FloatArray = (largest / np.float32(LARGEST_INT8)).astype(np.float32)
    return scales


def scales_shape(shape: Sequence[int], share: Axis) -> tuple[int, ...]:
    """The shape of the scales of an array.

    >>> scales_shape((5, 3), "row"), scales_shape((3, 5, 2), "column")
    ((5, 1), (1, 1, 2))
    """
    ones = (1,) * (len(shape) - 1)
    return (shape[0], *ones) if share == "row" else (*ones, shape[-1])


def unpack(packed: Packed) -> FloatArray:
    """float32: the numbers that a packed array stands for."""
    numbers = packed.numbers.astype(np.float32, copy=False)
    if packed.scales is None:
        return numbers
    with np.errstate(over="ignore"):  # of a damaged scale; whoever reads the numbers checks them
        return np.asarray(numbers * packed.scales, np.float32)


def check_float16(array: FloatArray) -> None:
    """Raise ValueError for a number that float16 cannot hold."""
    largest = float(np.abs(array).max(initial=0))
    if not largest <= LARGEST_FLOAT16:
        raise ValueError(
            f"holds {largest:.3g}, beyond {LARGEST_FLOAT16:.0f}, the largest float16; choose int8 or float32"
        )
