"""Find the real tokens and the class of each, from one-hot labels or from class ids with a mask.

No array of shape (N, T, C) is allocated: one-hot labels are only reduced along their last axis.
"""

import numpy as np
import numpy.typing as npt

from seqlab.arrays import AnyArray, AnyIntArray, BoolArray
from seqlab.errors import WeightsError


def number_array(value: npt.ArrayLike, name: str) -> AnyArray:
    """Return `value` as an array. Raises WeightsError when it has no numbers, or its rows differ in length.

    name: the name of the value in error messages.
    """
    try:
        array = np.asarray(value)
    except ValueError:
        raise WeightsError(f"{name}: rows have different lengths; pad them first") from None
    if array.dtype.kind not in "biuf":
        raise WeightsError(f"{name}: got {type(value).__name__}; give an array of numbers")
    return array


def token_classes(labels: AnyArray, mask: npt.ArrayLike | None) -> tuple[AnyIntArray, BoolArray]:
    """Return the class of each of the M real tokens, int (M,), and their positions, bool (N, T).

    labels: (N, T, C), one-hot, an all-zero row is padding; or int (N, T), class ids.
    mask: bool (N, T), True on real tokens; required with class ids.
    Raises WeightsError when the labels are neither, or contradict the mask.
    """
    if labels.ndim == 3 and labels.shape[2] > 0:
        return _one_hot_classes(labels, mask)
    if labels.ndim == 2 and labels.dtype.kind in "iu":
        if mask is None:
            fact = f"labels of shape {labels.shape} are class ids, which do not mark padding"
            raise WeightsError(f"{fact}; give mask: bool (N, T), True on real tokens")
        real = checked_token_mask(mask, labels.shape)
        return labels[real], real
    fact = f"labels have shape {labels.shape} and dtype {labels.dtype}"
    raise WeightsError(f"{fact}; give one-hot (N, T, C), or integer class ids (N, T) with a mask")


def _one_hot_classes(labels: AnyArray, mask: npt.ArrayLike | None) -> tuple[AnyIntArray, BoolArray]:
    real = _one_hot_rows(labels)
    if mask is not None:
        given = checked_token_mask(mask, real.shape)
        if (given & ~real).any():
            row, column = np.argwhere(given & ~real)[0]
            fact = f"labels[{row}, {column}] is padding (an all-zero row)"
            raise WeightsError(f"{fact}, but the mask marks it as a token")
        real = given
    return labels.argmax(axis=-1)[real], real


def _one_hot_rows(labels: AnyArray) -> BoolArray:
    # bool (N, T): True where a row holds exactly one 1. All other rows must be zero.
    highest = labels.max(axis=-1)
    total = labels.sum(axis=-1)
    real = (highest == 1) & (total == 1)
    legal = (real | (highest == 0)) & (labels.min(axis=-1) >= 0)
    if not legal.all():
        row, column = np.argwhere(~legal)[0]
        values = labels[row, column]
        binary = bool(np.isin(values, (0, 1)).all())
        fault = f"{np.count_nonzero(values)} ones" if binary else "values other than 0 and 1"
        fact = f"labels[{row}, {column}] holds {fault}"
        raise WeightsError(f"{fact}; give one 1 per token and only zeros on padding")
    return np.asarray(real)


def checked_token_mask(mask: npt.ArrayLike, shape: tuple[int, ...]) -> BoolArray:
    """Return the mask as an array. Raises WeightsError unless it is bool and of this shape."""
    array = number_array(mask, "mask")
    if array.shape != shape or array.dtype.kind != "b":
        fact = f"mask has shape {array.shape} and dtype {array.dtype}"
        raise WeightsError(f"{fact}; give bool {shape}, True on real tokens")
    return array
