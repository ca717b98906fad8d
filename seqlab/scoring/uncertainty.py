"""How certain a score is: the interval of F1 of each class, and the smallest difference that this many items can show.

The interval is that of a Bayesian bootstrap (Rubin 1981): each resample gives every document or sentence a random
weight. It also adds a third of an item, on average, to the correct items of a class and to its errors (Kerman 2011).
Without it, a class whose items are all correct would have the interval from 1 to 1. The ends are those of the expanded
percentile interval (Hesterberg 2015), because a sample of few documents varies less than all documents do. docs/scores.md
shows the coverage.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from seqlab.arrays import BoolArray, DoubleArray, Int64Array
from seqlab.scoring.items import ScoredItems
from seqlab.scoring.resampling import chunk_sizes

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Interval = tuple[float, float]
RESAMPLES = 1000
PRIOR = 1 / 3
MOST_UNITS = 10_000  # more documents or sentences are drawn in blocks of equal size
FEWEST_DOCUMENTS = 10  # with fewer, sentences are resampled
FEWEST_GOLD = 10  # with fewer gold items, no test finds a difference
DETECTABLE = (
    2.80  # 1.96 + 0.84 standard errors: a test at 5 % finds such a difference in 80 % of cases
)
DECIDING_ITEMS = 6  # of a sign test: 2 * 0.5 ** 6 < 0.05, but 2 * 0.5 ** 5 > 0.05


class ClassCertainty(NamedTuple):
    """How certain the F1 of a class is. f1_interval: 95 %; None without gold items.

    smallest_difference: between two taggers on these items that a test can find; None with fewer than `FEWEST_GOLD`.
    """

    f1_interval: Interval | None
    smallest_difference: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Certainty:
    """How certain the scores of a split are. resampled: 'documents' or 'sentences'. Intervals: 95 %; None if undefined."""

    resampled: str
    micro_f1_interval: Interval | None
    macro_f1_interval: Interval | None
    classes: Mapping[str, ClassCertainty]

    def to_json(self) -> dict[str, Any]:
        """The entries of a split in metrics.json, without those of its classes."""
        pairs = (self.micro_f1_interval, self.macro_f1_interval)
        micro, macro = (None if pair is None else list(pair) for pair in pairs)
        return {
            "micro_f1_interval": micro,
            "macro_f1_interval": macro,
            "resampled": self.resampled,
        }


def certainty(
    items: ScoredItems,
    documents: Sequence[Hashable | None] = (),
    *,
    resamples: int = RESAMPLES,
    seed: int = 1,
) -> Certainty:
    """The intervals of micro F1, macro F1 and the F1 of each class.

    documents: the document of each sentence; None for one without. They are resampled if there are `FEWEST_DOCUMENTS`
        or more, and sentences otherwise.
    seed: of the random weights. The same items and seed give the same intervals.
    """
    resampled, units = resampled_units(documents, len(items.lengths))
    marked, size = items.marked, len(items.marked.names)
    counts = np.array([  # (3, C + 1): correct, predicted and gold items of each class and of all
        with_total(np.bincount(classes, minlength=size))
        for classes in (marked.predicted_class[marked.correct], marked.predicted_class, marked.gold_class)
    ])  # fmt: skip
    correct, predicted, gold = counts
    f1 = 2 * correct / np.maximum(predicted + gold, 1)
    ends = interval_ends(np.bincount(units, weights=items.lengths).astype(np.float64))
    drawn = resampled_f1(unit_sums(items, units), resamples=resamples, seed=seed)
    supported = np.flatnonzero(gold[:-1])
    intervals = intervals_of(drawn, f1, gold > 0, ends)
    macro = None
    if len(supported):
        means, mean = drawn[:, supported].mean(axis=1), f1[supported].mean()
        (macro,) = intervals_of(means[:, None], np.array([mean]), np.ones(1, np.bool_), ends)
    spread = drawn.std(axis=0)
    return Certainty(
        resampled=resampled,
        micro_f1_interval=intervals[-1],
        macro_f1_interval=macro,
        classes={
            name: ClassCertainty(
                intervals[index], smallest_difference(spread[index], *counts[:, index].tolist())
            )
            for index, name in enumerate(marked.names)
            if gold[index] or predicted[index]
        },
    )


def with_total(counts: Int64Array) -> Int64Array:
    """int64 (C + 1,): the counts of C classes, and their sum."""
    return np.append(counts, counts.sum())


def resampled_units(documents: Sequence[Hashable | None], sentences: int) -> tuple[str, Int64Array]:
    """What is resampled, and int64 (N,), the number of the document or sentence that each sentence belongs to."""
    number_of: dict[Hashable | None, int] = {}
    for document in documents:
        number_of.setdefault(document, len(number_of))
    if len(number_of) >= FEWEST_DOCUMENTS:
        units = np.fromiter((number_of[d] for d in documents), np.int64, count=sentences)
        return "documents", units
    return "sentences", np.arange(sentences)


def unit_sums(items: ScoredItems, units: Int64Array) -> "csr_array":
    """float64 (U, 2 * (C + 1)), sparse: correct items per unit of each class and of all, then errors likewise.

    An error is a gold item that is not found, or a prediction that is not correct. So F1 is
    2 * correct / (2 * correct + errors). units: int64 (N,), the unit of each sentence.
    """
    from scipy.sparse import coo_array  # imported late: epochs need no intervals

    marked, missed = items.marked, ~items.found
    correct, wrong = marked.correct, ~marked.correct
    size = len(marked.names) + 1
    tokens = [marked.predicted[correct], marked.predicted[wrong], marked.gold[missed]]
    classes = [marked.predicted_class[correct], marked.predicted_class[wrong] + size]
    classes.append(marked.gold_class[missed] + size)
    total = [np.full(len(part), size * (2 if i else 1) - 1) for i, part in enumerate(tokens)]
    rows = np.tile(units[items.sentence[np.concatenate(tokens)]], 2)
    columns = np.concatenate([*classes, *total])
    count = int(units.max()) + 1 if len(units) else 1
    return coo_array((np.ones(len(rows)), (rows, columns)), shape=(count, 2 * size)).tocsr()


def resampled_f1(sums: "csr_array", *, resamples: int, seed: int) -> DoubleArray:
    """float64 (R, C + 1): the F1 of each class, and micro F1, in each resample. sums: as `unit_sums` gives them."""
    weights, priors, deal = np.random.default_rng(seed).spawn(3)
    # Items of one document tend to be right or wrong together, so the prior grows with their number, but slower:
    # with its square root the intervals hold the true F1 best (docs/scores.md).
    prior = np.sqrt(typical_items(sums))
    if sums.shape[0] > MOST_UNITS:
        sums = in_blocks(sums, deal.permutation(sums.shape[0]) % MOST_UNITS)
    units, columns = sums.shape
    size = columns // 2
    parts = []
    for rows in chunk_sizes(resamples, max(units, columns)):
        drawn = weights.standard_exponential((rows, units)) @ sums
        drawn += prior * priors.standard_gamma(PRIOR, (rows, columns))
        correct, errors = 2 * drawn[:, :size], drawn[:, size:]
        parts.append(correct / (correct + errors))
    return np.concatenate(parts)


def typical_items(sums: "csr_array") -> DoubleArray:
    """float64 (2 * (C + 1),): the items of a class in the unit of a typical item of it; at least 1."""
    size = sums.shape[1] // 2
    items = (sums[:, :size] + sums[:, size:]).tocsr()
    squares, totals = items.power(2).sum(axis=0), items.sum(axis=0)
    return np.tile(np.maximum(squares / np.maximum(totals, 1), 1.0), 2)


def in_blocks(sums: "csr_array", block: Int64Array) -> "csr_array":
    """The sums per block of units. block: int64 (U,), the block of each unit."""
    from scipy.sparse import coo_array

    parts = sums.tocoo()
    shape = (MOST_UNITS, sums.shape[1])
    return coo_array((parts.data, (block[parts.row], parts.col)), shape=shape).tocsr()


def interval_ends(sizes: DoubleArray) -> tuple[float, float]:
    """The quantiles of the resamples that are the ends of an interval of 95 %: 0.025 and 0.975 with many units.

    sizes: float64 (U,), tokens of each unit. Unequal units count as fewer (Kish 1965).

    >>> [round(interval_ends(np.ones(units))[0], 4) for units in (10, 30, 1000)]
    [0.0086, 0.0188, 0.0248]
    """
    from scipy.special import ndtr, stdtrit

    count = max(2.0, float(sizes.sum() ** 2 / max((sizes**2).sum(), 1)))
    distance = stdtrit(count - 1, 0.975) * (count / (count - 1)) ** 0.5
    low = float(ndtr(-distance))
    return low, 1 - low


def intervals_of(
    drawn: DoubleArray, f1: DoubleArray, defined: BoolArray, ends: tuple[float, float]
) -> list[Interval | None]:
    """These two quantiles of each column, widened to hold its F1; None where undefined.

    drawn: float64 (R, K). f1: float64 (K,), on the items themselves. defined: bool (K,).
    """
    low, high = np.quantile(drawn, ends, axis=0)
    pairs = zip(np.minimum(low, f1).tolist(), np.maximum(high, f1).tolist(), strict=True)
    return [pair if known else None for pair, known in zip(pairs, defined.tolist(), strict=True)]


def smallest_difference(spread: float, correct: int, predicted: int, gold: int) -> float | None:
    """The smallest difference of F1 between two taggers that these items can show; None if too few.

    It is 2.8 standard errors of the difference, so that a two-sided test at 5 % finds it in 80 % of cases. The
    standard error of the difference is that of F1 itself if the errors of both taggers correlate by a half, as here
    assumed. It is never below what six items change: a sign test decides nothing on fewer.
    spread: the standard error of F1. correct, predicted, gold: items.

    >>> smallest_difference(0.05, correct=60, predicted=100, gold=100)
    0.13999999999999999
    >>> smallest_difference(0.05, correct=5, predicted=6, gold=9) is None
    True
    """
    if gold < FEWEST_GOLD:
        return None
    items = predicted + gold - correct

    def f1(right: int) -> float:
        return 2 * right / (items + right)

    better = f1(min(correct + DECIDING_ITEMS, items)) - f1(correct)
    worse = f1(correct) - f1(max(correct - DECIDING_ITEMS, 0))
    possible = [
        change
        for change, room in ((better, items - correct), (worse, correct))
        if room >= DECIDING_ITEMS
    ]
    least = min(possible, default=max(better, worse))
    return max(DETECTABLE * float(spread), least)
