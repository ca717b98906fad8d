"""Several runs on one page: their verdicts, the charts of a class beside each other, and a column per run."""

import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from seqlab.machine.wording import UNDEFINED
from seqlab.reporting.epoch_lines import overall_lines
from seqlab.reporting.html import render
from seqlab.reporting.run_values import ENOUGH_GOLD, RunValues, at_risk
from seqlab.reporting.sections.classes import cell, f1_cell
from seqlab.reporting.sections.epochs import (
    MANY,
    OPEN_PANELS,
    Panels,
    class_panel,
    overall_panel,
)
from seqlab.reporting.sections.settings import shown
from seqlab.reporting.sections.verdict import headline_figures
from seqlab.reporting.shell import Section, page_of
from seqlab.reporting.verdict import verdict

Runs = Mapping[str, RunValues]
"""The runs by the names that the page gives them."""


def side_by_side_page(runs: Runs) -> str:
    """The whole page. runs: at least two."""
    sections = [verdicts(runs), epochs(runs), classes(runs), settings(runs)]
    corpora = list(dict.fromkeys(run.title for run in runs.values()))
    return page_of(
        sections, title=" and ".join(runs) if len(runs) == 2 else f"{len(runs)} runs", facts=corpora
    )


def shared_split(runs: Runs) -> str:
    """The last split that all runs have."""
    first, *others = (run.splits for run in runs.values())
    return [name for name in first if all(name in other for other in others)][-1]


def class_names(runs: Runs) -> list[str]:
    """The classes of all runs, rarest first."""
    support: dict[str, int] = {}
    for run in runs.values():
        for name in run.names():
            support[name] = max(support.get(name, 0), run.support(name))
    return sorted(support, key=lambda name: (not support[name], support[name], name))


def verdicts(runs: Runs) -> Section:
    """The verdict on each run, and its figures."""
    rows = [
        {
            "name": name,
            "verdict": verdict(run.metrics, run.history, run.details),
            "figures": headline_figures(run),
        }
        for name, run in runs.items()
    ]
    return Section(
        id="verdict",
        short="Verdict",
        heading="Side by side",
        body=render("sections/verdicts.html", runs=rows),
    )


def epochs(runs: Runs) -> Section:
    """A row for each class, with a panel for each run."""
    panels = Panels()
    overall = [
        overall_panel(panels, run, name, overall_lines(run), "dashed: micro F1")
        for name, run in runs.items()
    ]
    names = class_names(runs)
    first = names if len(names) <= MANY else worst_of(runs, names)
    rows = {name: panel_row(panels, runs, name) for name in names}
    body = render(
        "sections/epochs_of_runs.html",
        overall=overall,
        first=[(name, rows[name]) for name in first],
        rest=[(name, rows[name]) for name in names if name not in first],
    )
    return Section(
        id="epochs",
        short="Epochs",
        heading="F1 of each class in each run",
        lead="Validation split, rarest class first. The loss is below, on the same axis.",
        body=body,
        data={"panels": panels.data},
    )


def panel_row(panels: Panels, runs: Runs, name: str) -> list[dict[str, Any]]:
    """The panels of one class, by run; runs without the class have none."""
    return [
        class_panel(panels, run, name) | {"name": run_name}
        for run_name, run in runs.items()
        if name in run.history[-1]["classes"]
    ]


def worst_of(runs: Runs, names: Sequence[str]) -> list[str]:
    """The classes with gold whose lowest F1 over the runs is lowest, rarest first."""

    def lowest(name: str) -> tuple[bool, float]:
        few = not any(gold_in(run, name, ENOUGH_GOLD) for run in runs.values())
        return few, min(run.kept["classes"].get(name, {}).get("f1") or 0.0 for run in runs.values())

    judged = [name for name in names if any(gold_in(run, name, 1) for run in runs.values())]
    worst = set(sorted(judged, key=lowest)[:OPEN_PANELS])
    return [name for name in names if name in worst]


def classes(runs: Runs) -> Section:
    """A table with a column of F1 for each run."""
    split = shared_split(runs)
    names = dict.fromkeys(name for run in runs.values() for name in run.splits[split]["classes"])
    rows = [run_row(runs, split, name) for name in names]
    rows.sort(key=lambda row: (not row["support"], row["support"], row["name"]))
    columns = [{"name": "class", "style": ""}, {"name": "gold", "style": ""}]
    columns += [{"name": name, "style": "f1 left"} for name in runs]
    return Section(
        id="classes",
        short="Classes",
        heading=f"F1 of every class, {split} split",
        lead="The bar shows F1, the whisker its 95 % interval.",
        body=render(
            "sections/classes.html", splits=[{"name": split, "columns": columns, "rows": rows}]
        ),
    )


def run_row(runs: Runs, split: str, name: str) -> dict[str, Any]:
    """A class with its F1 in each run."""
    rows = [run.splits[split]["classes"].get(name) for run in runs.values()]
    present = [row for row in rows if row is not None]
    support = max(row["support"] for row in present)
    return {
        "name": name,
        "support": support,
        "lost": any(at_risk(row) for row in present),
        "cells": [cell(support, f"{support:,}"), *(f1_of(row) for row in rows)],
    }


def f1_of(row: Mapping[str, Any] | None) -> dict[str, Any]:
    """F1 of a class in one run, as a number and a bar; a dash for a run without the class."""
    return cell(None, UNDEFINED, "f1") if row is None else f1_cell(row)


def gold_in(run: RunValues, name: str, least: int) -> bool:
    """Whether the validation split of a run has this many gold items of a class."""
    return name in run.history[-1]["classes"] and run.support(name) >= least


def settings(runs: Runs) -> Section:
    """The settings in which the runs differ."""
    tables = [tomllib.loads(run.settings) for run in runs.values()]
    names = dict.fromkeys(
        name for table in tables for name in table if name not in ("out", "overwrite")
    )
    rows = []
    for name in names:
        values = [shown(table.get(name)) for table in tables]
        if len(set(values)) > 1:
            rows.append((name, values))
    body = render("sections/differences.html", names=list(runs), rows=rows)
    return Section(id="settings", short="Settings", heading="Settings that differ", body=body)
