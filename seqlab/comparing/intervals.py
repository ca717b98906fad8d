"""The mean over seeds with Student's t-interval, and Holm's correction of p-values."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

LEVEL = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Values over seeds. low, high: 95 % t-interval of their mean; None with fewer than two values."""

    mean: float | None
    low: float | None
    high: float | None
    values: tuple[float, ...]


def spread(values: Sequence[float | None]) -> Spread:
    """Mean and t-interval, mean +- t(n - 1) * s / sqrt(n), of the values that are not None.

    >>> seeds = spread([0.4, 0.5, 0.6])
    >>> round(seeds.low, 3), round(seeds.mean, 3), round(seeds.high, 3)
    (0.252, 0.5, 0.748)
    """
    known = tuple(value for value in values if value is not None)
    n = len(known)
    if not n:
        return Spread(values=(), mean=None, low=None, high=None)
    mean = math.fsum(known) / n
    if n == 1:
        return Spread(values=known, mean=mean, low=None, high=None)
    from scipy.special import stdtrit  # Student's quantile; imported late for a quick --help

    variance = math.fsum((value - mean) ** 2 for value in known) / (n - 1)
    half = float(stdtrit(n - 1, (1 + LEVEL) / 2)) * math.sqrt(variance / n)
    return Spread(values=known, mean=mean, low=mean - half, high=mean + half)


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
