"""The figures of an epoch or of a split as text, the same on a terminal and in a log."""

import math
from collections.abc import Collection

from seqlab.machine.terminal import visible
from seqlab.reporting.alarm_text import AlarmKey, alarm_lines
from seqlab.reporting.epoch_table import epoch_table
from seqlab.reporting.table import figure, text_table
from seqlab.scoring.figures import ClassFigures, Figures, Summary
from seqlab.settings.choices import TableName
from seqlab.training.epoch_record import EpochRecord
from seqlab.training.split_losses import Losses


def epoch_text(
    record: EpochRecord,
    *,
    epochs: int,
    told: Collection[AlarmKey] = (),
    table: TableName = "worst",
) -> str:
    """An epoch's lines, its table of classes, its alarms and the answers to them.

    told: as for `alarm_lines`. table: as for `epoch_table`.
    """
    alarms = alarm_lines(record.alarms, told)
    answers = [f"  ANSWER {answer.action}: {answer.message()}" for answer in record.answers]
    old = [] if record.old_figures is None else [old_line(record.old_figures)]
    lines = [epoch_line(record, epochs=epochs), loss_line(record), *epoch_table(record, table)]
    return "\n".join([*lines, *old, *alarms, *answers])


def old_line(figures: Figures) -> str:
    """F1 on the old validation data of a continued run."""
    classes = figures.classes.items()
    scores = [f"{visible(name)} {figure(row.f1)}" for name, row in classes if row.support]
    return "  ".join([f"  old validation: macro F1 {figure(figures.macro_f1)}", *scores])


def epoch_line(record: EpochRecord, *, epochs: int) -> str:
    """Micro and macro F1, and speed; a star marks the best epoch so far."""
    figures = record.figures
    return (
        f"epoch {record.epoch}/{epochs}"
        f"  micro F1 {figure(figures.micro_f1)}  macro F1 {figure(figures.macro_f1)}"
        f"  {record.train_tokens_per_second:,.0f} tokens/s"
        f"  {record.seconds:.1f}+{record.evaluation_seconds:.1f} s"
        f"{'  *' if record.best else ''}"
    )


def loss_line(record: EpochRecord) -> str:
    """The losses, and what they are without weights if that differs."""
    return f"  train loss {loss_text(record.train)}  valid loss {loss_text(record.valid)}"


def loss_text(losses: Losses) -> str:
    """A loss, and in brackets what it is without weights if that differs."""
    weighted, unweighted = loss_figure(losses.weighted), loss_figure(losses.unweighted)
    return weighted if weighted == unweighted else f"{weighted} (unweighted {unweighted})"


def loss_figure(value: float | None) -> str:
    """A loss with five digits.

    >>> [loss_figure(value) for value in (0.12345, 12.3456, 1234.5)]
    ['0.1235', '12.346', '1234.5']
    """
    before = len(str(int(abs(value)))) if value is not None and math.isfinite(value) else 1
    return figure(value, max(5 - before, 0))


def class_table(figures: Figures | Summary) -> str:
    """A row for each class of a split."""
    header = ["class", "gold", "predicted", "precision", "recall", "F1"]
    return text_table(header, [class_row(name, row) for name, row in figures.classes.items()])


def class_row(name: str, row: ClassFigures) -> list[str]:
    """Name, gold, predicted, precision, recall and F1 of a class."""
    scores = (row.precision, row.recall, row.f1)
    return [visible(name), str(row.support), str(row.predicted), *map(figure, scores)]
