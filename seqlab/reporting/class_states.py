"""Which classes a finished or unfinished training has lost, which are at risk, and since when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from seqlab.reporting.class_alarms import HistoryEntry
from seqlab.reporting.run_values import Split, state_of

SPLITS = {"valid": "validation", "test": "test"}


@dataclass(frozen=True, kw_only=True)
class ClassState:
    """A class that is lost or at risk in a split.

    gold: its gold items there. f1: its F1 there, 0 for a lost class. split: "validation" or "test".
    since: the epoch from which on validation has no correct item, up to the kept epoch; 1 if it never had one; None if
    unknown. ever: whether any epoch has a correct item, before or after the kept one.
    """

    name: str
    gold: int
    f1: float
    split: str = "validation"
    since: int | None = None
    ever: bool = True


def lost_anywhere(
    splits: Mapping[str, Split], history: Sequence[HistoryEntry], kept_epoch: int
) -> list[ClassState]:
    """The classes that a split has lost, each once: those of validation first, then most gold items first."""
    found: dict[str, ClassState] = {}
    for name, split in splits.items():
        shown = SPLITS.get(name, name)
        for one in lost_classes(split, history if name == "valid" else (), kept_epoch):
            found.setdefault(one.name, replace(one, split=shown))
    return list(found.values())


def at_risk_anywhere(splits: Mapping[str, Split]) -> list[ClassState]:
    """The classes at risk in a split that no split has lost, each once: those of validation first, the lowest F1 first."""
    lost = {one.name for one in lost_anywhere(splits, (), 0)}
    found: dict[str, ClassState] = {}
    for name, split in splits.items():
        for one in classes_at_risk(split):
            if one.name not in lost:
                found.setdefault(one.name, replace(one, split=SPLITS.get(name, name)))
    return list(found.values())


def lost_classes(
    split: Split, history: Sequence[HistoryEntry], kept_epoch: int
) -> list[ClassState]:
    """The classes of a split that `state_of` calls lost, most gold items first.

    split: as in metrics.json. history: of the validation split; empty for another split.
    """
    return [
        with_start(ClassState(name=name, gold=row["support"], f1=0.0), history, kept_epoch)
        for name, row in enough_gold(split).items()
        if state_of(row) == "lost"
    ]


def classes_at_risk(split: Split) -> list[ClassState]:
    """The classes of a split that `state_of` calls at risk; the lowest F1 first."""
    found = [
        ClassState(name=name, gold=row["support"], f1=row["f1"])
        for name, row in enough_gold(split).items()
        if state_of(row) == "at risk"
    ]
    return sorted(found, key=lambda one: one.f1)


def enough_gold(split: Split) -> dict[str, Split]:
    """The figures of the classes with enough gold to judge them, most gold first."""
    rows = {n: row for n, row in split["classes"].items() if state_of(row) != "too few"}
    return dict(sorted(rows.items(), key=lambda item: (-item[1]["support"], item[0])))


def with_start(state: ClassState, history: Sequence[HistoryEntry], kept_epoch: int) -> ClassState:
    """The state with the epoch since which validation has no correct item of the class."""
    found = {
        line["epoch"]: bool((line["classes"].get(state.name) or {}).get("recall"))
        for line in history
    }
    if not found or found.get(kept_epoch, True):  # the decisions after training have lost it
        return state
    before = [epoch for epoch, ok in found.items() if ok and epoch < kept_epoch]
    return replace(state, since=max(before, default=0) + 1, ever=any(found.values()))


def most_confused(split: Split, name: str) -> tuple[str, float] | None:
    """The class that the tokens of a class are most often taken for, and the share of its tokens; None if unknown."""
    confusion = split.get("confusion")
    if not confusion or name not in confusion["names"]:
        return None
    counts = dict(
        zip(confusion["names"], confusion["counts"][confusion["names"].index(name)], strict=True)
    )
    total = sum(counts.values())
    others = {other: count for other, count in counts.items() if other != name}
    if not total or not others:
        return None
    other = max(others, key=lambda one: others[one])
    return other, others[other] / total
