"""The figures of a split: what a class, a mode and a split are worth, undefined where undefined.

Sums come first and each figure is divided once, from sums. A figure without a denominator is
None, never 0, and enters no average. This module counts nothing: see `tokens` and `spans`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple


class Sums(NamedTuple):
    """What is counted of one class: `correct` of the `predicted`, `support` in the gold tags."""

    correct: int
    predicted: int
    support: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassFigures:
    """One class. precision is None without predictions, recall without gold, f1 without both."""

    precision: float | None
    recall: float | None
    f1: float | None
    support: int
    predicted: int
    correct: int

    def to_json(self) -> dict[str, Any]:
        """The class as metrics.json and history.jsonl hold it."""
        return {
            "precision": self.precision,
            "recall": self.recall,
            "f1": self.f1,
            "support": self.support,
            "predicted": self.predicted,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """All classes of a split, counted in one way.

    micro_f1: F1 of the sums over all classes; for plain tags that is the accuracy.
    macro_f1: mean F1 over the classes with gold support.
    classes: by support, the largest first, then by name.
    classes_never_found: classes with gold support of which nothing was found.
    """

    micro_f1: float | None
    macro_f1: float | None
    classes: Mapping[str, ClassFigures]
    classes_never_found: tuple[str, ...]

    @property
    def min_f1(self) -> float | None:
        """The smallest F1 over the classes with gold support."""
        return min(_supported_f1(self.classes), default=None)

    def to_json(self) -> dict[str, Any]:
        """The summary as the key "strict" of metrics.json holds it."""
        return {
            "micro_f1": self.micro_f1,
            "macro_f1": self.macro_f1,
            "classes": {name: figures.to_json() for name, figures in self.classes.items()},
            "classes_never_found": list(self.classes_never_found),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """A split: the fields of `Summary`, counted in seqeval's default mode or by token.

    token_accuracy: the share of tokens whose whole tag is right; None without tokens.
    strict: the same split in seqeval's strict mode; None for plain tags, or if not asked for.
    """

    micro_f1: float | None
    macro_f1: float | None
    token_accuracy: float | None
    classes: Mapping[str, ClassFigures]
    classes_never_found: tuple[str, ...]
    strict: Summary | None

    @property
    def min_f1(self) -> float | None:
        """The smallest F1 over the classes with gold support."""
        return min(_supported_f1(self.classes), default=None)

    def to_json(self) -> dict[str, Any]:
        """One split of metrics.json; undefined figures are None, JSON's null."""
        return {
            "micro_f1": self.micro_f1,
            "macro_f1": self.macro_f1,
            "token_accuracy": self.token_accuracy,
            "classes": {name: figures.to_json() for name, figures in self.classes.items()},
            "classes_never_found": list(self.classes_never_found),
            "strict": None if self.strict is None else self.strict.to_json(),
        }


def class_figures(sums: Sums) -> ClassFigures:
    """The figures of one class.

    F1 is 2 correct / (predicted + support): the harmonic mean of precision and recall where both
    exist, and 0, not undefined, for a class that has gold and was never predicted.

    >>> class_figures(Sums(correct=0, predicted=0, support=3)).f1
    0.0
    >>> class_figures(Sums(correct=0, predicted=0, support=3)).precision is None
    True
    """
    correct, predicted, support = sums
    return ClassFigures(
        precision=_ratio(correct, predicted),
        recall=_ratio(correct, support),
        f1=_ratio(2 * correct, predicted + support),
        support=support,
        predicted=predicted,
        correct=correct,
    )


def summarise(sums: Mapping[str, Sums]) -> Summary:
    """The figures of every class in `sums`, and their averages."""
    ordered = sorted(sums, key=lambda name: (-sums[name].support, name))
    classes = {name: class_figures(sums[name]) for name in ordered}
    supported = _supported_f1(classes)
    return Summary(
        micro_f1=class_figures(_total(sums.values())).f1,
        macro_f1=_ratio(sum(supported), len(supported)),
        classes=classes,
        classes_never_found=tuple(
            name for name in ordered if sums[name].support and not sums[name].correct
        ),
    )


def _total(sums: Collection[Sums]) -> Sums:
    return Sums(
        correct=sum(s.correct for s in sums),
        predicted=sum(s.predicted for s in sums),
        support=sum(s.support for s in sums),
    )


def _supported_f1(classes: Mapping[str, ClassFigures]) -> list[float]:
    return [c.f1 for c in classes.values() if c.support > 0 and c.f1 is not None]


def _ratio(numerator: float, denominator: int) -> float | None:
    return numerator / denominator if denominator else None
