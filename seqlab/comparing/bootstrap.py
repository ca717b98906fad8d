"""Whether a difference would hold on other sentences: the paired bootstrap (Efron & Tibshirani 1993).

Each resample draws sentences with replacement and scores both settings on the same draw. It only adds
up counts per sentence, so a resample is a row of a matrix product and needs no second scoring. Whether
the difference would hold under other seeds is a different question: see `intervals`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from seqlab.arrays import DoubleArray, Int64Array

CHUNK = 2**22  # drawn sentences that are held in memory at once
FIGURES = ("micro_f1", "macro_f1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resampled:
    """A difference over resamples. low, high: ends of the middle 95 %. p: two-sided p-value."""

    low: float | None
    high: float | None
    p: float


def paired_bootstrap(
    ours: Sequence[Int64Array],
    theirs: Sequence[Int64Array],
    *,
    resamples: int,
    seed: int = 1,
    same_sentences: bool = True,
) -> dict[str, Resampled]:
    """Micro and macro F1 of `ours` minus `theirs` over resamples, each F1 averaged over training seeds.

    ours, theirs: for each training seed int64 (N, C, 3), the correct, predicted and gold spans (or
    tokens) per sentence and class.
    seed: of the random draws.
    same_sentences: all training seeds scored the same N sentences, so that one draw serves them all.
    """
    rng = np.random.default_rng(seed)
    sizes = [len(counts) for counts in theirs]
    pairs = [np.stack(pair, axis=1) for pair in zip(ours, theirs, strict=True)]
    parts = []
    for rows in chunk_sizes(resamples, max(sizes)):
        drawn = None
        total = np.zeros((rows, 2, len(FIGURES)))
        for size, pair in zip(sizes, pairs, strict=True):
            if drawn is None or not same_sentences:
                drawn = draw_sentences(rng, rows, size)
            # (rows, N) @ (N, 2 * C * 3): the counts of each resample, for both settings at once.
            sums = drawn @ pair.reshape(size, -1).astype(np.float64)
            total += f1_of_sums(sums.reshape(rows, *pair.shape[1:]))
        parts.append(total / len(pairs))
    means = np.concatenate(parts)
    differences = means[:, 0] - means[:, 1]
    return {name: judge_resamples(differences[:, i]) for i, name in enumerate(FIGURES)}


def chunk_sizes(resamples: int, sentences: int) -> Iterator[int]:
    """How many resamples to draw at a time, so that memory stays bounded."""
    rows = max(1, CHUNK // max(1, sentences))
    for start in range(0, resamples, rows):
        yield min(rows, resamples - start)


def draw_sentences(rng: np.random.Generator, rows: int, sentences: int) -> DoubleArray:
    """float64 (rows, N): how often each sentence is drawn in each resample."""
    picks = rng.integers(sentences, size=(rows, sentences))
    # One range of numbers per row: one bincount counts all.
    picks += np.arange(rows)[:, None] * sentences
    counts = np.bincount(picks.ravel(), minlength=rows * sentences)
    return counts.reshape(rows, sentences).astype(np.float64)


def f1_of_sums(sums: DoubleArray) -> DoubleArray:
    """Micro and macro F1 (…, 2) of sums (…, C, 3); NaN where undefined.

    As in `scoring.figures`, macro F1 is the mean over the classes with gold support.
    """
    gold = sums[..., 2] > 0
    with np.errstate(invalid="ignore", divide="ignore"):
        classes = np.where(gold, f1_ratio(sums), 0.0)
        macro = classes.sum(axis=-1) / gold.sum(axis=-1)
        return np.stack([f1_ratio(sums.sum(axis=-2)), macro], axis=-1)


def f1_ratio(sums: DoubleArray) -> DoubleArray:
    """2 * correct / (predicted + gold)."""
    f1: DoubleArray = 2 * sums[..., 0] / (sums[..., 1] + sums[..., 2])
    return f1


def judge_resamples(differences: DoubleArray) -> Resampled:
    """The interval, and the p-value: twice the share of resamples on the rarer side of 0.

    The sample itself counts as one more resample, so that p is never 0.
    """
    known = differences[np.isfinite(differences)]
    if not len(known):
        return Resampled(low=None, high=None, p=1.0)
    low, high = np.quantile(known, (0.025, 0.975))
    rarer = min(np.count_nonzero(known <= 0), np.count_nonzero(known >= 0))
    p = min(1.0, 2 * (1 + rarer) / (1 + len(known)))
    return Resampled(low=float(low), high=float(high), p=p)
