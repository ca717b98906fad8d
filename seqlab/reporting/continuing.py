"""What a continued training reuses and forgets, as text and as HTML. The values are those of metrics.json."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from seqlab.machine.terminal import visible
from seqlab.reporting.table import figure, html_table, text_table

if TYPE_CHECKING:
    from markupsafe import Markup

HEADER = ("class", "gold", "F1 before", "F1 after", "change")
HEADING = "Old validation data, before training and at the kept epoch"


def reuse_text(report: Mapping[str, Any]) -> str:
    """What of the old run is reused. report: the entry "continued" of metrics.json."""
    tags = report["tags"]
    counts = [f"{part} {counted(report[part])}" for part in ("words", "characters")]
    features = [f"{name} {counted(counts)}" for name, counts in report["features"].items()]
    lines = [
        f"continues {report['from']}",
        f"  {'; '.join(counts)}",
        *([f"  features: {'; '.join(features)}"] if features else []),
        f"  tags kept: {in_a_row(tags['kept'])}; new: {in_a_row(tags['new'])}; dropped: {in_a_row(tags['dropped'])}",
        f"  layers copied: {in_a_row(report['layers'])}",
        f"  frozen: {in_a_row(report['frozen'])}",
    ]
    return "\n".join(lines)


def counted(counts: Mapping[str, int]) -> str:
    """The numbers of symbols that were kept and that are new.

    >>> counted({"kept": 4211, "new": 812})
    '4,211 kept, 812 new'
    """
    return f"{counts['kept']:,} kept, {counts['new']:,} new"


def in_a_row(names: Sequence[str]) -> str:
    """Names separated by commas, or 'none'."""
    return ", ".join(map(visible, names)) or "none"


def old_validation_text(old: Mapping[str, Any]) -> str:
    """A table of F1 before and after, with the macro F1. old: the entry "old_validation" of metrics.json."""
    return f"{HEADING}:\n{text_table(HEADER, change_rows(old))}"


def change_rows(old: Mapping[str, Any]) -> list[list[str]]:
    """A row for each class with gold, and one for the macro F1 over them."""
    before, after = old["before"], old["after"]
    rows = [
        change_row(visible(name), str(row["support"]), row["f1"], after["classes"][name]["f1"])
        for name, row in before["classes"].items()
        if row["support"]
    ]
    return [*rows, change_row("macro F1", "", before["macro_f1"], after["macro_f1"])]


def change_row(name: str, gold: str, before: float | None, after: float | None) -> list[str]:
    """The cells of one row.

    >>> change_row("PER", "12", 0.5, 0.25)
    ['PER', '12', '0.500', '0.250', '-0.250']
    """
    change = "" if before is None or after is None else f"{after - before:+.3f}"
    return [name, gold, figure(before), figure(after), change]


def continued_section(metrics: Mapping[str, Any]) -> "dict[str, str | Markup | None] | None":
    """The section of the report page; None for a run that does not continue another."""
    if "continued" not in metrics:
        return None
    old = metrics.get("old_validation")
    return {
        "text": reuse_text(metrics["continued"]),
        "heading": HEADING,
        "table": None if old is None else html_table(HEADER, change_rows(old)),
    }
