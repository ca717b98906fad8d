"""Figures with their units, as table cells."""

from collections.abc import Sequence

from bench.spread import number_text, spread, spread_text
from seqlab.machine.wording import UNDEFINED

UNITS = {
    "s": ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")),
    "B": ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1.0, "B")),
}


def scaled(value: float, unit: str) -> str:
    """A figure in the unit that suits its size.

    >>> scaled(0.0021, "s"), scaled(7.3e8, "B"), scaled(0.5, "B")
    ('2.10 ms', '730 MB', '0.50 B')
    """
    for size, name in UNITS[unit]:
        if (
            abs(value) >= 0.9995 * size
        ):  # which is shown as 1.00 of this unit, not as 1,000 of the next
            return f"{number_text(value / size)} {name}"
    size, name = UNITS[unit][-1]
    return f"{number_text(value / size)} {name}"


def figure_cell(values: Sequence[float] | None, *, divide: float = 1.0) -> str:
    """The spread of a figure over its rounds, or a dash if it was not measured."""
    return spread_text(spread([value / divide for value in values])) if values else UNDEFINED
