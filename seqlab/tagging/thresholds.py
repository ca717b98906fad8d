"""Thresholds: by label, the smallest score that a span needs to be returned."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from seqlab.errors import SettingsError, nearest, with_type
from seqlab.machine.numbers import is_number

SpanThresholds = Mapping[str, float]
"""By label, a number from 0 to 1. Spans of a label without a threshold are all returned."""


class SpanWithScore(Protocol):
    """A span with its label and its score."""

    @property
    def label(self) -> str:
        """The entity type."""

    @property
    def score(self) -> float:
        """From 0 to 1."""


AnySpan = TypeVar("AnySpan", bound=SpanWithScore)


def check_thresholds(given: Any, labels: Iterable[str], *, plain: bool) -> dict[str, float]:
    """The thresholds of a caller; none for None.

    labels: those of the tagger. plain: whether it predicts plain tags.
    Raises SettingsError for plain tags, for an unknown label, and for anything but numbers from 0 to 1.

    >>> check_thresholds({"PER": 0.5}, ["PER", "LOC"], plain=False)
    {'PER': 0.5}
    """
    expected = "a number from 0 to 1"
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise SettingsError(
            f"thresholds is {with_type(given)}: expected {expected} by label, such as {{'PER': 0.5}}"
        )
    if plain and given:
        raise SettingsError(
            "thresholds are for spans, but this tagger predicts plain tags, which have no spans"
        )
    known = list(labels)
    for label, least in given.items():
        if label not in known:
            raise SettingsError(
                f"thresholds: the tagger has no label {label!r}{nearest(label, known)}"
            )
        if not is_number(least) or not 0 <= least <= 1:
            raise SettingsError(f"thresholds[{label!r}] is {least!r}: expected {expected}")
    return dict(given)


def kept_spans(spans: Sequence[AnySpan], thresholds: SpanThresholds) -> Sequence[AnySpan]:
    """The spans whose score reaches the threshold of their label."""
    if not thresholds:
        return spans
    return [span for span in spans if not span.score < thresholds.get(span.label, 0)]
