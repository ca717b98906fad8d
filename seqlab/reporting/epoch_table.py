"""The classes of an epoch as a table of at most 80 columns: rarest first, classes at risk marked."""

from collections.abc import Mapping

from seqlab.machine.wording import percent
from seqlab.reporting.run_values import at_risk
from seqlab.reporting.table import figure, fitting_table, short, with_marks
from seqlab.scoring.figures import ClassFigures, Figures
from seqlab.settings.choices import TableName
from seqlab.training.epoch_record import EpochRecord
from seqlab.training.split_losses import Losses

FEW_CLASSES = 12  # up to which `worst` shows all
SHOWN = 10  # classes that `worst` shows of more
HEADER = (
    "class", "gold", "predicted", "precision", "recall", "F1", "weight", "loss share", "tokens",
)  # fmt: skip
NARROWER = ("tokens", "precision", "recall", "loss share", "predicted")


def epoch_table(record: EpochRecord, table: TableName) -> list[str]:
    """The lines of the table.

    table: `all` shows every class. `worst` shows those with the lowest F1 if there are many, and counts the others. `none`
    gives no lines. Classes without figures, such as `O`, come last.
    """
    if table == "none":
        return []
    shown, risky = shown_classes(record, table), risky_classes(record)
    text, _ = table_and_left_out(record, shown)
    lines = with_marks(text, [name in risky for name in shown])
    return [*lines, *rest_line(record.figures, shown)]


def left_out_columns(record: EpochRecord, table: TableName) -> tuple[str, ...]:
    """The columns of the table that do not fit. table: not `none`."""
    return table_and_left_out(record, shown_classes(record, table))[1]


def shown_classes(record: EpochRecord, table: TableName) -> list[str]:
    """The classes that the table shows, rarest first."""
    classes = record.figures.classes
    return by_rarity(classes, list(classes) if table == "all" else worst(classes))


def table_and_left_out(record: EpochRecord, shown: list[str]) -> tuple[str, tuple[str, ...]]:
    """The table of these classes and of those without figures, and the columns that do not fit."""
    classes = record.figures.classes
    rows = [class_cells(name, classes[name], record.train) for name in shown]
    rows += [rest_cells(name, record.train) for name in record.train.weights if name not in classes]
    return fitting_table(HEADER, rows, narrower=NARROWER)


def risky_classes(record: EpochRecord) -> set[str]:
    """The classes with an alarm, and those that `at_risk` names."""
    classes = record.figures.classes
    low = {name for name, row in classes.items() if at_risk(row.to_json())}
    return low | {alarm.name for alarm in record.alarms if alarm.name in classes}


def worst(classes: Mapping[str, ClassFigures]) -> list[str]:
    """All classes if they are few, else those with gold items and the lowest F1; of equals those with the most gold."""
    if len(classes) <= FEW_CLASSES:
        return list(classes)
    with_gold = [name for name, row in classes.items() if row.support]
    return sorted(with_gold, key=lambda n: (classes[n].f1 or 0.0, -classes[n].support, n))[:SHOWN]


def by_rarity(classes: Mapping[str, ClassFigures], names: list[str]) -> list[str]:
    """The names with the fewest gold items first, and those without at the end."""
    return sorted(names, key=lambda n: (not classes[n].support, classes[n].support, n))


def class_cells(name: str, row: ClassFigures, train: Losses) -> list[str]:
    """A class with its figures in validation, and its weight, share of the loss and tokens in training."""
    scores = [figure(value) for value in (row.precision, row.recall, row.f1)]
    return [short(name), str(row.support), str(row.predicted), *scores, *train_cells(name, train)]


def rest_cells(name: str, train: Losses) -> list[str]:
    """A class without figures in validation."""
    return [short(name), *[""] * 5, *train_cells(name, train)]


def train_cells(name: str, train: Losses) -> list[str]:
    """Weight, share of the loss, and tokens in training."""
    weight, share = train.weights.get(name), train.shares.get(name)
    return [figure(weight), percent(share), str(train.tokens.get(name, 0))]


def rest_line(figures: Figures, shown: list[str]) -> list[str]:
    """One line about the classes that the table leaves out; none if it shows all."""
    rest = [row for name, row in figures.classes.items() if name not in shown]
    scores = [row.f1 or 0.0 for row in rest if row.support]
    parts = []
    if scores:
        parts.append(f"{len(scores)} with F1 from {min(scores):.3f} to {max(scores):.3f}")
    if without := len(rest) - len(scores):
        parts.append(f"{without} without gold")
    return [f"  and {len(rest)} more: {', '.join(parts)} (--table all)"] if rest else []
