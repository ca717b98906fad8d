"""The alarms of an epoch as lines of the log: new ones in full, many as one line per rule, old ones only by name."""

from collections.abc import Callable, Collection, Sequence
from itertools import groupby

from seqlab.machine.terminal import visible
from seqlab.training.collapse import Alarm

MOST_ALARMS = 3  # new ones of an epoch that are shown in full
MOST_NAMES = 5  # of classes in one line

AlarmKey = tuple[str, str]
"""Rule and class of an alarm."""

WHAT = {
    "vanished": "have vanished",
    "halved": "have lost more than half of their F1",
    "never-found": "were never found",
    "forgotten": "are forgotten",
}
STILL: dict[str, Callable[[Alarm], str]] = {
    "vanished": lambda alarm: f"vanished since epoch {alarm.since}",
    "halved": lambda alarm: f"halved since epoch {alarm.since}",
    "never-found": lambda alarm: "never found",
    "forgotten": lambda alarm: f"forgotten since epoch {alarm.since}",
}


def alarm_key(alarm: Alarm) -> AlarmKey:
    """What makes an alarm the same as one of the epoch before."""
    return alarm.rule, alarm.name


def alarm_lines(alarms: Sequence[Alarm], told: Collection[AlarmKey] = ()) -> list[str]:
    """The lines of an epoch's alarms.

    told: the alarms of the epoch before. A line only names those that still hold.
    """
    new = [alarm for alarm in alarms if alarm_key(alarm) not in told]
    old = [alarm for alarm in alarms if alarm_key(alarm) in told]
    lines = new_lines(new)
    if old:
        lines.append(f"  ALARM still: {listed_names(old, lambda a: f' ({STILL[a.rule](a)})')}")
    return lines


def new_lines(alarms: Sequence[Alarm]) -> list[str]:
    """A line for each new alarm; if there are many, a line for each rule."""
    if len(alarms) <= MOST_ALARMS:
        return [f"  ALARM {alarm.rule}: {alarm.message()}" for alarm in alarms]
    by_rule = sorted(alarms, key=lambda alarm: list(WHAT).index(alarm.rule))
    groups = [list(group) for _, group in groupby(by_rule, key=lambda alarm: alarm.rule)]
    return [line for group in groups for line in summed_up(group)]


def summed_up(alarms: Sequence[Alarm]) -> list[str]:
    """One line for the alarms of one rule; a single alarm in full."""
    if len(alarms) == 1:
        return new_lines(alarms)
    first = alarms[0]
    names = listed_names(alarms, lambda alarm: f" ({alarm.support} gold)")
    loss = first.loss
    fall = ""
    if loss is not None and all(alarm.loss == loss for alarm in alarms):
        fall = f"; meanwhile {loss.name} fell from {loss.before:.4f} to {loss.now:.4f}"
    return [
        f"  ALARM {first.rule}: {len(alarms)} classes {WHAT[first.rule]}, most gold first: {names}{fall}. "
        f"Try {advice_for_many(alarms)}"
    ]


def listed_names(alarms: Sequence[Alarm], note: Callable[[Alarm], str]) -> str:
    """The names of classes, most gold items first, each with a note, and how many more there are."""
    ordered = sorted(alarms, key=lambda alarm: (-alarm.support, alarm.name))
    shown = [f"{visible(alarm.name)}{note(alarm)}" for alarm in ordered[:MOST_NAMES]]
    more = len(ordered) - MOST_NAMES
    return ", ".join([*shown, *([f"and {more} more"] if more > 0 else [])])


def advice_for_many(alarms: Sequence[Alarm]) -> str:
    """Options that act on several classes at once."""
    if alarms[0].rule == "forgotten":
        return "--replay with the old training data, or a smaller --learning-rate"
    if alarms[0].rule == "halved":
        return "--select min_f1, or a smaller --learning-rate"
    more = "more training examples of them"
    weights = {alarm.weight for alarm in alarms}
    if None in weights:
        return f"--crf-loss marginal, on which class weights act, or {more}"
    formula = "another --class-weights" if len(weights) > 1 else "--class-weights sqrt-inverse"
    return f"{formula}, or {more}"
