"""Whether a figure would hold on other sentences: the paired bootstrap (Efron & Tibshirani 1993).

Each resample draws sentences with replacement and scores both settings on the same draw. It only adds
up counts per sentence, so a resample is a row of a matrix product and needs no second scoring. Where whole
documents are drawn, a row of counts holds those of a document. Whether the difference would hold under other
seeds is a different question: see `intervals`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seqlab.arrays import DoubleArray, Int64Array
from seqlab.errors import SettingsError
from seqlab.machine.numbers import is_whole
from seqlab.scoring.resampling import chunk_sizes, f1_ratio, middle

FIGURES = ("micro_f1", "macro_f1")
MOST_RESAMPLES = 1_000_000  # all of them are kept until their quantiles are known


@dataclass(frozen=True, slots=True, kw_only=True)
class Resampled:
    """A difference over resamples. low, high: ends of the middle 95 %. p: two-sided p-value."""

    low: float | None
    high: float | None
    p: float


def check_resamples(resamples: object) -> None:
    """Raise SettingsError unless this is a whole number from 1 to `MOST_RESAMPLES`."""
    fact = f"resamples is {resamples!r}: expected a whole number of"
    if not is_whole(resamples) or resamples < 1:
        raise SettingsError(f"{fact} 1 or more")
    if resamples > MOST_RESAMPLES:
        raise SettingsError(f"{fact} {MOST_RESAMPLES:,} or less")


def paired_bootstrap(
    ours: Sequence[Int64Array],
    theirs: Sequence[Int64Array],
    *,
    resamples: int,
    seed: int = 1,
    same_sentences: bool = True,
) -> list[Resampled]:
    """Each F1 of `ours` minus that of `theirs` over resamples, averaged over training seeds.

    ours, theirs: for each training seed int64 (N, C, 3), the correct, predicted and gold spans (or
    tokens) per sentence and class.
    seed: of the random draws.
    same_sentences: all training seeds scored the same N sentences, so that one draw serves them all.
    Returns the differences of micro F1, of macro F1 and of the F1 of each class.
    """
    pairs = [np.stack(pair, axis=1) for pair in zip(ours, theirs, strict=True)]
    means = resampled_f1(pairs, resamples=resamples, seed=seed, same_sentences=same_sentences)
    differences = means[:, 0] - means[:, 1]
    return [judge_resamples(column) for column in differences.T]


def resampled_f1(
    counts: Sequence[Int64Array], *, resamples: int, seed: int, same_sentences: bool
) -> DoubleArray:
    """float64 (R, S, 2 + C): micro F1, macro F1 and the F1 of each class in each resample, averaged over seeds.

    counts: for each training seed int64 (N, S, C, 3), the counts of S settings.
    """
    rng = np.random.default_rng(seed)
    parts = []
    for rows in chunk_sizes(resamples, max(map(len, counts))):
        drawn = None
        total = np.zeros((rows, counts[0].shape[1], len(FIGURES) + counts[0].shape[2]))
        for each in counts:
            if drawn is None or not same_sentences:
                drawn = draw_sentences(rng, rows, len(each))
            # (rows, N) @ (N, S * C * 3): the counts of each resample, for all settings at once.
            sums = drawn @ each.reshape(len(each), -1).astype(np.float64)
            total += f1_of_sums(sums.reshape(rows, *each.shape[1:]))
        parts.append(total / len(counts))
    return np.concatenate(parts)


def draw_sentences(rng: np.random.Generator, rows: int, sentences: int) -> DoubleArray:
    """float64 (rows, N): how often each sentence is drawn in each resample."""
    picks = rng.integers(sentences, size=(rows, sentences))
    # One range of numbers per row: one bincount counts all.
    picks += np.arange(rows)[:, None] * sentences
    counts = np.bincount(picks.ravel(), minlength=rows * sentences)
    return counts.reshape(rows, sentences).astype(np.float64)


def f1_of_sums(sums: DoubleArray) -> DoubleArray:
    """Micro F1, macro F1 and the F1 of each class (…, 2 + C) of sums (…, C, 3); NaN where undefined.

    As in `scoring.figures`, macro F1 is the mean over the classes with gold support.
    """
    gold = sums[..., 2] > 0
    with np.errstate(invalid="ignore", divide="ignore"):
        classes = f1_ratio(sums)
        macro = np.where(gold, classes, 0.0).sum(axis=-1) / gold.sum(axis=-1)
        micro = f1_ratio(sums.sum(axis=-2))
    return np.concatenate([micro[..., None], macro[..., None], classes], axis=-1)


def judge_resamples(differences: DoubleArray) -> Resampled:
    """The interval, and the p-value: twice the share of resamples on the rarer side of 0.

    The sample itself counts as one more resample, so that p is never 0.
    """
    known = differences[np.isfinite(differences)]
    interval = middle(known)
    if interval is None:
        return Resampled(low=None, high=None, p=1.0)
    rarer = min(np.count_nonzero(known <= 0), np.count_nonzero(known >= 0))
    p = min(1.0, 2 * (1 + int(rarer)) / (1 + len(known)))
    return Resampled(low=interval[0], high=interval[1], p=p)
