"""The record of one epoch: losses, figures of every class, alarms and answers."""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from seqlab.scoring.figures import Figures
from seqlab.training.collapse import Alarm
from seqlab.training.collapse_answers import CollapseAnswer
from seqlab.training.split_losses import Losses


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
class EpochRecord:
    """One epoch of training, counted from 1.

    figures: of the validation split. selected: the figure that selects the best epoch; None if undefined.
    best: whether this epoch is the best so far. seconds: of training, without evaluation.
    train_tokens_per_second: real tokens, without padding. answers: the answers to the alarms.
    old_figures: of the old validation data of a continued run; None without them.
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
    old_figures: Figures | None = None

    @property
    def train_loss(self) -> float | None:
        """The weighted training loss, with dropout."""
        return self.train.weighted

    @property
    def valid_loss(self) -> float | None:
        """The weighted validation loss."""
        return self.valid.weighted

    def to_json(self) -> dict[str, Any]:
        """The epoch as a line of history.jsonl."""
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
        if self.old_figures is not None:
            line["old"] = self.old_figures.to_json()
        return {name: finite(value) for name, value in line.items()}


def keras_logs(record: EpochRecord) -> dict[str, float]:
    """The logs for Keras' callbacks; undefined figures are left out."""
    logs = {
        "loss": record.train.weighted,
        "unweighted_loss": record.train.unweighted,
        "val_loss": record.valid.weighted,
        "val_unweighted_loss": record.valid.unweighted,
        "val_macro_f1": record.figures.macro_f1,
        "val_micro_f1": record.figures.micro_f1,
        "learning_rate": record.learning_rate,
    }
    return {name: value for name, value in logs.items() if value is not None}


def finite(value: Any) -> Any:
    """The same value with None, JSON's null, in place of NaN and infinity.

    >>> finite({"train_loss": float("nan"), "classes": [0.5, float("inf")]})
    {'train_loss': None, 'classes': [0.5, None]}
    """
    if isinstance(value, dict):
        return {name: finite(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
