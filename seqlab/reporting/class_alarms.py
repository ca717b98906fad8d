"""All alarms of a training by class, and which of them the kept epoch has overcome."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

HistoryEntry = Mapping[str, Any]
"""A line of history.jsonl, or an alarm in one."""


@dataclass(frozen=True, kw_only=True)
class ClassAlarms:
    """The alarms of one class in all epochs; those on the old validation data apart.

    last: the newest one. epochs: those with an alarm. overcome: whether the kept epoch has no alarm and finds the class.
    """

    last: HistoryEntry
    epochs: tuple[int, ...]
    overcome: bool

    def text(self, kept_epoch: int) -> str:
        """The last alarm, the epochs of all, and whether they are overcome; then there is no advice."""
        epochs = ", ".join(map(str, self.epochs))
        if not self.overcome:
            return f"{self.last['message']} (alarm in epochs {epochs})"
        fact = str(self.last["message"]).partition(". Try ")[0]
        return f"{fact} (overcome: epoch {kept_epoch} is kept, which finds it; alarm in epochs {epochs})"


def class_alarms(history: Sequence[HistoryEntry], kept_epoch: int) -> list[ClassAlarms]:
    """The alarms of each class: first those that the kept epoch has not overcome, most gold first.

    history: the lines of history.jsonl.
    """
    by_class: dict[tuple[str, bool], list[HistoryEntry]] = {}
    for line in history:
        for alarm in line.get("alarms", ()):
            by_class.setdefault((alarm["name"], is_old(alarm)), []).append(alarm)
    kept = next((line for line in history if line["epoch"] == kept_epoch), None)
    found = [
        ClassAlarms(
            last=alarms[-1],
            epochs=tuple(dict.fromkeys(alarm["epoch"] for alarm in alarms)),
            overcome=kept is not None and is_overcome(alarms[-1], kept),
        )
        for alarms in by_class.values()
    ]
    return sorted(found, key=lambda one: (one.overcome, -one.last["support"], one.last["name"]))


def is_old(alarm: HistoryEntry) -> bool:
    """Whether an alarm is about the old validation data."""
    return bool(alarm["rule"] == "forgotten")


def is_overcome(alarm: HistoryEntry, kept: HistoryEntry) -> bool:
    """Whether the kept epoch finds the class and has no alarm for it. kept: its line of history.jsonl."""
    name, old = alarm["name"], is_old(alarm)
    if any(a["name"] == name and is_old(a) == old for a in kept.get("alarms", ())):
        return False
    figures = kept.get("old") or {} if old else kept
    return bool(figures.get("classes", {}).get(name, {}).get("f1"))
