"""Precision, recall and F1 from counts, per class and averaged.

Counts are summed first, and each figure is divided once, from sums. A figure without a denominator is None,
never 0, and enters no average. The counts come from `span_counts`, `spans` and `score`.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from seqlab.machine.wording import ratio


class ItemCounts(NamedTuple):
    """The items (spans, or tokens of plain tags) of one class. support: gold items."""

    correct: int
    predicted: int
    support: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassFigures:
    """The figures of one class.

    precision is None without predicted items, recall without gold items, f1 without both.
    """

    precision: float | None
    recall: float | None
    f1: float | None
    support: int
    predicted: int
    correct: int

    def to_json(self) -> dict[str, Any]:
        """The class as metrics.json and history.jsonl hold it."""
        return {name: value for name, value in asdict(self).items() if name != "correct"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The figures of all classes in one mode of counting.

    micro_f1: F1 of the counts summed over all classes; for plain tags it is the accuracy.
    macro_f1: mean F1 over the classes with gold support.
    classes: by name; most support first, then by name.
    classes_never_found: classes with gold support and no correct item.
    """

    micro_f1: float | None
    macro_f1: float | None
    classes: Mapping[str, ClassFigures]
    classes_never_found: tuple[str, ...]

    @property
    def min_f1(self) -> float | None:
        """The smallest F1 over the classes with gold support; None without such classes."""
        return min(supported_f1(self.classes), default=None)

    def to_json(self) -> dict[str, Any]:
        """The summary as the key "strict" of metrics.json holds it."""
        return {
            "micro_f1": self.micro_f1,
            "macro_f1": self.macro_f1,
            "classes": {name: figures.to_json() for name, figures in self.classes.items()},
            "classes_never_found": list(self.classes_never_found),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures(Summary):
    """The figures of one split. Spans count in seqeval's default mode, plain tags count per token.

    token_accuracy: share of tokens whose whole tag is correct; None without tokens.
    strict: the same split in seqeval's strict mode; None for plain tags, or if not asked for.
    """

    token_accuracy: float | None
    strict: Summary | None

    def to_json(self) -> dict[str, Any]:
        """One split of metrics.json; undefined figures are None, JSON's null."""
        return {
            "micro_f1": self.micro_f1,
            "macro_f1": self.macro_f1,
            "token_accuracy": self.token_accuracy,
            **Summary.to_json(self),
            "strict": None if self.strict is None else self.strict.to_json(),
        }


def class_figures(counts: ItemCounts) -> ClassFigures:
    """The figures of one class.

    F1 is 2 correct / (predicted + support). That is the harmonic mean of precision and recall where both
    exist, and 0 for a class that has gold items and was never predicted.

    >>> class_figures(ItemCounts(correct=0, predicted=0, support=3)).f1
    0.0
    >>> class_figures(ItemCounts(correct=0, predicted=0, support=3)).precision is None
    True
    """
    correct, predicted, support = counts
    return ClassFigures(
        precision=ratio(correct, predicted),
        recall=ratio(correct, support),
        f1=ratio(2 * correct, predicted + support),
        support=support,
        predicted=predicted,
        correct=correct,
    )


def summarise(counts: Mapping[str, ItemCounts]) -> Summary:
    """The figures of every class, and their averages."""
    ordered = sorted(counts, key=lambda name: (-counts[name].support, name))
    classes = {name: class_figures(counts[name]) for name in ordered}
    supported = supported_f1(classes)
    total = ItemCounts(*map(sum, zip((0, 0, 0), *counts.values(), strict=True)))
    never_found = (name for name, row in classes.items() if row.support and not row.correct)
    return Summary(
        micro_f1=class_figures(total).f1,
        macro_f1=ratio(sum(supported), len(supported)),
        classes=classes,
        classes_never_found=tuple(never_found),
    )


def supported_f1(classes: Mapping[str, ClassFigures]) -> list[float]:
    """The F1 of each class with gold support."""
    return [c.f1 for c in classes.values() if c.support > 0 and c.f1 is not None]
