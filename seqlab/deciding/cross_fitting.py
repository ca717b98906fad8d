"""How much of a tuned bias to believe: tune without a part of the sentences, look at that part.

A bias that was searched for on a few hundred spans fits their accidents too. So the same search is run
on all folds but one and applied to the one left out; what all left-out folds say together decides the
share of the bias that is kept, from all of it down to nothing (cross-fitting; Stone 1974 on
cross-validatory choice).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from seqlab.arrays import BoolArray, Int32Array
from seqlab.deciding.bias import LabelledScores, Objective, Value, bias_by_tag

FOLDS = 5
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)

Tune = Callable[[LabelledScores], Mapping[str, float]]
"""From sentences to the bias of each class."""


@dataclass(frozen=True, kw_only=True)
class Trust:
    """What left-out sentences say of a tuned bias.

    share: of the bias, what is kept. folds: how many parts were left out in turn.
    before, after: the objective on them without a bias, and with `share` of it; greater is better.
    """

    share: float
    folds: int
    before: Value
    after: Value


def cross_fit(
    data: LabelledScores,
    tune: Tune,
    objective: Objective,
    *,
    folds: int = FOLDS,
    shares: Sequence[float] = SHARES,
) -> Trust | None:
    """The share of the bias with the best objective on sentences that it was not tuned on.

    Of equal values the smaller share is taken. Returns None with fewer than two sentences.
    """
    parts = list(left_out(data, folds))
    if len(parts) < 2:
        return None
    biases = [tune(data.part(~part)) for part in parts]

    def value(share: float) -> Value:
        decided: Int32Array = np.zeros(len(data.gold), np.int32)
        for part, bias in zip(parts, biases, strict=True):
            own = data.part(part)
            decided[part] = own.decide_legally(share * bias_by_tag(own, bias))
        return objective(data.sums(decided))

    values = {share: value(share) for share in sorted({0.0, *shares})}
    best = max(values, key=values.__getitem__)  # the first of equals: the smaller
    return Trust(share=best, folds=len(parts), before=values[0.0], after=values[best])


def left_out(data: LabelledScores, folds: int) -> Iterator[BoolArray]:
    """The tokens of each fold, bool (M,): whole sentences.

    Sentences are dealt out in the order of their rarest class, so that each fold gets its share of it.
    """
    sentence = np.cumsum(data.first) - 1
    count = int(data.first.sum())
    tags = np.bincount(data.gold, minlength=len(data.names))
    rarest = np.full(count, len(data.gold) + 1)
    np.minimum.at(rarest, sentence, tags[data.gold])
    fold = np.empty(count, np.int64)
    fold[np.argsort(rarest, kind="stable")] = np.arange(count) % folds
    for number in range(min(folds, count)):
        yield fold[sentence] == number
