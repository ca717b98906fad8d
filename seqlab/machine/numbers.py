"""Type checks for numbers that scripts pass: Python's and numpy's numbers, but not bool."""

from numbers import Integral, Real
from typing import TypeGuard


def is_whole(value: object) -> TypeGuard[int]:
    """Whether a value is an integer.

    >>> import numpy as np
    >>> is_whole(3), is_whole(np.int64(3)), is_whole(3.0), is_whole(True), is_whole("3")
    (True, True, False, False, False)
    """
    return isinstance(value, Integral) and not isinstance(value, bool)


def is_number(value: object) -> TypeGuard[float]:
    """Whether a value is a number that a float can hold, finite or not.

    >>> import numpy as np
    >>> is_number(0.5), is_number(np.float32(0.5)), is_number(3), is_number(10**400), is_number(True)
    (True, True, True, False, False)
    """
    if isinstance(value, float):
        return True
    if not isinstance(value, Real) or isinstance(value, bool):
        return False
    try:
        float(value)
    except OverflowError:
        return False
    return True
