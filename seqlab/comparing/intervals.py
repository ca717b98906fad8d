"""The mean over seeds with Student's t-interval, the t-test of differences, and Holm's correction of p-values."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

LEVEL = 0.95
F1_RANGE = (0.0, 1.0)
DIFFERENCE_RANGE = (-1.0, 1.0)

Range = tuple[float, float]
"""The least and the greatest possible value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Values over seeds. low, high: 95 % t-interval of their mean; None with fewer than two values."""

    mean: float | None
    low: float | None
    high: float | None
    values: tuple[float, ...]


def spread(values: Sequence[float | None], *, within: Range) -> Spread:
    """Mean and t-interval, mean +- t(n - 1) * s / sqrt(n), of the values that are not None.

    within: the range of the figure. The interval is cut off at its ends. That changes no coverage, since the true mean
    lies in the range.

    >>> seeds = spread([0.4, 0.5, 0.6], within=(0, 1))
    >>> round(seeds.low, 3), round(seeds.mean, 3), round(seeds.high, 3)
    (0.252, 0.5, 0.748)
    """
    known = tuple(value for value in values if value is not None)
    if not known:
        return Spread(values=(), mean=None, low=None, high=None)
    mean = math.fsum(known) / len(known)
    if len(known) == 1:
        return Spread(values=known, mean=mean, low=None, high=None)
    from scipy.special import stdtrit  # Student's quantile; imported late for a quick --help

    half = float(stdtrit(len(known) - 1, (1 + LEVEL) / 2)) * standard_error(known)
    low, high = within
    return Spread(values=known, mean=mean, low=max(low, mean - half), high=min(high, mean + half))


def standard_error(values: Sequence[float]) -> float:
    """The standard error of the mean, s / sqrt(n), of two or more values."""
    return deviation(values) / math.sqrt(len(values))


def deviation(values: Sequence[float]) -> float:
    """The standard deviation s, with n - 1 in the denominator, of two or more values."""
    mean = math.fsum(values) / len(values)
    return math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1))


def t_test(differences: Sequence[float]) -> float | None:
    """The two-sided p-value of Student's t-test that the mean difference is 0; None with fewer than two.

    >>> round(t_test([0.1, 0.3]), 3)
    0.295
    """
    if len(differences) < 2:
        return None
    mean, error = math.fsum(differences) / len(differences), standard_error(differences)
    if error == 0:
        return 1.0 if mean == 0 else 0.0
    from scipy.special import stdtr

    return float(2 * stdtr(len(differences) - 1, -abs(mean) / error))


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values corrected by Holm's method (1979), which bounds the chance of even one false difference.

    The smallest of m is multiplied by m, the next by m - 1, and so on. A corrected value is at most 1
    and never below that of a smaller p-value.

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    corrected, largest = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(order):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[index]))
        corrected[index] = largest
    return corrected
