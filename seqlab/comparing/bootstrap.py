"""Would the difference stand on other sentences? The paired bootstrap (Efron & Tibshirani 1993).

Sentences are drawn with replacement, the same ones for both settings, and both are scored on them.
Each resample adds up sums per sentence: a matrix product, not a second scoring. What it does not
answer is whether other seeds would give the difference again: see `intervals`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from seqlab.arrays import DoubleArray, Int64Array

CHUNK = 2**22  # drawn sentences that are held at once
FIGURES = ("micro_f1", "macro_f1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resampled:
    """A difference over resamples. low, high: where the middle 95 % lie. p: two-sided."""

    low: float | None
    high: float | None
    p: float

    def to_json(self) -> dict[str, Any]:
        """As results.json holds it."""
        return {"low": self.low, "high": self.high, "p": self.p}


def paired_bootstrap(
    ours: Sequence[Int64Array],
    theirs: Sequence[Int64Array],
    *,
    resamples: int,
    seed: int = 1,
    same_sentences: bool = True,
) -> dict[str, Resampled]:
    """Resampled micro and macro F1 of `ours` less `theirs`, each averaged over seeds.

    ours, theirs: for each seed int64 (N, C, 3), per sentence and class correct, predicted, gold.
    same_sentences: every seed scored the same N, so that one draw serves all of them.
    """
    rng = np.random.default_rng(seed)
    sizes = [len(counts) for counts in theirs]
    pairs = [np.stack(pair, axis=1) for pair in zip(ours, theirs, strict=True)]
    parts = []
    for rows in chunks(resamples, max(sizes)):
        drawn = None
        total = np.zeros((rows, 2, len(FIGURES)))
        for size, pair in zip(sizes, pairs, strict=True):
            if drawn is None or not same_sentences:
                drawn = draw(rng, rows, size)
            sums = drawn @ pair.reshape(size, -1).astype(np.float64)
            total += f1_of_sums(sums.reshape(rows, *pair.shape[1:]))
        parts.append(total / len(pairs))
    means = np.concatenate(parts)
    differences = means[:, 0] - means[:, 1]
    return {name: judge(differences[:, index]) for index, name in enumerate(FIGURES)}


def chunks(resamples: int, sentences: int) -> Iterator[int]:
    """How many resamples to draw at a time, so that memory stays bounded."""
    rows = max(1, CHUNK // max(1, sentences))
    for start in range(0, resamples, rows):
        yield min(rows, resamples - start)


def draw(rng: np.random.Generator, rows: int, sentences: int) -> DoubleArray:
    """float64 (rows, N): how often each sentence is drawn in each resample."""
    picks = rng.integers(sentences, size=(rows, sentences))
    picks += np.arange(rows)[:, None] * sentences
    counts = np.bincount(picks.ravel(), minlength=rows * sentences)
    return counts.reshape(rows, sentences).astype(np.float64)


def f1_of_sums(sums: DoubleArray) -> DoubleArray:
    """Micro and macro F1 (…, 2) of sums (…, C, 3); not a number where undefined.

    As in `figures`: macro F1 is the mean over the classes with gold support.
    """
    gold = sums[..., 2] > 0
    with np.errstate(invalid="ignore", divide="ignore"):
        classes = np.where(gold, f1(sums), 0.0)
        macro = classes.sum(axis=-1) / gold.sum(axis=-1)
        return np.stack([f1(sums.sum(axis=-2)), macro], axis=-1)


def f1(sums: DoubleArray) -> DoubleArray:
    """2 correct / (predicted + gold)."""
    found: DoubleArray = 2 * sums[..., 0] / (sums[..., 1] + sums[..., 2])
    return found


def judge(differences: DoubleArray) -> Resampled:
    """The interval, and twice the share of resamples on the rarer side of 0, the sample counted in."""
    known = differences[np.isfinite(differences)]
    if not len(known):
        return Resampled(low=None, high=None, p=1.0)
    low, high = np.quantile(known, (0.025, 0.975))
    rarer = min(np.count_nonzero(known <= 0), np.count_nonzero(known >= 0))
    return Resampled(
        low=float(low), high=float(high), p=min(1.0, 2 * (1 + rarer) / (1 + len(known)))
    )
