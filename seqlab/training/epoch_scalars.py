"""The numbers of an epoch by name, as tools that follow a training take them: one name per curve.

A name is a group and a figure: `f1/PER`, `loss/train_loss`. The numbers are those of history.jsonl.
"""

from collections.abc import Mapping
from typing import Any

from seqlab.scoring.figures import Figures
from seqlab.training.epoch_record import EpochRecord

CLASS_FIGURES = ("f1", "precision", "recall", "support", "predicted")
AVERAGES = ("macro_f1", "micro_f1", "token_accuracy")
GROUPS = {
    "train_loss": "loss",
    "train_loss_unweighted": "loss",
    "valid_loss": "loss",
    "valid_loss_unweighted": "loss",
    "selected": "training",
    "learning_rate": "training",
    "seconds": "training",
    "evaluation_seconds": "training",
    "train_tokens_per_second": "training",
}
"""The group of each number in a line of history.jsonl."""

BY_CLASS = ("weights", "train_tokens", "loss_shares", "valid_loss_shares")
"""Keys of such a line that hold a number for each class of training."""

OF_KERAS = {
    "loss": "loss/train_loss",
    "unweighted_loss": "loss/train_loss_unweighted",
    "val_loss": "loss/valid_loss",
    "val_unweighted_loss": "loss/valid_loss_unweighted",
    "val_macro_f1": "average/macro_f1",
    "val_micro_f1": "average/micro_f1",
    "learning_rate": "training/learning_rate",
}
"""The names of what Keras' logs hold."""


def record_scalars(record: EpochRecord) -> dict[str, float]:
    """The numbers of an epoch, by name; undefined ones are left out."""
    line = record.to_json()
    scalars = {f"{group}/{key}": line[key] for key, group in GROUPS.items()}
    scalars |= figure_scalars(line)
    for key in BY_CLASS:
        scalars |= {f"{key}/{name}": value for name, value in line[key].items()}
    if "old" in line:
        scalars |= {f"old_{name}": value for name, value in figure_scalars(line["old"]).items()}
    scalars["training/alarms"] = len(record.alarms)
    return defined(scalars)


def log_scalars(logs: Mapping[str, Any], figures: Figures | None) -> dict[str, float]:
    """The numbers of an epoch of `fit`, by name. figures: of all classes, if they are tracked."""
    scalars = {OF_KERAS.get(name, f"logs/{name}"): value for name, value in logs.items()}
    if figures is not None:
        scalars |= figure_scalars(figures.to_json())
    return defined(scalars)


def figure_scalars(figures: Mapping[str, Any]) -> dict[str, Any]:
    """The averages and the figures of each class. figures: as in history.jsonl."""
    scalars = {f"average/{name}": figures[name] for name in AVERAGES}
    for name, row in figures["classes"].items():
        scalars |= {f"{figure}/{name}": row[figure] for figure in CLASS_FIGURES}
    return scalars


def result_scalars(metrics: Mapping[str, Any]) -> dict[str, float]:
    """The final figures of each split, by name."""
    scalars: dict[str, Any] = {"result/best_epoch": metrics["best_epoch"]}
    for split, figures in metrics["splits"].items():
        for name in ("macro_f1", "micro_f1"):
            scalars[f"result/{split} {name}"] = figures[name]
        for name, row in figures["classes"].items():
            scalars[f"result_{split}_f1/{name}"] = row["f1"]
    return defined(scalars)


def defined(scalars: Mapping[str, Any]) -> dict[str, float]:
    """The scalars that have a value, as Python's floats."""
    return {name: float(value) for name, value in scalars.items() if value is not None}
