"""The spread of a figure over several rounds (lowest, median, highest), and figures as text."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from seqlab.machine.wording import UNDEFINED

UNITS = {
    "s": ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")),
    "B": ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1.0, "B")),
}


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
    """The ratio of two figures in each round. Medians over rounds are never divided.

    Raises ValueError when the numbers of rounds differ.

    >>> ratios([4.0, 9.0], [2.0, 3.0])
    [2.0, 3.0]
    """
    return [above / below for above, below in zip(upper, lower, strict=True)]


def spread_text(values: Spread) -> str:
    """'median (lowest to highest)', or only the figure for one round.

    >>> spread_text(spread([0.1, 0.2, 0.4]))
    '0.20 (0.10 to 0.40)'
    >>> spread_text(spread([16412.0]))
    '16,412'
    """
    middle = number_text(values.median)
    if values.rounds == 1:
        return middle
    return f"{middle} ({number_text(values.low)} to {number_text(values.high)})"


def number_text(value: float) -> str:
    """A figure with at least three significant digits.

    >>> [number_text(value) for value in (1234567.8, 45.67, 1.234, 0.01234)]
    ['1,234,568', '45.7', '1.23', '0.012']
    """
    size = abs(value)
    digits = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 0.1 else 3
    return f"{value:,.{digits}f}"


def scaled(value: float, unit: str) -> str:
    """A figure in the unit that suits its size.

    >>> scaled(0.0021, "s"), scaled(7.3e8, "B"), scaled(0.5, "B")
    ('2.10 ms', '730 MB', '0.50 B')
    """
    # From 0.9995 on, a figure is shown as 1.00 of a unit, not as 1,000 of the next smaller one.
    suiting = [(size, name) for size, name in UNITS[unit] if abs(value) >= 0.9995 * size]
    size, name = suiting[0] if suiting else UNITS[unit][-1]
    return f"{number_text(value / size)} {name}"


def figure_cell(values: Sequence[float] | None, *, divide: float = 1.0) -> str:
    """The spread of a figure over its rounds as a table cell, or a dash if it was not measured."""
    return spread_text(spread([value / divide for value in values])) if values else UNDEFINED
