"""The verdict on a run in two sentences: what came out, and what to try next.

Both are computed from the figures of the run. They leave out classes with too few gold items to judge them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seqlab.reporting.class_states import (
    LEAST_GOLD,
    ClassState,
    classes_at_risk,
    enough_gold,
    lost_classes,
)
from seqlab.reporting.next_step import Evidence, next_step
from seqlab.reporting.run_details import RunDetails
from seqlab.reporting.table import figure

MOST_NAMES = 3
SPLITS = {"valid": "validation", "test": "test"}


@dataclass(frozen=True, kw_only=True)
class RunVerdict:
    """result: the kept epoch, its F1, and the classes that are lost or at risk. advice: what to try next, and why.

    command: the shell command for the advice; None if there is none.
    """

    result: str
    advice: str
    command: str | None

    def text(self) -> str:
        """The verdict on several lines."""
        lines = [self.result, self.advice]
        return "\n".join([*lines, f"  {self.command}"] if self.command else lines)


def verdict(
    metrics: Mapping[str, Any],
    history: Sequence[Mapping[str, Any]],
    details: RunDetails | None = None,
    *,
    path: str = "",
) -> RunVerdict:
    """The verdict on a run.

    metrics: as in metrics.json. history: the lines of history.jsonl, at least one. details: report.json; None without it.
    path: the run directory, for the command; empty if it is unknown.
    """
    step = next_step(Evidence(metrics=metrics, history=history, details=details, path=path))
    result = f"{figures_clause(metrics, history)}; {classes_clause(metrics, history)}."
    return RunVerdict(result=result, advice=step.text, command=step.command)


def figures_clause(metrics: Mapping[str, Any], history: Sequence[Mapping[str, Any]]) -> str:
    """The kept epoch, and its F1 on the last split."""
    name, split = list(metrics["splits"].items())[-1]
    epoch, epochs = metrics["best_epoch"], len(history)
    finished = metrics.get("end_reason", "") is not None
    start = (
        f"Epoch {epoch} of {epochs} is kept"
        if finished
        else f"So far, epoch {epoch} of {epochs} is the best"
    )
    macro, micro = (with_interval(split, name) for name in ("macro_f1", "micro_f1"))
    return f"{start}, with macro F1 {macro} and micro F1 {micro} on {SPLITS.get(name, name)}"


def with_interval(split: Mapping[str, Any], name: str) -> str:
    """A figure with its 95 % interval, if it is known."""
    interval = split.get(f"{name}_interval")
    value = figure(split[name])
    return value if interval is None else f"{value} ({interval[0]:.3f} to {interval[1]:.3f})"


def classes_clause(metrics: Mapping[str, Any], history: Sequence[Mapping[str, Any]]) -> str:
    """The classes that are lost in validation, else in test; else those at risk; else that there are none."""
    splits = metrics["splits"]
    kept = int(metrics["best_epoch"])
    if not any(enough_gold(split) for split in splits.values()):
        return f"no class has {LEAST_GOLD} gold items, so none can be judged"
    for name, split in splits.items():
        lost = lost_classes(split, history if name == "valid" else (), kept)
        if lost:
            return lost_clause(lost, SPLITS.get(name, name), kept)
    for name, split in splits.items():
        risky = classes_at_risk(split)
        if risky:
            return risk_clause(risky, SPLITS.get(name, name))
    return f"no class with {LEAST_GOLD} gold items or more is lost"


def lost_clause(lost: Sequence[ClassState], split: str, kept: int) -> str:
    """What is lost in a split, and since when."""
    if len(lost) == 1:
        one = lost[0]
        since = since_text(one, kept)
        joint = " " if since.startswith("since") else ": " if since else ""
        return f"{one.name} ({one.gold} gold) is lost in {split}{joint}{since}"
    shown = ", ".join(
        f"{one.name} ({', '.join(filter(None, [f'{one.gold} gold', since_text(one, kept)]))})"
        for one in lost[:MOST_NAMES]
    )
    more = len(lost) - MOST_NAMES
    return (
        f"{len(lost)} classes are lost in {split}: {shown}{f' and {more} more' if more > 0 else ''}"
    )


def since_text(state: ClassState, kept: int) -> str:
    """Since when a class is lost; empty if that is unknown."""
    if state.since is None:
        return ""
    if not state.ever:
        return "no epoch found it"
    return f"no epoch up to {kept} found it" if state.since == 1 else f"since epoch {state.since}"


def risk_clause(risky: Sequence[ClassState], split: str) -> str:
    """The classes with a very low F1."""
    shown = ", ".join(
        f"{one.name} (F1 {one.f1:.3f}, {one.gold} gold)" for one in risky[:MOST_NAMES]
    )
    more = len(risky) - MOST_NAMES
    verb = "is" if len(risky) == 1 else "are"
    return f"{shown}{f' and {more} more' if more > 0 else ''} {verb} at risk in {split}"
