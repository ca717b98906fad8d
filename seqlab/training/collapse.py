"""The collapse of a class: rules with names and thresholds, read off the epochs so far.

A class collapses when the model stops saying it, or never began to, while the loss goes on falling:
nothing else shows that it died. This module decides; it neither prints nor acts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, NamedTuple, Protocol

from seqlab.scoring.figures import ClassFigures, Figures

Rule = Literal["vanished", "halved", "never-found"]


@dataclass(frozen=True, kw_only=True)
class CollapseRules:
    """Thresholds.

    vanished_share: a class that was found has vanished when predicted / gold falls below this.
    halved_share, halved_epochs: a class is halved when its F1 was below this share of its best in
        each of so many epochs up to now.
    never_found_epochs: a class of which nothing was right in so many epochs, from the first on, was
        never found.
    """

    vanished_share: float = 0.10
    halved_share: float = 0.5
    halved_epochs: int = 2
    never_found_epochs: int = 5


class WatchedEpoch(Protocol):
    """What the rules read of an epoch; an `EpochRecord` has it all."""

    @property
    def figures(self) -> Figures: ...  # noqa: D102
    @property
    def train_loss(self) -> float | None: ...  # noqa: D102
    @property
    def valid_loss(self) -> float | None: ...  # noqa: D102


class LossFall(NamedTuple):
    """A loss that went down: its name, from what, to what."""

    name: str
    before: float
    now: float


class RuleMatch(NamedTuple):
    """A rule that holds: since which epoch, compared with which, both counted from 0."""

    rule: Rule
    since: int
    before: int


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """One class that collapses. Epochs count from 1.

    epoch: now. since: the first epoch of the collapse. before: the epoch it is compared with.
    f1, predicted, support: the class now. best_f1: its best so far, at best_epoch.
    weight: its class weight in the scale of --class-weights; None where it is not known.
    """

    rule: Rule
    name: str
    epoch: int
    since: int
    before: int
    support: int
    predicted: int
    f1: float
    best_f1: float
    best_epoch: int
    loss: LossFall
    weight: float | None = None

    def fact(self) -> str:
        """What happened, since when, and what the loss did."""
        found = {
            "vanished": f"has vanished since epoch {self.since}: {self.predicted} predicted for "
            f"{self.support} gold, F1 {self.best_f1:.3f} at epoch {self.best_epoch}, now {self.f1:.3f}",
            "halved": f"has lost more than half of its F1 since epoch {self.since}: "
            f"{self.best_f1:.3f} at epoch {self.best_epoch}, now {self.f1:.3f}",
            "never-found": f"was never found in {self.epoch} epochs: {self.predicted} predicted for "
            f"{self.support} gold",
        }[self.rule]
        return (
            f"class {self.name!r} {found}; meanwhile {self.loss.name} fell from "
            f"{self.loss.before:.4f} to {self.loss.now:.4f}"
        )

    def message(self) -> str:
        """The fact, and what to try on the command line."""
        return f"{self.fact()}. Try {advice(self)}"

    def to_json(self) -> dict[str, Any]:
        """The alarm as history.jsonl holds it."""
        return {**asdict(self), "loss": self.loss._asdict(), "message": self.message()}


def advice(alarm: Alarm) -> str:
    """What a person can try next."""
    if alarm.rule == "halved":
        return f"--select f1:{alarm.name} to keep its best epoch, or a smaller --learning-rate"
    more = "another --class-weights, or more training examples of it"
    if alarm.weight is None:
        return f"--class-weight {alarm.name}=VALUE above its present weight, {more}"
    return f"--class-weight {alarm.name}={2 * alarm.weight:.3g}, twice its present weight, {more}"


def find_alarms(
    epochs: Sequence[WatchedEpoch],
    rules: CollapseRules | None = None,
    *,
    weights: Mapping[str, float] | None = None,
) -> tuple[Alarm, ...]:
    """The classes that are in collapse at the last of the epochs, one alarm each.

    weights: by class, what the alarm says to double, in the scale in which a user gives them.
    Only classes with gold support are watched, and only a fall of the validation loss (or else of
    the training loss) since before the collapse makes an alarm: a run whose losses rise shows its
    trouble by itself.
    """
    rules = rules or CollapseRules()
    if not epochs:
        return ()
    alarms = []
    for name, now in epochs[-1].figures.classes.items():
        if now.support:
            alarm = watch(name, epochs, rules)
            if alarm is not None:
                alarms.append(replace(alarm, weight=(weights or {}).get(name)))
    return tuple(alarms)


def watch(name: str, epochs: Sequence[WatchedEpoch], rules: CollapseRules) -> Alarm | None:
    """The alarm of one class, by the first rule that holds while a loss falls."""
    past = [epoch.figures.classes[name] for epoch in epochs]
    scores = [figures.f1 or 0.0 for figures in past]
    best = max(range(len(scores)), key=lambda index: scores[index])
    found = [vanished(past, rules), halved(scores, best, rules), never_found(past, rules)]
    falling = [
        (finding, loss)
        for finding in found
        if finding is not None and (loss := fall(epochs[finding.before], epochs[-1])) is not None
    ]
    if not falling:
        return None
    (rule, since, before), loss = falling[0]
    return Alarm(
        rule=rule,
        name=name,
        epoch=len(epochs),
        since=since + 1,
        before=before + 1,
        support=past[-1].support,
        predicted=past[-1].predicted,
        f1=scores[-1],
        best_f1=scores[best],
        best_epoch=best + 1,
        loss=loss,
    )


def vanished(past: Sequence[ClassFigures], rules: CollapseRules) -> RuleMatch | None:
    """Predictions are gone of a class that had been found."""
    gone = [figures.predicted < rules.vanished_share * figures.support for figures in past]
    since = start_of_last_run(gone)
    was_found = any(figures.correct for figures in past[:since])
    return RuleMatch("vanished", since, since - 1) if was_found and since < len(past) else None


def halved(scores: Sequence[float], best: int, rules: CollapseRules) -> RuleMatch | None:
    """F1 stays below a share of its best."""
    low = [score < rules.halved_share * scores[best] for score in scores]
    since = max(start_of_last_run(low), best + 1)
    return RuleMatch("halved", since, best) if len(scores) - since >= rules.halved_epochs else None


def never_found(past: Sequence[ClassFigures], rules: CollapseRules) -> RuleMatch | None:
    """Nothing of the class was ever right."""
    if len(past) < rules.never_found_epochs or any(figures.correct for figures in past):
        return None
    return RuleMatch("never-found", 0, 0)


def start_of_last_run(flags: Sequence[bool]) -> int:
    """Where the run of True at the end begins; the length, if there is none.

    >>> start_of_last_run([True, False, True, True])
    2
    """
    start = len(flags)
    while start and flags[start - 1]:
        start -= 1
    return start


def fall(before: WatchedEpoch, now: WatchedEpoch) -> LossFall | None:
    """The loss that is lower now: of validation, else of training, else none."""
    for name in ("valid_loss", "train_loss"):
        old, new = getattr(before, name), getattr(now, name)
        if old is not None and new is not None and new < old:
            return LossFall(name.replace("_", " "), old, new)
    return None
