"""The details beside the figures of a split: intervals, kinds of errors, and scores of seen mentions and by length."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seqlab.scoring.semeval import BEYOND_EXACT, Match, MatchSummary
from seqlab.scoring.span_errors import ErrorKind, SentenceErrors
from seqlab.scoring.uncertainty import Certainty

NO_CERTAINTY: dict[str, Any] = {"f1_interval": None, "smallest_difference": None}


@dataclass(frozen=True, kw_only=True)
class ScoreDetails:
    """Details of one split. All are as metrics.json holds them, but for the first two.

    matches: scores that give credit for a part of a span; empty for plain tags.
    signatures: of the micro F1, by match; 'exact' is that of the split itself.
    errors: by class, the number of errors of each kind; classes with most gold items first.
    seen: recall of mentions that training has seen and of others, by class; None if that is unknown.
    by_length: None for plain tags.
    """

    certainty: Certainty
    matches: Mapping[Match, MatchSummary]
    signatures: Mapping[str, str]
    errors: Mapping[str, Mapping[str, int]]
    seen: Mapping[str, Any] | None
    by_length: Sequence[Mapping[str, Any]] | None
    by_sentence_length: Sequence[Mapping[str, Any]]

    def added_to(self, split: dict[str, Any]) -> dict[str, Any]:
        """The split of metrics.json with these details. split: with figures and confusion only."""
        sure = self.certainty
        classes = {
            name: {**row, **NO_CERTAINTY, **class_json(sure, name)}
            for name, row in split["classes"].items()
        }
        strict = split["strict"]
        if strict is not None:
            strict = {**strict, "signature": self.signatures["strict"]}
        return {
            **split,
            **sure.to_json(),
            "classes": classes,
            "strict": strict,
            **{match.value: self.match_json(match) for match in BEYOND_EXACT},
            "signature": self.signatures["exact"],
            "errors": {name: dict(kinds) for name, kinds in self.errors.items()},
            "seen": None if self.seen is None else dict(self.seen),
            "by_length": None if self.by_length is None else list(map(dict, self.by_length)),
            "by_sentence_length": list(map(dict, self.by_sentence_length)),
        }

    def match_json(self, match: Match) -> dict[str, Any] | None:
        """The scores under one rule of matching; None for plain tags."""
        if match not in self.matches:
            return None
        return {**self.matches[match].to_json(), "signature": self.signatures[match]}


def class_json(certainty: Certainty, name: str) -> dict[str, Any]:
    """The interval and the smallest difference of a class; empty for a class without items."""
    if name not in certainty.classes:
        return {}
    interval, difference = certainty.classes[name]
    return {
        "f1_interval": None if interval is None else list(interval),
        "smallest_difference": difference,
    }


def error_counts(
    sentences: Sequence[SentenceErrors], classes: Sequence[str]
) -> dict[str, dict[str, int]]:
    """The number of errors of each class and kind. classes: the order; every class gets a row."""
    counts = {name: dict.fromkeys(map(str, ErrorKind), 0) for name in classes}
    for sentence in sentences:
        for error in sentence.errors:
            counts[error.class_name][str(error.kind)] += 1
    return counts
