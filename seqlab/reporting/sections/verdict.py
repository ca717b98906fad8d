"""The first section: what came out, which classes are in danger, and what to try next."""

from collections.abc import Mapping, Sequence
from typing import Any

from seqlab.reporting.class_alarms import class_alarms
from seqlab.reporting.class_states import classes_at_risk, lost_classes
from seqlab.reporting.html import render
from seqlab.reporting.run_values import RunValues
from seqlab.reporting.shell import Section
from seqlab.reporting.table import figure
from seqlab.reporting.verdict import verdict

MOST_NAMES = 6
FEW_NAMES = 2  # in small print


def verdict_section(run: RunValues) -> Section:
    """The figures of the last split, the ending, and alarms with their answers."""
    answers = [
        f"after epoch {answer['epoch']}: {answer['message']}"
        for line in run.history
        for answer in line.get("answers", ())
    ]
    body = render(
        "sections/verdict.html",
        verdict=verdict(run.metrics, run.history, run.details),
        figures=headline_figures(run),
        ending=ending_text(run),
        lost=lost_class_lines(run),
        alarms=alarm_lines(run.history, run.kept_epoch),
        answers=answers,
    )
    return Section(id="verdict", short="Verdict", heading="Verdict", body=body)


def headline_figures(run: RunValues) -> list[tuple[str, str, str]]:
    """Value, label and small print of the most important figures: scores of the last split, classes lost in any."""
    name, split = list(run.splits.items())[-1]
    return [
        (
            figure(split["macro_f1"]),
            f"macro F1, {name}",
            interval_text(split.get("macro_f1_interval")),
        ),
        (
            figure(split["micro_f1"]),
            f"micro F1, {name}",
            interval_text(split.get("micro_f1_interval")),
        ),
        lost_figure(run),
        (str(run.kept_epoch), f"kept epoch, by {run.metrics['select']}", f"of {len(run.history)}"),
    ]


def lost_figure(run: RunValues) -> tuple[str, str, str]:
    """How many classes are lost in a split or more; the small print says which ones in which split."""
    lost = {
        name: [one.name for one in lost_classes(split, (), run.kept_epoch)]
        for name, split in run.splits.items()
    }
    count = len({one for names in lost.values() for one in names})
    small = "; ".join(
        f"{name}: {first_names(names, FEW_NAMES) if names else 'none'}"
        for name, names in lost.items()
    )
    return str(count), f"class{'' if count == 1 else 'es'} lost", small if count else ""


def interval_text(interval: Sequence[float] | None) -> str:
    """The 95 % interval of a figure; empty if it is unknown."""
    return "" if interval is None else f"95 % interval {interval[0]:.3f} to {interval[1]:.3f}"


def ending_text(run: RunValues) -> str:
    """Why training ended and how long it took."""
    if not run.finished:
        epochs = len(run.history)
        return f"Training is not finished: {epochs} epoch{'' if epochs == 1 else 's'} so far."
    return (
        f"Training ended after epoch {len(run.history)}: {run.metrics['ending']}. It took {run.metrics['seconds']:.0f} s, "
        f"at {run.metrics['train_tokens_per_second']:,.0f} training tokens per second."
    )


def lost_class_lines(run: RunValues) -> list[str]:
    """For each split, the classes that the kept epoch has lost, and those at risk."""
    lines = []
    for name, split in run.splits.items():
        states = {
            "Lost": lost_classes(split, (), run.kept_epoch),
            "At risk": classes_at_risk(split),
        }
        lines += [
            f"{state} in {name} at the kept epoch, epoch {run.kept_epoch}: {first_names([one.name for one in found])}."
            for state, found in states.items()
            if found
        ]
    return lines


def first_names(names: Sequence[str], most: int = MOST_NAMES) -> str:
    """The first names, and how many more there are: the table of classes has them all."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def alarm_lines(history: Sequence[Mapping[str, Any]], kept_epoch: int) -> list[str]:
    """For each class with alarms, its last alarm and the epochs of all of them; the old validation data apart."""
    return [one.text(kept_epoch) for one in class_alarms(history, kept_epoch)]
