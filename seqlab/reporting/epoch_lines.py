"""What charts over epochs draw, from the history of a run."""

from collections.abc import Mapping
from typing import Any

from seqlab.reporting.epoch_chart import EpochLines, merged_bands
from seqlab.reporting.run_values import RunValues, state_of

LinesAndValues = tuple[EpochLines, dict[str, list[float | None]]]
"""A chart, and what the page reads out at each epoch, by name."""


def class_lines(run: RunValues, name: str) -> EpochLines:
    """F1 of a class above the losses, with its collapses."""
    f1, alarms = line_of(run, name, "f1"), alarms_of(run, name)
    lost = state_of(run.kept["classes"][name]) == "lost"
    return EpochLines(
        label=f"F1 of {name} by epoch",
        figures=[("line lost" if lost else "line", f1)],
        hovered=[
            ("line second", line_of(run, name, "precision")),
            ("line third", line_of(run, name, "recall")),
        ],
        losses=loss_lines(run),
        kept=run.kept_epoch,
        bands=merged_bands([a["epoch"] for a in alarms], [a["since"] for a in alarms]),
        lost=lost,
        epochs=len(run.history),
    )


def alarms_of(run: RunValues, name: str) -> list[Mapping[str, Any]]:
    """The alarms of a class, in order."""
    return [a for line in run.history for a in line.get("alarms", ()) if a["name"] == name]


def line_of(run: RunValues, name: str, key: str) -> list[float | None]:
    """One figure of a class over the epochs."""
    return [line["classes"].get(name, {}).get(key) for line in run.history]


def loss_lines(run: RunValues) -> list[tuple[str, list[float | None]]]:
    """The weighted losses of both splits."""
    return [
        ("line thin train", [line["train_loss"] for line in run.history]),
        ("line thin", [line["valid_loss"] for line in run.history]),
    ]


def overall_lines(run: RunValues) -> LinesAndValues:
    """Macro and micro F1, with those of the baseline."""
    macro, micro = ([line[key] for line in run.history] for key in ("macro_f1", "micro_f1"))
    baseline = run.details.baseline if run.details else None
    lines = EpochLines(
        label="macro and micro F1 by epoch",
        figures=[("line second", micro), ("line", macro)],
        losses=loss_lines(run),
        kept=run.kept_epoch,
        baselines=[baseline.macro_f1] if baseline else [],
        epochs=len(run.history),
    )
    train, valid = ([line[f"{key}_loss"] for line in run.history] for key in ("train", "valid"))
    return lines, {"macro F1": macro, "micro F1": micro, "loss": valid, "training loss": train}


def accuracy_lines(run: RunValues) -> LinesAndValues:
    """Token accuracy, with that of the baseline."""
    accuracy = [line["token_accuracy"] for line in run.history]
    baseline = run.details.baseline if run.details else None
    lines = EpochLines(
        label="token accuracy by epoch",
        figures=[("line", accuracy)],
        losses=loss_lines(run),
        kept=run.kept_epoch,
        baselines=[baseline.token_accuracy] if baseline else [],
        epochs=len(run.history),
    )
    return lines, {"token accuracy": accuracy}
