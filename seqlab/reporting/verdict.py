"""The verdict on a run in two sentences: what came out, and what to try next.

Both are computed from the figures of the run. They leave out classes with too few gold items to judge them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seqlab.machine.wording import LISTED_NAMES, listed
from seqlab.reporting.class_states import (
    SPLITS,
    ClassState,
    at_risk_anywhere,
    enough_gold,
    lost_anywhere,
)
from seqlab.reporting.evidence import Evidence
from seqlab.reporting.next_step import next_step
from seqlab.reporting.run_details import RunDetails
from seqlab.reporting.run_values import ENOUGH_GOLD
from seqlab.reporting.table import figure


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
    """The classes that are lost, then those at risk; else that there are none."""
    splits, kept = metrics["splits"], int(metrics["best_epoch"])
    if not any(enough_gold(split) for split in splits.values()):
        return f"no class has {ENOUGH_GOLD} gold items, so none can be judged"
    lost, risky = lost_anywhere(splits, history, kept), at_risk_anywhere(splits)
    parts = [lost_clause(lost, kept) if lost else "", risk_clause(risky) if risky else ""]
    return "; ".join(filter(None, parts)) or (
        f"no class with {ENOUGH_GOLD} gold items or more is lost"
    )


def lost_clause(lost: Sequence[ClassState], kept: int) -> str:
    """What is lost in which split, and since when."""
    where = shared_split(lost)
    shown = [
        facts_of(one, "" if where else one.split, f"{one.gold} gold", since_text(one, kept))
        for one in lost
    ]
    if len(lost) == 1:
        return f"{shown[0]} is lost{where}"
    return f"{len(lost)} classes are lost{where}: {joined(shown)}"


def risk_clause(risky: Sequence[ClassState]) -> str:
    """The classes with a very low F1."""
    where = shared_split(risky)
    shown = [
        facts_of(one, "" if where else one.split, f"F1 {figure(one.f1)}", f"{one.gold} gold")
        for one in risky
    ]
    return f"{joined(shown)} {'is' if len(risky) == 1 else 'are'} at risk{where}"


def joined(texts: Sequence[str]) -> str:
    """At most three texts as a list, and how many more there are."""
    if not 1 < len(texts) <= LISTED_NAMES:
        return listed(texts)
    return f"{', '.join(texts[:-1])} and {texts[-1]}"


def shared_split(states: Sequence[ClassState]) -> str:
    """The split of all these classes, as the end of a clause; empty if they differ."""
    splits = {one.split for one in states}
    return f" in {splits.pop()}" if len(splits) == 1 else ""


def facts_of(state: ClassState, *facts: str) -> str:
    """A class with facts in brackets."""
    return f"{state.name} ({', '.join(filter(None, facts))})"


def since_text(state: ClassState, kept: int) -> str:
    """Since when a class is lost; empty if that is unknown."""
    if state.since is None:
        return ""
    if not state.ever:
        return "no epoch found it"
    return f"no epoch up to {kept} found it" if state.since == 1 else f"since epoch {state.since}"
