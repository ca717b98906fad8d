"""The F1 of every class before and after an export, as text."""

from seqlab.exporting.check import ExportCheck
from seqlab.machine.terminal import visible
from seqlab.reporting.table import figure, short, text_table
from seqlab.scoring.figures import Figures

HEADER = ("class", "gold", "F1 before", "F1 after", "difference")


def export_check_text(name: str, check: ExportCheck) -> str:
    """What an export costs on a file, rarest class first. name: of the file."""
    before, after = check.before, check.after
    gold = {key: row.support for key, row in before.classes.items()}
    gold |= {key: 0 for key in after.classes if key not in gold}
    order = sorted(gold, key=lambda key: (gold[key] == 0, gold[key], key))
    rows = [
        row_of(short(key), str(gold[key]), f1_of(before, key), f1_of(after, key)) for key in order
    ]
    rows += [
        row_of("macro F1", "", before.macro_f1, after.macro_f1),
        row_of("micro F1", "", before.micro_f1, after.micro_f1),
    ]
    share = f"{check.changed:,} of {check.tokens:,}"
    line = f"{visible(name)}: {share} tokens have another tag than before the export"
    return f"{line}\n{text_table(HEADER, rows)}"


def row_of(label: str, gold: str, before: float | None, after: float | None) -> list[str]:
    """A row of the table."""
    difference = None if before is None or after is None else after - before
    # Adding 0.0 turns -0.0 into 0.0.
    shown = figure(None) if difference is None else f"{round(difference, 3) + 0.0:+.3f}"
    return [label, gold, figure(before), figure(after), shown]


def f1_of(figures: Figures, name: str) -> float | None:
    """The F1 of a class; None for a class that neither side has."""
    row = figures.classes.get(name)
    return None if row is None else row.f1
