"""The section on epochs: a small chart of F1 for each class, rarest first, above the loss."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from seqlab.machine.wording import plural
from seqlab.reporting.epoch_chart import EpochLines, epoch_chart
from seqlab.reporting.epoch_lines import (
    accuracy_lines,
    alarms_of,
    class_lines,
    line_of,
    overall_lines,
)
from seqlab.reporting.html import render
from seqlab.reporting.run_values import ENOUGH_GOLD, RISK_F1, RunValues, at_risk, state_of
from seqlab.reporting.shell import Section
from seqlab.reporting.table import figure

OPEN_PANELS = 12  # when there are more classes than MANY
MANY = 18
DIGITS = 3


def epochs_section(run: RunValues) -> Section:
    """A panel for all tokens, and one for each class; of many classes, the worst ones are unfolded."""
    panels = Panels()
    first, rest = worst_first(run)
    body = render(
        "sections/epochs.html",
        first=[class_panel(panels, run, name) for name in first],
        rest=[class_panel(panels, run, name) for name in rest],
        rest_title=f"The other {plural(len(rest), 'class')}",
        overall=[
            overall_panel(panels, run, "Macro F1", overall_lines(run), "dashed: micro F1"),
            overall_panel(panels, run, "Token accuracy", accuracy_lines(run)),
        ],
        baseline=baseline_text(run),
    )
    return Section(
        id="epochs",
        short="Epochs",
        heading="F1 of each class, epoch by epoch",
        lead=(
            "Validation split, rarest class first. The loss is below each class, on the same axis. "
            "Point at a chart, or use the arrow keys, to read every epoch."
        ),
        body=body,
        data={"panels": panels.data},
    )


class Panels:
    """Draws panels, and collects what the page's script reads from them."""

    def __init__(self) -> None:
        self.data: list[dict[str, Any]] = []

    def add(self, lines: EpochLines, values: Mapping[str, Sequence[float | None]]) -> Markup:
        """The chart of a panel. values: by name, what is read out at each epoch."""
        rounded = {
            name: [None if value is None else round(value, DIGITS) for value in line]
            for name, line in values.items()
        }
        self.data.append({"names": list(rounded), "values": list(rounded.values())})
        svg = epoch_chart(
            lines,
            role="slider",
            tabindex=0,
            data_panel=len(self.data) - 1,
            aria_valuemin=1,
            aria_valuemax=lines.epochs,
            aria_valuenow=lines.kept or lines.epochs,
        )
        return Markup(svg)  # noqa: S704, escaped by svg.py


def class_panel(panels: Panels, run: RunValues, name: str) -> dict[str, Any]:
    """What the template shows of one class."""
    lines, alarms = class_lines(run, name), alarms_of(run, name)
    f1 = line_of(run, name, "f1")
    values = {
        "F1": f1,
        "precision": line_of(run, name, "precision"),
        "recall": line_of(run, name, "recall"),
        "predicted": line_of(run, name, "predicted"),
        "loss": [line["valid_loss"] for line in run.history],
    }
    return {
        "name": name,
        "gold": f"{run.support(name):,} gold",
        "now": figure(f1[run.kept_epoch - 1]),
        "lost": lines.lost,
        "state": state_text(run, name, alarms),
        "now_text": kept_text(run, name),
        "chart": panels.add(lines, values),
    }


def overall_panel(
    panels: Panels,
    run: RunValues,
    name: str,
    lines: tuple[EpochLines, dict[str, list[float | None]]],
    note: str = "",
) -> dict[str, Any]:
    """What the template shows of a figure of the whole split. note: stands below the title."""
    now = lines[0].figures[-1][1][run.kept_epoch - 1]
    chart = panels.add(*lines)
    return {
        "name": name, "gold": "", "now": figure(now), "lost": False, "state": "", "now_text": note, "chart": chart,
    }  # fmt: skip


def state_text(run: RunValues, name: str, alarms: Sequence[Mapping[str, Any]]) -> str:
    """What happened to a class, in a few words; empty for a class without an alarm that is well."""
    test = state_in_test(run, name)
    if not run.support(name):
        return f"no gold items in validation: F1 is undefined{test}"
    state = state_of(run.kept["classes"][name])
    if state == "too few":
        return f"too few gold items in validation to judge it{test}"
    if not alarms:
        words = {"lost": "lost at the kept epoch", "at risk": f"at risk: F1 below {RISK_F1}"}
        return words.get(state, test.removeprefix("; "))
    last = alarms[-1]
    said = {
        "vanished": f"vanished in epoch {last['since']}",
        "halved": f"F1 halved since epoch {last['since']}",
        "never-found": "never found",
        "forgotten": f"forgotten since epoch {last['since']}",
    }[last["rule"]]
    if state != "lost" and not any(alarm["epoch"] >= run.kept_epoch for alarm in alarms):
        return f"{said}, recovered by epoch {run.kept_epoch}"
    if min(alarm["since"] for alarm in alarms) > run.kept_epoch:
        return f"{said}, after the kept epoch"
    return said


def state_in_test(run: RunValues, name: str) -> str:
    """Whether a class is lost or at risk in test, as the end of a sentence; empty if not."""
    row = run.splits.get("test", {}).get("classes", {}).get(name)
    return f"; {state_of(row)} in test" if row and at_risk(row) else ""


def kept_text(run: RunValues, name: str) -> str:
    """The other figures of a class at the kept epoch."""
    row = run.kept["classes"][name]
    return f"precision {figure(row['precision'])} · recall {figure(row['recall'])} · {row['predicted']:,} predicted"


def baseline_text(run: RunValues) -> str:
    """What the baseline reaches; empty if it is unknown."""
    baseline = run.details.baseline if run.details else None
    if baseline is None:
        return ""
    return (
        f"Tagging every token {baseline.class_name} has token accuracy {figure(baseline.token_accuracy)} "
        f"and macro F1 {figure(baseline.macro_f1)} (dotted)."
    )


def worst_first(run: RunValues) -> tuple[list[str], list[str]]:
    """The classes that are shown unfolded and the others, each rarest first."""
    names = run.names()
    if len(names) <= MANY:
        return names, []
    kept = run.kept["classes"]
    judged = [name for name in names if run.support(name)]
    worst = sorted(
        judged, key=lambda name: (run.support(name) < ENOUGH_GOLD, kept[name]["f1"] or 0.0)
    )
    worst = worst[:OPEN_PANELS]
    return [n for n in names if n in worst], [n for n in names if n not in worst]
