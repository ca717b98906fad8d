"""The spread of one measurement over several rounds: lowest, median, highest."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, kw_only=True)
class Spread:
    """The figures of several rounds. Goals are compared with the median."""

    low: float
    median: float
    high: float
    rounds: int


def spread(values: Sequence[float]) -> Spread:
    """Lowest, median and highest of at least one figure.

    >>> spread([3.0, 1.0, 2.0])
    Spread(low=1.0, median=2.0, high=3.0, rounds=3)
    """
    return Spread(low=min(values), median=median(values), high=max(values), rounds=len(values))


def ratios(upper: Sequence[float], lower: Sequence[float]) -> list[float]:
    """The ratio of each round: figures of the same round are divided, never medians over rounds.

    Raises ValueError when the numbers of rounds differ.

    >>> ratios([4.0, 9.0], [2.0, 3.0])
    [2.0, 3.0]
    """
    return [above / below for above, below in zip(upper, lower, strict=True)]


def spread_text(found: Spread) -> str:
    """'median (lowest to highest)', or the figure alone for one round.

    >>> spread_text(spread([0.1, 0.2, 0.4]))
    '0.20 (0.10 to 0.40)'
    >>> spread_text(spread([16412.0]))
    '16,412'
    """
    middle = number_text(found.median)
    if found.rounds == 1:
        return middle
    return f"{middle} ({number_text(found.low)} to {number_text(found.high)})"


def number_text(value: float) -> str:
    """A figure with at least three significant digits.

    >>> [number_text(value) for value in (1234567.8, 45.67, 1.234, 0.01234)]
    ['1,234,568', '45.7', '1.23', '0.012']
    """
    size = abs(value)
    digits = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 0.1 else 3
    return f"{value:,.{digits}f}"
