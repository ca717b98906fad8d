"""The F1 of every class before and after an export, as text and in Markdown."""

from seqlab.exporting.check import ExportCheck
from seqlab.machine.terminal import visible
from seqlab.reporting.markdown_text import markdown_escaped, markdown_table
from seqlab.reporting.table import figure, short, text_table
from seqlab.scoring.figures import Figures

F1Pair = tuple[float | None, float | None]
HEADER = ("class", "gold", "F1 before", "F1 after", "difference")


def export_check_text(check: ExportCheck) -> str:
    """What an export costs on a file, rarest class first."""
    rows = [row_of(short(key), gold, *pair) for key, gold, pair in class_rows(check)]
    rows += [row_of(name, "", *pair) for name, pair in average_rows(check)]
    line = f"{visible(check.file)}: {share_text(check)}"
    return f"{line}\n{text_table(HEADER, rows)}"


def export_check_section(check: ExportCheck) -> str:
    """The same in Markdown, as a section of a model card."""
    rows = [row_of(markdown_escaped(key), gold, *pair) for key, gold, pair in class_rows(check)]
    rows += [row_of(name, "", *pair) for name, pair in average_rows(check)]
    title = f"## F1 before and after the export: {markdown_escaped(check.file)}"
    return f"{title}\n\n{share_text(check)[0].upper()}{share_text(check)[1:]}.\n\n{markdown_table(HEADER, rows)}"


def share_text(check: ExportCheck) -> str:
    """How many tokens have another tag."""
    return f"{check.changed:,} of {check.tokens:,} tokens have another tag than before the export"


def class_rows(check: ExportCheck) -> list[tuple[str, str, F1Pair]]:
    """By class, rarest first: its gold spans or tokens, and its F1 before and after."""
    before, after = check.before, check.after
    gold = {key: row.support for key, row in before.classes.items()}
    gold |= {key: 0 for key in after.classes if key not in gold}
    order = sorted(gold, key=lambda key: (gold[key] == 0, gold[key], key))
    return [(key, str(gold[key]), (f1_of(before, key), f1_of(after, key))) for key in order]


def average_rows(check: ExportCheck) -> list[tuple[str, F1Pair]]:
    """The averages before and after."""
    before, after = check.before, check.after
    return [
        ("macro F1", (before.macro_f1, after.macro_f1)),
        ("micro F1", (before.micro_f1, after.micro_f1)),
    ]


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
