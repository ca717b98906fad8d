"""How many seeds can decide which difference: the power of the paired t-test over seeds.

A difference is decided when its t-interval leaves 0 out. The calculation takes differences over seeds as normally
distributed; the t statistic then has the noncentral t distribution (Cohen 1988, chapter 2).
"""

import math
from collections.abc import Sequence

from seqlab.comparing.intervals import LEVEL, deviation

POWER = 0.8  # the chance that a true difference of the stated size is decided
TYPICAL_DEVIATION = 0.02
"""Standard deviation of macro F1 over seeds. Three in four settings of the studies in docs/ have less; see
scripts/studies/seed_spread.py, which counts it."""
SHOWN_SEEDS = (2, 5, 10)
MOST_SEEDS = 100


def smallest_difference(seeds: int, deviation_of_differences: float) -> float | None:
    """The smallest true difference that this many seeds decide with a chance of `POWER`; None for fewer than two seeds.

    >>> round(smallest_difference(5, 0.03), 3)
    0.05
    """
    if seeds < 2:
        return None
    from scipy.special import nctdtrinc, stdtrit  # imported late for a quick --help

    critical = stdtrit(seeds - 1, (1 + LEVEL) / 2)
    # The noncentrality with which a statistic exceeds the critical value in POWER of all cases.
    noncentrality = nctdtrinc(seeds - 1, 1 - POWER, critical)
    return float(noncentrality) * deviation_of_differences / math.sqrt(seeds)


def seeds_needed(difference: float, deviation_of_differences: float) -> int | None:
    """The fewest seeds that decide a difference of this size; None if `MOST_SEEDS` are too few."""
    for seeds in range(2, MOST_SEEDS + 1):
        smallest = smallest_difference(seeds, deviation_of_differences)
        if smallest is not None and smallest <= abs(difference):
            return seeds
    return None


def typical_deviation_of_differences() -> float:
    """The deviation of differences between two settings whose seeds are independent."""
    return math.sqrt(2) * TYPICAL_DEVIATION


def pooled_deviation(groups: Sequence[Sequence[float]]) -> float | None:
    """The standard deviation within groups, pooled over those of two or more values; None if there is none."""
    known = [values for values in groups if len(values) > 1]
    freedom = sum(len(values) - 1 for values in known)
    if not freedom:
        return None
    squares = math.fsum((len(values) - 1) * deviation(values) ** 2 for values in known)
    return math.sqrt(squares / freedom)


def power_text(seeds: int, deviation_of_differences: float, *, source: str) -> str:
    """One line: the differences that this number of seeds decides, and other numbers of seeds.

    source: where the deviation comes from, as a clause.
    """
    counts = sorted({seeds, *SHOWN_SEEDS})
    sizes = [(n, smallest_difference(n, deviation_of_differences)) for n in counts]
    told = [f"{n} above {size_text(size)}" for n, size in sizes if size is not None and n != seeds]
    own = smallest_difference(seeds, deviation_of_differences)
    fact = (
        "1 seed decides no difference"
        if own is None
        else f"{seeds} seeds can decide differences of macro F1 above {size_text(own)}"
    )
    return f"{fact}; {', '.join(told)} ({source}; power {POWER:.0%})"


def size_text(size: float) -> str:
    """A difference of F1 in two digits, or '1' if no difference is as large.

    >>> size_text(0.3267), size_text(0.0476), size_text(1.7)
    ('0.33', '0.048', '1')
    """
    return "1" if size >= 1 else f"{size:.2g}"
