"""Rules that detect the collapse of a class from the epochs so far.

A class collapses when the model stops predicting it, or never starts to, while the loss keeps falling. Nothing but
the figures of the class shows this. A training that continues a run can also forget a class of the old data. This
module only detects; `collapse_answers` decides what to do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import takewhile
from shlex import quote
from typing import Any, Literal, NamedTuple, Protocol

from seqlab.scoring.figures import ClassFigures, Figures

Rule = Literal["vanished", "halved", "never-found", "forgotten"]


@dataclass(frozen=True, kw_only=True)
class CollapseRules:
    """Thresholds of the rules.

    least_support: a class with fewer gold items raises no alarm. With 5, a network that finds each item with
        probability 1/2 misses all of them once in 32 epochs; with 2, once in 4.
    halved_support: the same for `halved`. With fewer than 10, a single item changes F1 by 0.05 or more.
    vanished_share: a class with correct predictions before has vanished when predicted / gold falls below this.
    halved_share, halved_epochs: a class is halved when its F1 is below this share of its best F1 in this many
        epochs in a row, up to the last.
    never_found_epochs: a class was never found if there were at least this many epochs, and none had a correct
        prediction of it.
    forgotten_share, forgotten_support: a class is forgotten when its F1 on the old validation data is below this share of
        its F1 before training. It needs this many gold items there: with fewer, a single one changes F1 by 0.05 or more.
    """

    least_support: int = 5
    halved_support: int = 10
    vanished_share: float = 0.10
    halved_share: float = 0.5
    halved_epochs: int = 2
    never_found_epochs: int = 5
    forgotten_share: float = 0.5
    forgotten_support: int = 10


class WatchedEpoch(Protocol):
    """The values of an epoch that the rules read. `EpochRecord` and `TrackedEpoch` have them."""

    @property
    def figures(self) -> Figures: ...  # noqa: D102
    @property
    def train_loss(self) -> float | None: ...  # noqa: D102
    @property
    def valid_loss(self) -> float | None: ...  # noqa: D102


class LossFall(NamedTuple):
    """A loss that fell: its name, and its values in the epoch before the collapse and now."""

    name: str
    before: float
    now: float


class RuleMatch(NamedTuple):
    """A rule that applies since an epoch, compared with an epoch before; both count from 0."""

    rule: Rule
    since: int
    before: int


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """The collapse of one class. Epochs count from 1.

    name: the class. epoch: the current epoch. since: the first epoch of the collapse. before: the epoch that
    the rule and the loss compare with. support, predicted, f1: the class in the current epoch; support is the
    number of gold spans or tokens. loss: None for `forgotten`. weight: its class weight as --class-weight takes it;
    None if no class weight acts.

    For `forgotten` the figures are those of the old validation data, `best_f1` is that before training, and `best_epoch`
    and `before` are 0. train_tokens: tokens of the class in this epoch's training; None for other rules.
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
    loss: LossFall | None = None
    weight: float | None = None
    train_tokens: int | None = None

    def fact(self) -> str:
        """What happened since when, and how the loss fell."""
        what = {
            "vanished": f"has vanished since epoch {self.since}: {self.predicted} predicted for "
            f"{self.support} gold, F1 {self.best_f1:.3f} at epoch {self.best_epoch}, now {self.f1:.3f}",
            "halved": f"has lost more than half of its F1 since epoch {self.since}: "
            f"{self.best_f1:.3f} at epoch {self.best_epoch}, now {self.f1:.3f}",
            "never-found": f"was never found in {self.epoch} epochs: {self.predicted} predicted for "
            f"{self.support} gold",
            "forgotten": f"is forgotten since epoch {self.since}: on the old validation data F1 was {self.best_f1:.3f} "
            f"before training, now {self.f1:.3f}, with {self.support} gold",
        }[self.rule]
        if self.loss is None:
            return f"class {self.name!r} {what}"
        return (
            f"class {self.name!r} {what}; meanwhile {self.loss.name} fell from "
            f"{self.loss.before:.4f} to {self.loss.now:.4f}"
        )

    def message(self) -> str:
        """The fact, and advice with command-line options."""
        return f"{self.fact()}. Try {advice(self)}"

    def to_json(self) -> dict[str, Any]:
        """The alarm as an entry of history.jsonl."""
        loss = None if self.loss is None else self.loss._asdict()
        entry = {**asdict(self), "loss": loss, "message": self.message()}
        if self.train_tokens is None:
            del entry["train_tokens"]
        return entry


def advice(alarm: Alarm) -> str:
    """Options to try next. Weights are in the scale of --class-weight, as in the tables of the log."""
    if alarm.rule == "forgotten":
        unlabelled = "" if alarm.train_tokens else "--fill-old, as training has no example of it, "
        others = "--freeze bilstm, or a smaller --learning-rate"
        return f"{unlabelled}--replay with the old training data, {others}"
    if alarm.rule == "halved":
        return f"--select {quote(f'f1:{alarm.name}')} to keep its best epoch, or a smaller --learning-rate"
    more = "more training examples of it"
    if alarm.weight is None:  # the loss of whole sentences
        return f"--crf-loss marginal, on which class weights act, or {more}"
    doubled = f"--class-weight {quote(f'{alarm.name}={2 * alarm.weight:.4g}')}"
    return f"{doubled}, twice its weight of {alarm.weight:.4g}, another --class-weights, or {more}"


def find_alarms(
    epochs: Sequence[WatchedEpoch],
    rules: CollapseRules | None = None,
    *,
    weights: Mapping[str, float] | None = None,
) -> tuple[Alarm, ...]:
    """One alarm for each class that is collapsed in the last epoch.

    Only classes with enough gold are watched; see `CollapseRules.least_support`. An alarm also needs a fall of the
    validation loss, or else of the training loss, since before the collapse. A run whose losses rise needs no alarm.

    weights: weight of each class, as --class-weight takes it; alarms advise to double it.
    """
    rules = rules or CollapseRules()
    if not epochs:
        return ()
    classes = epochs[-1].figures.classes.items()
    supported = [name for name, now in classes if now.support >= max(rules.least_support, 1)]
    alarms = filter(None, (find_alarm(name, epochs, rules) for name in supported))
    return tuple(replace(alarm, weight=(weights or {}).get(alarm.name)) for alarm in alarms)


def find_forgotten(
    epochs: Sequence[Figures],
    before: Figures,
    rules: CollapseRules | None = None,
    *,
    train_tokens: Mapping[str, int],
) -> tuple[Alarm, ...]:
    """One alarm for each class of the old validation data that is forgotten in the last epoch.

    epochs: the figures of the old validation data after each epoch. before: those before training.
    train_tokens: training tokens of each class in the last epoch.
    """
    rules = rules or CollapseRules()
    alarms = []
    for name, start in before.classes.items():
        scores = [figures.classes[name].f1 or 0.0 for figures in epochs]
        least = rules.forgotten_share * (start.f1 or 0.0)
        since = start_of_last_run([score < least for score in scores])
        if since == len(scores) or start.support < rules.forgotten_support:
            continue
        alarm = Alarm(
            rule="forgotten",
            name=name,
            epoch=len(epochs),
            since=since + 1,
            before=0,
            support=start.support,
            predicted=epochs[-1].classes[name].predicted,
            f1=scores[-1],
            best_f1=start.f1 or 0.0,
            best_epoch=0,
            train_tokens=train_tokens.get(name, 0),
        )
        alarms.append(alarm)
    return tuple(alarms)


def find_alarm(name: str, epochs: Sequence[WatchedEpoch], rules: CollapseRules) -> Alarm | None:
    """The alarm of one class, by the first rule that applies while a loss falls."""
    past = [epoch.figures.classes[name] for epoch in epochs]
    scores = [figures.f1 or 0.0 for figures in past]
    best = max(range(len(scores)), key=lambda index: scores[index])
    fell = halved(scores, best, rules) if past[-1].support >= rules.halved_support else None
    for match in (vanished(past, rules), fell, never_found(past, rules)):
        loss = loss_fall(epochs[match.before], epochs[-1]) if match else None
        if match and loss:
            return Alarm(
                rule=match.rule,
                name=name,
                epoch=len(epochs),
                since=match.since + 1,
                before=match.before + 1,
                support=past[-1].support,
                predicted=past[-1].predicted,
                f1=scores[-1],
                best_f1=scores[best],
                best_epoch=best + 1,
                loss=loss,
            )
    return None


def vanished(past: Sequence[ClassFigures], rules: CollapseRules) -> RuleMatch | None:
    """Match if a class that was predicted correctly before is hardly predicted any more."""
    gone = [figures.predicted < rules.vanished_share * figures.support for figures in past]
    since = start_of_last_run(gone)
    had_correct = any(figures.correct for figures in past[:since])
    return RuleMatch("vanished", since, since - 1) if had_correct and since < len(past) else None


def halved(scores: Sequence[float], best: int, rules: CollapseRules) -> RuleMatch | None:
    """Match if F1 stays below a share of its best."""
    low = [score < rules.halved_share * scores[best] for score in scores]
    since = max(start_of_last_run(low), best + 1)
    return RuleMatch("halved", since, best) if len(scores) - since >= rules.halved_epochs else None


def never_found(past: Sequence[ClassFigures], rules: CollapseRules) -> RuleMatch | None:
    """Match if no epoch predicted the class correctly."""
    if len(past) < rules.never_found_epochs or any(figures.correct for figures in past):
        return None
    return RuleMatch("never-found", 0, 0)


def start_of_last_run(flags: Sequence[bool]) -> int:
    """The index at which the run of True at the end begins; the length if the last flag is False.

    >>> start_of_last_run([True, False, True, True])
    2
    """
    return len(flags) - len(list(takewhile(bool, reversed(flags))))


def loss_fall(before: WatchedEpoch, now: WatchedEpoch) -> LossFall | None:
    """The fall of the validation loss, else of the training loss; None if neither is lower now."""
    for name in ("valid_loss", "train_loss"):
        old, new = getattr(before, name), getattr(now, name)
        if old is not None and new is not None and new < old:
            return LossFall(name.replace("_", " "), old, new)
    return None
