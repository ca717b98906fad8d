"""The section on errors: their kinds by class, and which classes are taken for which."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from seqlab.machine.wording import percent, plural
from seqlab.reporting.heat_map import MOST_CLASSES, heat_map
from seqlab.reporting.html import render
from seqlab.reporting.run_values import RunValues, Split
from seqlab.reporting.shell import Section
from seqlab.scoring.confusion import ConfusionMatrix

KINDS = ("wrong type", "wrong boundary", "split", "merged", "missed", "invented")
FEW = 10  # classes of a map that stays small
MOST_MISTAKES = 10
MOST_ROWS = 20  # unfolded rows of the table of kinds


def errors_section(run: RunValues) -> Section | None:
    """Both views for each split; None if no split has them."""
    splits = [
        {"name": name, "kinds": kinds_table(split), "confusion": confusion_part(split)}
        for name, split in run.splits.items()
        if split.get("errors") or "confusion" in split
    ]
    if not splits:
        return None
    return Section(
        id="errors",
        short="Errors",
        heading="Kinds of errors, and confused classes",
        lead="The kinds of errors of each class, and the class that each token is taken for.",
        body=render("sections/errors.html", splits=splits, kinds=KINDS, most=MOST_ROWS),
    )


def kinds_table(split: Split) -> list[dict[str, Any]]:
    """A row for each class with errors, most errors first. A cell's level is its share of the largest count."""
    errors: Mapping[str, Mapping[str, int]] = split.get("errors") or {}
    most = max((count for kinds in errors.values() for count in kinds.values()), default=0)
    rows = [
        {
            "name": name,
            "total": sum(kinds.values()),
            "cells": [(kinds.get(kind, 0), level(kinds.get(kind, 0), most)) for kind in KINDS],
        }
        for name, kinds in errors.items()
        if any(kinds.values())
    ]
    return sorted(rows, key=lambda row: -row["total"])


def level(count: float, most: float) -> int:
    """The shade of a cell, from 0 to 10."""
    return 0 if not count or not most else max(1, round(10 * (count / most) ** 0.5))


def confusion_part(split: Split) -> dict[str, Any] | None:
    """The heat map and the most frequent mistakes."""
    if "confusion" not in split:
        return None
    matrix = ConfusionMatrix.from_json(split["confusion"])
    totals = {
        name: sum(row) for name, row in zip(matrix.names, matrix.counts.tolist(), strict=True)
    }
    mistakes = [
        f"{plural(m.tokens, 'token')} of {m.gold} tagged {m.predicted} ({percent(m.tokens / totals[m.gold])})"
        for m in matrix.most_confused(MOST_MISTAKES)
    ]
    hidden = len(matrix.names) - MOST_CLASSES
    return {
        "map": Markup(heat_map(split["confusion"])),  # noqa: S704, escaped by svg.py
        "few": len(matrix.names) <= FEW,
        "mistakes": mistakes,
        "hidden": f"{plural(hidden, 'class')} with fewer mistakes: left out." if hidden > 0 else "",
    }
