"""The losses of one pass over a split, from the sums that its steps return."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from seqlab.arrays import DoubleArray
from seqlab.machine.wording import ratio

WEIGHTED_LOSS, WEIGHT, LOSS, COUNT = range(4)  # columns of the sums; see `step.class_sums`
COLUMNS = 4


@dataclass(frozen=True, kw_only=True)
class Losses:
    """The losses of one pass over a split, in nats per token.

    weighted: sum(weight * loss) / sum(weight). unweighted: mean loss per token.
    weights: mean weight of the tokens of each class, in the scale of --class-weight.
    shares: share of each class in the weighted loss, from 0 to 1. tokens: number of tokens of each class.
    """

    weighted: float | None
    unweighted: float | None
    weights: Mapping[str, float]
    shares: Mapping[str, float]
    tokens: Mapping[str, int]


def losses_from(sums: DoubleArray, class_names: list[str]) -> Losses:
    """The losses of a pass from the sums over its steps.

    sums: float64 (C + 1, 4), see `step.class_sums`. class_names: the class of each of the C tags; the tags of one entity
    type share a class, and their sums are added.
    """
    total = sums[1:].sum(axis=0)
    by_class: dict[str, DoubleArray] = {}
    for name, row in zip(class_names, sums[1:], strict=True):
        by_class[name] = by_class.get(name, np.zeros(4)) + row
    return Losses(
        weighted=ratio(total[WEIGHTED_LOSS], total[WEIGHT]),
        unweighted=ratio(total[LOSS], total[COUNT]),
        weights={
            name: float(row[WEIGHT] / row[COUNT]) for name, row in by_class.items() if row[COUNT]
        },
        shares={
            name: float(row[WEIGHTED_LOSS] / total[WEIGHTED_LOSS])
            for name, row in by_class.items()
            if total[WEIGHTED_LOSS]
        },
        tokens={name: int(row[COUNT]) for name, row in by_class.items()},
    )


def running_loss(sums: DoubleArray) -> float:
    """The weighted loss of the steps so far; 0 before any weight."""
    loss, weight = sums[1:, :2].sum(axis=0)
    return float(loss / weight) if weight else 0.0
