"""Cross-fitting: how much of a tuned bias to keep, judged on sentences it was not tuned on.

A bias tuned on a few hundred spans also fits their noise. So the same search runs on all folds but one,
and its bias is applied to the fold left out. The held-out folds together choose the share of the bias to
keep, from 0 to 1 (Stone 1974, "Cross-validatory choice and assessment of statistical predictions").
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from seqlab.arrays import BoolArray, Int32Array
from seqlab.tuning.labelled_scores import LabelledScores, bias_by_tag
from seqlab.tuning.objectives import ObjectiveValue, TuningObjective

FOLDS = 5
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)

BiasTuner = Callable[[LabelledScores], Mapping[str, float]]
"""Tunes the bias of each class on labelled sentences."""


@dataclass(frozen=True, kw_only=True)
class Trust:
    """The result of cross-fitting a bias.

    share: the share of the bias to keep. folds: how many folds were left out in turn.
    before, after: objective on the held-out folds without a bias, and with `share` of it.
    """

    share: float
    folds: int
    before: ObjectiveValue
    after: ObjectiveValue


def cross_fit(
    data: LabelledScores,
    tune: BiasTuner,
    objective: TuningObjective,
    *,
    folds: int = FOLDS,
    shares: Sequence[float] = SHARES,
) -> Trust | None:
    """Find the share of the bias with the best objective on held-out sentences.

    Among equal values the smallest share wins. Returns None for fewer than two sentences.
    """
    masks = list(fold_masks(data, folds))
    if len(masks) < 2:
        return None
    biases = [tune(data.subset(~mask)) for mask in masks]

    def value(share: float) -> ObjectiveValue:
        # Decide each fold with the bias that was tuned without it. Then score all folds together:
        # F1 is not additive, so a mean over folds would favour other shares.
        tag_ids: Int32Array = np.zeros(len(data.gold), np.int32)
        for mask, bias in zip(masks, biases, strict=True):
            fold = data.subset(mask)
            tag_ids[mask] = fold.decide_legally(share * bias_by_tag(fold, bias))
        return objective(data.counts(tag_ids))

    values = {share: value(share) for share in sorted({0.0, *shares})}
    best = max(values, key=values.__getitem__)  # max keeps the first, so the smallest, of equals
    return Trust(share=best, folds=len(masks), before=values[0.0], after=values[best])


def fold_masks(data: LabelledScores, folds: int) -> Iterator[BoolArray]:
    """Yield bool (M,) per fold, True on its tokens. Each sentence is in exactly one fold.

    Sentences are sorted by the frequency of their rarest tag and dealt out in turn, so that each fold
    gets its share of the rare tags.
    """
    sentence = np.cumsum(data.first) - 1
    sentences = int(data.first.sum())
    frequency = np.bincount(data.gold, minlength=len(data.names))
    rarest = np.full(sentences, len(data.gold) + 1)
    # np.minimum.at, because plain fancy assignment would keep only a sentence's last token.
    np.minimum.at(rarest, sentence, frequency[data.gold])
    fold = np.empty(sentences, np.int64)
    fold[np.argsort(rarest, kind="stable")] = np.arange(sentences) % folds
    for number in range(min(folds, sentences)):
        yield fold[sentence] == number
