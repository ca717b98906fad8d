"""Where the real tokens are and which class each one carries, from either form of labels.

Nothing of size (N, T, C) is built: one-hot labels are only reduced along their last axis.
"""

import numpy as np
import numpy.typing as npt

from seqlab.arrays import AnyArray, AnyIntArray, BoolArray
from seqlab.errors import WeightsError


def number_array(value: npt.ArrayLike, name: str) -> AnyArray:
    """`value` as an array of numbers.

    Raises WeightsError when it is something else, or its rows differ in length.
    """
    try:
        array = np.asarray(value)
    except ValueError:
        raise WeightsError(f"{name}: rows of different lengths; pad them to one first") from None
    if array.dtype.kind not in "biuf":
        raise WeightsError(f"{name}: came as {type(value).__name__}; give an array of numbers")
    return array


def token_classes(labels: AnyArray, mask: npt.ArrayLike | None) -> tuple[AnyIntArray, BoolArray]:
    """The class of each of the M real tokens.

    labels: (N, T, C), one-hot, an all-zero row is padding; or int (N, T), class ids.
    mask: bool (N, T), True on real tokens; needed with class ids.
    Returns int (M,), class ids in the order of the tokens; and bool (N, T), where they are.
    Raises WeightsError when the labels have another form, or contradict the mask.
    """
    if labels.ndim == 3 and labels.shape[2] > 0:
        return _one_hot_classes(labels, mask)
    if labels.ndim == 2 and labels.dtype.kind in "iu":
        if mask is None:
            raise WeightsError(
                f"labels of shape {labels.shape} are class ids, which can't show padding; "
                "give mask: bool (N, T), True on real tokens"
            )
        real = checked_token_mask(mask, labels.shape)
        return labels[real], real
    raise WeightsError(
        f"labels have shape {labels.shape} and dtype {labels.dtype}; give one-hot (N, T, C), "
        "or integer class ids (N, T) with a mask"
    )


def _one_hot_classes(labels: AnyArray, mask: npt.ArrayLike | None) -> tuple[AnyIntArray, BoolArray]:
    real = _one_hot_rows(labels)
    if mask is not None:
        given = checked_token_mask(mask, real.shape)
        if (given & ~real).any():
            row, column = np.argwhere(given & ~real)[0]
            raise WeightsError(
                f"labels[{row}, {column}] is padding (an all-zero row), "
                "but the mask says that it is a token"
            )
        real = given
    return labels.argmax(axis=-1)[real], real


def _one_hot_rows(labels: AnyArray) -> BoolArray:
    """Where the rows hold exactly one 1; bool (N, T). All others must be zero throughout."""
    highest = labels.max(axis=-1)
    total = labels.sum(axis=-1)
    real = (highest == 1) & (total == 1)
    legal = (real | ((highest == 0) & (total == 0))) & (labels.min(axis=-1) >= 0)
    if not legal.all():
        row, column = np.argwhere(~legal)[0]
        values = labels[row, column]
        plain = bool(np.isin(values, (0, 1)).all())
        fact = f"{np.count_nonzero(values)} ones" if plain else "values other than 0 and 1"
        raise WeightsError(
            f"labels[{row}, {column}] holds {fact}; a token's row holds one 1, padding's none"
        )
    return np.asarray(real)


def checked_token_mask(mask: npt.ArrayLike, shape: tuple[int, ...]) -> BoolArray:
    """The mask as bool of this shape. Raises WeightsError for another one."""
    array = number_array(mask, "mask")
    if array.shape != shape or array.dtype.kind != "b":
        raise WeightsError(
            f"mask has shape {array.shape} and dtype {array.dtype}; give bool {shape}, "
            "True on real tokens"
        )
    return array
