"""All alarms of a training by class, and which of them the kept epoch has overcome."""

from collections.abc import Sequence
from dataclasses import dataclass

from seqlab.training.collapse import Alarm
from seqlab.training.epoch_record import EpochRecord


@dataclass(frozen=True, kw_only=True)
class ClassAlarms:
    """The alarms of one class in all epochs; those on the old validation data apart.

    last: the newest one. epochs: those with an alarm. overcome: whether the kept epoch has no alarm and finds the class.
    """

    last: Alarm
    epochs: tuple[int, ...]
    overcome: bool


def class_alarms(history: Sequence[EpochRecord], best_epoch: int) -> list[ClassAlarms]:
    """The alarms of each class: first those that hold in the kept epoch, most gold first."""
    by_class: dict[tuple[str, bool], list[Alarm]] = {}
    for record in history:
        for alarm in record.alarms:
            by_class.setdefault((alarm.name, alarm.rule == "forgotten"), []).append(alarm)
    kept = history[best_epoch - 1] if history else None
    found = [
        ClassAlarms(
            last=alarms[-1],
            epochs=tuple(dict.fromkeys(alarm.epoch for alarm in alarms)),
            overcome=kept is not None and is_overcome(alarms[-1], kept),
        )
        for alarms in by_class.values()
    ]
    return sorted(found, key=lambda one: (one.overcome, -one.last.support, one.last.name))


def is_overcome(alarm: Alarm, kept: EpochRecord) -> bool:
    """Whether the kept epoch finds the class and has no alarm for it."""
    old = alarm.rule == "forgotten"
    figures = kept.old_figures if old else kept.figures
    if any(a.name == alarm.name and (a.rule == "forgotten") == old for a in kept.alarms):
        return False
    return figures is not None and bool(figures.classes[alarm.name].f1)
