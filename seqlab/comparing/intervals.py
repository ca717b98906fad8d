"""The mean of a few seeds, and how far it can be trusted: Student's t-interval.

It is computed here because a quantile of t is all that scipy would be imported for.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

LEVEL = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Values over seeds. low, high: the 95 % t-interval of their mean, None with fewer than 2."""

    values: tuple[float, ...]
    mean: float | None
    low: float | None
    high: float | None

    def to_json(self) -> dict[str, Any]:
        """As results.json holds it."""
        return {
            "mean": self.mean,
            "low": self.low,
            "high": self.high,
            "values": list(self.values),
        }


def spread(values: Sequence[float | None]) -> Spread:
    """Mean and t-interval of the values that are defined: mean +- t(n - 1) * s / sqrt(n).

    >>> found = spread([0.4, 0.5, 0.6])
    >>> round(found.low, 3), round(found.mean, 3), round(found.high, 3)
    (0.252, 0.5, 0.748)
    """
    known = tuple(value for value in values if value is not None)
    n = len(known)
    if not n:
        return Spread(values=(), mean=None, low=None, high=None)
    mean = math.fsum(known) / n
    if n == 1:
        return Spread(values=known, mean=mean, low=None, high=None)
    variance = math.fsum((value - mean) ** 2 for value in known) / (n - 1)
    half = t_quantile(n - 1) * math.sqrt(variance / n)
    return Spread(values=known, mean=mean, low=mean - half, high=mean + half)


def t_quantile(freedom: int, level: float = LEVEL) -> float:
    """The t such that a share `level` of Student's distribution lies within -t and t.

    >>> round(t_quantile(4), 3)
    2.776
    """
    low, high = 0.0, 1.0
    while t_within(high, freedom) < level:
        high *= 2
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if t_within(middle, freedom) < level else (low, middle)
    return high


def t_within(t: float, freedom: int) -> float:
    """The share of Student's distribution within -t and t (Abramowitz & Stegun 26.7.3 and 26.7.4)."""
    angle = math.atan(t / math.sqrt(freedom))
    cosine = math.cos(angle)
    odd = freedom % 2
    term, total = (cosine if odd else 1.0), 0.0
    for power in range(odd, freedom - 1, 2):
        total += term
        term *= cosine * cosine * (power + 1) / (power + 2)
    total *= math.sin(angle)
    return 2 / math.pi * (angle + total) if odd else total


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values corrected so that one false 'differs' among all of them stays rare (Holm 1979).

    The smallest is multiplied by their number, the next by one less, …; none falls below a smaller one.

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    corrected, largest = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(order):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[index]))
        corrected[index] = largest
    return corrected
