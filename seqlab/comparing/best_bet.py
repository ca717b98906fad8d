"""The best setting or run of a comparison, and how many seeds or test sentences would decide that it is."""

import math
from collections.abc import Mapping

from seqlab.comparing.differences import Scored, corrected, tests_against
from seqlab.comparing.intervals import Spread, deviation
from seqlab.comparing.power import POWER, seeds_needed
from seqlab.comparing.results import ALPHA, BestBet, SettingDifference

FIGURE = "macro_f1"
DECIDED = ("better", "worse")


def best_bet(scored: Scored, means: Mapping[str, Spread], sentences: int) -> BestBet | None:
    """The setting with the highest mean macro F1 against the next; None with fewer than two.

    means: macro F1 of each setting over its seeds. sentences: how many were scored.
    """
    known = {name: spread.mean for name, spread in means.items() if spread.mean is not None}
    ranked = sorted(known, key=lambda name: -known[name])
    if len(ranked) < 2:
        return None
    best, rival = ranked[:2]
    tests = tests_against(scored, best, rival)
    if tests is None:
        return None
    difference = corrected({best: {FIGURE: tests.figures[FIGURE]}}, scored.trained)[best][FIGURE]
    return BestBet(
        name=best,
        rival=rival,
        difference=difference,
        seeds=seeds_that_settle(difference),
        sentences=sentences_that_settle(difference, sentences),
    )


def seeds_that_settle(difference: SettingDifference) -> int | None:
    """The seeds that decide a true difference of the size seen, if seeds go on to differ as much."""
    values, mean = difference.seeds.values, difference.seeds.mean
    if len(values) < 2 or not mean:
        return None
    return seeds_needed(mean, deviation(values))


def sentences_that_settle(difference: SettingDifference, sentences: int) -> int | None:
    """The test sentences that decide a true difference of the size seen; None where those at hand do, or none would.

    The standard error over sentences falls with the square root of their number.
    """
    low, high, mean = difference.sentences.low, difference.sentences.high, difference.seeds.mean
    if difference.corrected < ALPHA or low is None or high is None or not mean:
        return None
    from scipy.special import ndtri  # the normal quantile; imported late for a quick --help

    two_sided = float(ndtri(1 - ALPHA / 2))
    error = (high - low) / (2 * two_sided)
    needed = (two_sided + float(ndtri(POWER))) * error / abs(mean)
    return math.ceil(sentences * max(1.0, needed**2))
