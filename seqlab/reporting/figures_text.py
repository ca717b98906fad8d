"""The figures of an epoch or of a split as text, the same on a terminal and in a log."""

from collections.abc import Collection

from seqlab.machine.terminal import visible
from seqlab.machine.wording import percent
from seqlab.reporting.alarm_text import AlarmKey, alarm_lines
from seqlab.reporting.table import figure, text_table
from seqlab.scoring.figures import ClassFigures, Figures, Summary
from seqlab.training.epoch_record import EpochRecord
from seqlab.training.split_losses import Losses


def epoch_text(record: EpochRecord, *, epochs: int, told: Collection[AlarmKey] = ()) -> str:
    """An epoch's line, its table of classes, its alarms and the answers to them. told: as for `alarm_lines`."""
    table = class_table(record.figures, train=record.train)
    alarms = alarm_lines(record.alarms, told)
    answers = [f"  ANSWER {answer.action}: {answer.message()}" for answer in record.answers]
    old = [] if record.old_figures is None else [old_line(record.old_figures)]
    return "\n".join([epoch_line(record, epochs=epochs), table, *old, *alarms, *answers])


def old_line(figures: Figures) -> str:
    """F1 on the old validation data of a continued run."""
    classes = figures.classes.items()
    scores = [f"{visible(name)} {figure(row.f1)}" for name, row in classes if row.support]
    return "  ".join([f"  old validation: macro F1 {figure(figures.macro_f1)}", *scores])


def epoch_line(record: EpochRecord, *, epochs: int) -> str:
    """Losses, micro and macro F1, and speed; a star marks the best epoch so far."""
    train, valid, figures = record.train, record.valid, record.figures
    return (
        f"epoch {record.epoch}/{epochs}"
        f"  train loss {figure(train.weighted, 4)} (unweighted {figure(train.unweighted, 4)})"
        f"  valid loss {figure(valid.weighted, 4)} (unweighted {figure(valid.unweighted, 4)})"
        f"  micro F1 {figure(figures.micro_f1)}  macro F1 {figure(figures.macro_f1)}"
        f"  {record.train_tokens_per_second:,.0f} tokens/s"
        f"  {record.seconds:.1f}+{record.evaluation_seconds:.1f} s"
        f"{'  *' if record.best else ''}"
    )


def class_table(figures: Figures | Summary, *, train: Losses | None = None) -> str:
    """A row for each class of a split.

    train: adds each class's mean weight, share of the training loss and training tokens. `O` has no
    figures, but gets a row too.
    """
    header = ["class", "gold", "predicted", "precision", "recall", "F1"]
    rows = [class_row(name, row) for name, row in figures.classes.items()]
    if train is None:
        return text_table(header, rows)
    header += ["weight", "loss share", "train tokens"]
    without_figures = [name for name in train.weights if name not in figures.classes]
    rows += [[visible(name), *[""] * 5] for name in without_figures]
    for name, row in zip([*figures.classes, *without_figures], rows, strict=True):
        row += [
            figure(train.weights.get(name)),
            percent(train.shares.get(name)),
            str(train.tokens.get(name, 0)),
        ]
    return text_table(header, rows)


def class_row(name: str, row: ClassFigures) -> list[str]:
    """Name, gold, predicted, precision, recall and F1 of a class."""
    scores = (row.precision, row.recall, row.f1)
    return [visible(name), str(row.support), str(row.predicted), *map(figure, scores)]
