"""Answers to a collapse: decided here from the alarms, carried out by the training loop.

`warn` does nothing beyond the alarm. `stop` ends training and keeps the best epoch. `restore` returns to the weights
of the best epoch and continues. `reweight` raises the weight of the collapsed class. Without an alarm there is no
answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from seqlab.settings.choices import OnCollapse
from seqlab.training.collapse import Alarm

Action = Literal["stop", "restore", "reweight"]


@dataclass(frozen=True, kw_only=True)
class AnswerRules:
    """Limits of the answers.

    restores: how often `restore` may go back in one training. factor: `reweight` multiplies a class's weight by this at
    each alarm. most: largest product of these factors.
    """

    restores: int = 2
    factor: float = 1.5
    most: float = 4.0


@dataclass(frozen=True, kw_only=True)
class CollapseAnswer:
    """The answer to one class's alarm after an epoch. Epochs count from 1.

    name: the class. to_epoch: for stop and restore, the epoch whose weights are used. factor: for reweight, the factor
    on the class's initial weight from the next epoch on.
    """

    action: Action
    name: str
    epoch: int
    to_epoch: int | None = None
    factor: float | None = None

    def message(self) -> str:
        """The answer in words."""
        if self.action == "reweight":
            return f"class {self.name!r} has {self.factor:.4g} times its initial weight from the next epoch on"
        if self.action == "restore":
            return f"class {self.name!r} collapses: back to the weights of epoch {self.to_epoch}"
        return f"class {self.name!r} collapses: training ends, epoch {self.to_epoch} is kept"

    def to_json(self) -> dict[str, Any]:
        """The answer as an entry of history.jsonl."""
        given = {name: value for name, value in asdict(self).items() if value is not None}
        return {**given, "message": self.message()}


def find_answers(
    on_collapse: OnCollapse,
    alarms: Sequence[Alarm],
    past: Sequence[CollapseAnswer],
    *,
    best_epoch: int,
    best_f1: Mapping[str, float],
    best_old_f1: Mapping[str, float] | None = None,
    rules: AnswerRules | None = None,
) -> tuple[CollapseAnswer, ...]:
    """The answers to the alarms of an epoch.

    `restore` answers only if the class had a better F1 in the best epoch. `reweight` answers only while the
    class's weight is below its limit, and for a forgotten class only if training has examples of it.

    past: the answers of all epochs before. best_f1: F1 of every class in `best_epoch`. best_old_f1: the same on the old
    validation data, for forgotten classes.
    """
    rules = rules or AnswerRules()
    if not alarms or on_collapse == "warn":
        return ()
    if on_collapse == "reweight":
        before = weight_factors(past)
        answers = (reweight_answer(alarm, before.get(alarm.name, 1.0), rules) for alarm in alarms)
        # A class can be forgotten and halved at once; it is reweighted once.
        by_name = {answer.name: answer for answer in answers if answer is not None}
        return tuple(by_name.values())
    if on_collapse == "restore":
        if sum(answer.action == "restore" for answer in past) >= rules.restores:
            return ()
        old = best_old_f1 or {}
        alarms = [
            alarm
            for alarm in alarms
            if (old if alarm.rule == "forgotten" else best_f1).get(alarm.name, 0.0) > alarm.f1
        ]
    return tuple(
        CollapseAnswer(action=on_collapse, name=alarm.name, epoch=alarm.epoch, to_epoch=best_epoch)
        for alarm in alarms[:1]
    )


def reweight_answer(alarm: Alarm, before: float, rules: AnswerRules) -> CollapseAnswer | None:
    """The answer that raises a class's weight; None at the limit. before: the present factor."""
    factor = min(before * rules.factor, rules.most)
    if factor <= before or alarm.train_tokens == 0:
        return None
    return CollapseAnswer(action="reweight", name=alarm.name, epoch=alarm.epoch, factor=factor)


def weight_factors(past: Sequence[CollapseAnswer]) -> dict[str, float]:
    """The current factor on the initial weight of each class that was reweighted."""
    return {answer.name: answer.factor for answer in past if answer.factor is not None}
