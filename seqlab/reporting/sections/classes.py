"""The section on classes: for each split a table that can be sorted and filtered."""

from collections.abc import Mapping, Sequence
from typing import Any

from seqlab.machine.wording import UNDEFINED, percent
from seqlab.reporting.f1_bar import f1_bar
from seqlab.reporting.html import render
from seqlab.reporting.run_values import RunValues, Split, at_risk
from seqlab.reporting.shell import Section
from seqlab.reporting.table import figure

MINOR, MIDDLING = "minor", "middling"  # columns that narrower screens leave out
OUTSIDE = "O"


def classes_section(run: RunValues) -> Section:
    """A table per split; the script shows one of them at a time."""
    splits = [
        {"name": name, "columns": columns_of(split), "rows": rows_of(run, split)}
        for name, split in run.splits.items()
    ]
    return Section(
        id="classes",
        short="Classes",
        heading="Every class",
        lead=(
            "The bar shows F1, the whisker its 95 % interval. The smallest difference of F1 is what a test can find with "
            "this many gold items. Tokens, weight and loss share are those of training at the kept epoch."
        ),
        body=render("sections/classes.html", splits=splits),
    )


def columns_of(split: Split) -> list[dict[str, str]]:
    """The header of the table, with the columns that this run has values for."""
    columns = [
        column("class"), column("gold"), column("predicted", MIDDLING),
        column("precision", MIDDLING), column("recall", MIDDLING), column("F1", "f1 left"),
    ]  # fmt: skip
    if any("smallest_difference" in row for row in split["classes"].values()):
        columns.append(column("smallest difference", MINOR))
    if split.get("seen"):
        columns += [column("recall, seen", MINOR), column("recall, unseen", MINOR)]
    return [
        *columns,
        column("tokens", MINOR),
        column("weight", MINOR),
        column("loss share", MINOR),
    ]


def column(name: str, style: str = "") -> dict[str, str]:
    """A column of the header."""
    return {"name": name, "style": style}


def rows_of(run: RunValues, split: Split) -> list[dict[str, Any]]:
    """A row for each class, rarest first, and one for the tokens outside of all spans."""
    names = sorted(
        split["classes"],
        key=lambda name: (
            not split["classes"][name]["support"],
            split["classes"][name]["support"],
            name,
        ),
    )
    rows = [class_row(run, split, name) for name in names]
    outside = outside_row(run, split)
    return [*rows, outside] if outside else rows


def class_row(run: RunValues, split: Split, name: str) -> dict[str, Any]:
    """What the template shows of a class."""
    row = split["classes"][name]
    lost = at_risk(row)
    cells = [
        cell(row["support"], f"{row['support']:,}"),
        cell(row["predicted"], f"{row['predicted']:,}", MIDDLING),
        cell(row["precision"], figure(row["precision"]), MIDDLING),
        cell(row["recall"], figure(row["recall"]), MIDDLING),
        f1_cell(row),
    ]
    if any("smallest_difference" in other for other in split["classes"].values()):
        difference = row.get("smallest_difference")
        shown = "cannot be told" if difference is None else f"{difference:.2f}"
        cells.append(cell(difference, shown, MINOR))
    if split.get("seen"):
        cells += seen_cells(split["seen"].get(name))
    return {"name": name, "lost": lost, "cells": [*cells, *training_cells(run, name)]}


def cell(value: float | None, text: str, style: str = "", after: object = "") -> dict[str, Any]:
    """A cell. value: what it is sorted by; None comes last."""
    return {
        "value": "" if value is None else f"{value:.6g}",
        "text": text,
        "style": style,
        "after": after,
    }


def f1_cell(row: Mapping[str, Any]) -> dict[str, Any]:
    """F1 as a number and as a bar with its interval."""
    bar = f1_bar(row["f1"], row.get("f1_interval"), lost=at_risk(row))
    return cell(row["f1"], figure(row["f1"]), "f1", bar)


def seen_cells(seen: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """Recall of the items that training saw under this class, and of the others, each with its count."""
    if not seen:
        return [cell(None, UNDEFINED, MINOR), cell(None, UNDEFINED, MINOR)]
    cells = []
    for part in ("seen", "unseen"):
        recall, support = seen[part]["recall"], seen[part]["support"]
        shown = f"{figure(recall, 2)} of {support:,}" if support else UNDEFINED
        cells.append(cell(recall, shown, MINOR))
    return cells


def training_cells(run: RunValues, name: str) -> list[dict[str, Any]]:
    """Tokens, weight and share of the loss in training; the weight as --class-weight takes it, where it is known."""
    details = run.details.classes.get(name) if run.details else None
    tokens = details.tokens if details else run.kept["train_tokens"].get(name)
    weight = details.weight if details else run.kept["weights"].get(name)
    share = run.kept["loss_shares"].get(name)
    return [
        cell(tokens, UNDEFINED if tokens is None else f"{tokens:,}", MINOR),
        cell(weight, UNDEFINED if weight is None else f"{weight:.3g}", MINOR),
        cell(share, percent(share), MINOR),
    ]


def outside_row(run: RunValues, split: Split) -> dict[str, Any] | None:
    """The tokens outside of all spans, from the confusion of tokens; None for plain tags and older epochs."""
    confusion = split.get("confusion")
    if confusion is None or OUTSIDE in split["classes"] or OUTSIDE not in confusion["names"]:
        return None
    row = figures_of_tokens(confusion["names"].index(OUTSIDE), confusion["counts"])
    blank = [cell(None, "", MINOR)] * (len(columns_of(split)) - 9)
    cells = [
        cell(row["support"], f"{row['support']:,}"),
        cell(row["predicted"], f"{row['predicted']:,}", MIDDLING),
        cell(row["precision"], figure(row["precision"]), MIDDLING),
        cell(row["recall"], figure(row["recall"]), MIDDLING),
        f1_cell(row),
        *blank,
        *training_cells(run, OUTSIDE),
    ]
    return {"name": f"{OUTSIDE} (tokens)", "lost": False, "cells": cells}


def figures_of_tokens(index: int, counts: Sequence[Sequence[int]]) -> dict[str, Any]:
    """Precision, recall and F1 of one class of a confusion matrix."""
    support = sum(counts[index])
    predicted = sum(row[index] for row in counts)
    right = counts[index][index]
    return {
        "support": support,
        "predicted": predicted,
        "precision": right / predicted if predicted else None,
        "recall": right / support if support else None,
        "f1": 2 * right / (support + predicted) if support + predicted else None,
    }
