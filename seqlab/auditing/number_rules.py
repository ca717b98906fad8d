"""Warnings about numeric columns: constant ones, and numbers that have drifted from train."""

from collections.abc import Iterator

from seqlab.auditing.figures import Audit, AuditWarning
from seqlab.auditing.number_figures import NumberFigures
from seqlab.auditing.thresholds import Thresholds


def number_warnings(audit: Audit, limits: Thresholds) -> Iterator[AuditWarning]:
    """All warnings about numeric columns."""
    for name, splits in audit.numbers.items():
        yield from constant_number(name, splits["train"])
        for split, figures in splits.items():
            yield from different_numbers(name, split, figures, limits)
            yield from new_missing_numbers(name, split, figures, splits["train"])


def constant_number(name: str, train: NumberFigures) -> Iterator[AuditWarning]:
    """constant-number: all numbers of a column are equal in train."""
    if train.minimum is not None and train.minimum == train.maximum:
        message = f"number {name!r} is {train.minimum:g} at every token of train: leave it out"
        yield AuditWarning("constant-number", "train", message, value=train.minimum)


def different_numbers(
    name: str, split: str, figures: NumberFigures, limits: Thresholds
) -> Iterator[AuditWarning]:
    """different-numbers: the mean of a split is far from that of train, or many numbers are outside its range."""
    advice = "check its units and the order of columns, or split the data anew"
    if figures.shift is not None and abs(figures.shift) >= limits.number_shift:
        message = (
            f"the mean of number {name!r} in {split} is {figures.shift:+.2f} training deviations "
            f"from that of train: {advice}"
        )
        yield AuditWarning(
            "different-numbers",
            split,
            message,
            value=abs(figures.shift),
            threshold=limits.number_shift,
        )
    elif figures.outside is not None and figures.outside >= limits.number_outside:
        message = f"{figures.outside:.1%} of number {name!r} in {split} lie outside the range of train: {advice}"
        yield AuditWarning(
            "different-numbers",
            split,
            message,
            value=figures.outside,
            threshold=limits.number_outside,
        )


def new_missing_numbers(
    name: str, split: str, figures: NumberFigures, train: NumberFigures
) -> Iterator[AuditWarning]:
    """missing-numbers: a split misses numbers of a column that train has everywhere."""
    if figures.missing and not train.missing:
        message = (
            f"number {name!r} is missing at {figures.missing:,} tokens of {split}, but never in train: "
            "it is read as the mean there"
        )
        yield AuditWarning("missing-numbers", split, message, value=figures.missing)
