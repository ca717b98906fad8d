"""What is done about a collapse: decided here, from alarms and what was done before; done by the loop.

`warn` leaves it at the alarm. `stop` ends training, the best epoch kept. `restore` goes back to the
weights of the best epoch and goes on. `reweight` raises the weight of the class that dies. Nothing here
touches a network, and without an alarm nothing is ever done.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from seqlab.settings.choices import OnCollapse
from seqlab.training.collapse import Alarm

Action = Literal["stop", "restore", "reweight"]


@dataclass(frozen=True, kw_only=True)
class AnswerRules:
    """Thresholds.

    restores: how often, in one training, `restore` goes back. factor: what `reweight` multiplies a
    class's weight by at each alarm. most: what it multiplies it by in all, at most.
    """

    restores: int = 2
    factor: float = 1.5
    most: float = 4.0


@dataclass(frozen=True, kw_only=True)
class CollapseAnswer:
    """One thing done about one class after an epoch, which counts from 1.

    to_epoch: of restore, the epoch whose weights come back. factor: of reweight, what the class's
    weight is multiplied by from the next epoch on, compared with its weight at the start.
    """

    action: Action
    name: str
    epoch: int
    to_epoch: int | None = None
    factor: float | None = None

    def message(self) -> str:
        """What is done, in words."""
        if self.action == "reweight":
            return f"from the next epoch on class {self.name!r} weighs {self.factor:.4g} times its first weight"
        if self.action == "restore":
            return f"class {self.name!r} collapses: back to the weights of epoch {self.to_epoch}"
        return f"class {self.name!r} collapses: training ends, epoch {self.to_epoch} is kept"

    def to_json(self) -> dict[str, Any]:
        """The answer as history.jsonl holds it."""
        values = {"action": self.action, "name": self.name, "epoch": self.epoch}
        optional = {"to_epoch": self.to_epoch, "factor": self.factor}
        given = {name: value for name, value in optional.items() if value is not None}
        return {**values, **given, "message": self.message()}


def find_answers(
    on_collapse: OnCollapse,
    alarms: Sequence[Alarm],
    past: Sequence[CollapseAnswer],
    *,
    best_epoch: int,
    best_f1: Mapping[str, float],
    rules: AnswerRules | None = None,
) -> tuple[CollapseAnswer, ...]:
    """What to do about the alarms of an epoch.

    past: the answers of all epochs before. best_f1: F1 of every class in `best_epoch`.
    Restoring is worth it only where the class was better off in the best epoch; a class whose weight has
    reached its bound gets no more.
    """
    rules = rules or AnswerRules()
    if not alarms or on_collapse == "warn":
        return ()
    if on_collapse == "reweight":
        found = (reweighted(alarm, past, rules) for alarm in alarms)
        return tuple(answer for answer in found if answer is not None)
    if on_collapse == "restore":
        if sum(answer.action == "restore" for answer in past) >= rules.restores:
            return ()
        alarms = [alarm for alarm in alarms if best_f1.get(alarm.name, 0.0) > alarm.f1]
    return tuple(
        CollapseAnswer(action=on_collapse, name=alarm.name, epoch=alarm.epoch, to_epoch=best_epoch)
        for alarm in alarms[:1]
    )


def reweighted(
    alarm: Alarm, past: Sequence[CollapseAnswer], rules: AnswerRules
) -> CollapseAnswer | None:
    """The next factor of a class's weight; None at the bound."""
    before = factors(past).get(alarm.name, 1.0)
    factor = min(before * rules.factor, rules.most)
    if factor <= before:
        return None
    return CollapseAnswer(action="reweight", name=alarm.name, epoch=alarm.epoch, factor=factor)


def factors(past: Sequence[CollapseAnswer]) -> dict[str, float]:
    """By class, what its first weight is multiplied by after all answers so far."""
    return {answer.name: answer.factor for answer in past if answer.factor is not None}
