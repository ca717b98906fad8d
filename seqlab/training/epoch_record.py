"""What is kept of an epoch: losses, every class's figures, alarms."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from seqlab.arrays import DoubleArray
from seqlab.machine.wording import ratio
from seqlab.scoring.figures import Figures
from seqlab.training.collapse import Alarm
from seqlab.training.collapse_answers import CollapseAnswer

WEIGHTED_LOSS, WEIGHT, LOSS, COUNT = range(4)
COLUMNS = 4


class EndReason(StrEnum):
    """Why a training ended."""

    ALL_EPOCHS = "all_epochs"
    PATIENCE = "patience"
    MAX_SECONDS = "max_seconds"
    COLLAPSE = "collapse"
    DIVERGED = "diverged"
    CALLBACK = "callback"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, kw_only=True)
class Losses:
    """The losses of one pass over a split, from its sums.

    weighted: sum(weight * loss) / sum(weight). unweighted: the mean loss of a token.
    weights: a class's mean weight, where the mean token weighs 1.
    shares: a class's share of the weighted loss, between 0 and 1. tokens: a class's tokens.
    """

    weighted: float | None
    unweighted: float | None
    weights: Mapping[str, float]
    shares: Mapping[str, float]
    tokens: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class EpochRecord:
    """One epoch. Losses in nats a token; speed in real tokens a second of training.

    figures: the validation split. selected: the figure that chooses the checkpoint.
    best: whether this epoch is the best so far. answers: what was done about the alarms.
    """

    epoch: int
    train: Losses
    valid: Losses
    figures: Figures
    selected: float | None
    best: bool
    learning_rate: float
    seconds: float
    evaluation_seconds: float
    train_tokens_per_second: float
    alarms: tuple[Alarm, ...] = ()
    answers: tuple[CollapseAnswer, ...] = ()

    @property
    def train_loss(self) -> float | None:
        """The weighted training loss, dropout included."""
        return self.train.weighted

    @property
    def valid_loss(self) -> float | None:
        """The weighted validation loss."""
        return self.valid.weighted

    def to_json(self) -> dict[str, Any]:
        """The line of history.jsonl."""
        line = {
            "epoch": self.epoch,
            "train_loss": self.train.weighted,
            "train_loss_unweighted": self.train.unweighted,
            "valid_loss": self.valid.weighted,
            "valid_loss_unweighted": self.valid.unweighted,
            "selected": self.selected,
            "best": self.best,
            "learning_rate": self.learning_rate,
            "seconds": self.seconds,
            "evaluation_seconds": self.evaluation_seconds,
            "train_tokens_per_second": self.train_tokens_per_second,
            **self.figures.to_json(),
            "weights": dict(self.train.weights),
            "train_tokens": dict(self.train.tokens),
            "loss_shares": dict(self.train.shares),
            "valid_loss_shares": dict(self.valid.shares),
            "alarms": [alarm.to_json() for alarm in self.alarms],
            "answers": [answer.to_json() for answer in self.answers],
        }
        return {name: finite(value) for name, value in line.items()}


def losses_from(sums: DoubleArray, class_names: list[str]) -> Losses:
    """Losses of a split from its summed step sums.

    sums: float64 (C + 1, 4). class_names: the class of every tag, C long; tags of one entity type
    share a name and are added up.
    """
    total = sums[1:].sum(axis=0)
    by_class: dict[str, DoubleArray] = {}
    for name, row in zip(class_names, sums[1:], strict=True):
        by_class[name] = by_class.get(name, np.zeros(4)) + row
    mean_weight = ratio(total[WEIGHT], total[COUNT])
    return Losses(
        weighted=ratio(total[WEIGHTED_LOSS], total[WEIGHT]),
        unweighted=ratio(total[LOSS], total[COUNT]),
        weights={
            name: float(row[WEIGHT] / row[COUNT] / mean_weight)
            for name, row in by_class.items()
            if row[COUNT] and mean_weight
        },
        shares={
            name: float(row[WEIGHTED_LOSS] / total[WEIGHTED_LOSS])
            for name, row in by_class.items()
            if total[WEIGHTED_LOSS]
        },
        tokens={name: int(row[COUNT]) for name, row in by_class.items()},
    )


def finite(value: Any) -> Any:
    """The same value; None, JSON's null, for every number in it that is not finite.

    >>> finite({"train_loss": float("nan"), "classes": [0.5, float("inf")]})
    {'train_loss': None, 'classes': [0.5, None]}
    """
    if isinstance(value, dict):
        return {name: finite(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
