"""SemEval-2013 task 9.1 (Segura-Bedmar et al.): scores that also give credit for a part of a span, as nervaluate counts.

Each prediction, from left to right, is matched with one gold span. Figures of a class compare spans of that class only,
so a wrong type counts as a missing span of one class and a spurious span of the other.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from seqlab.corpus.schemes import TypedSpan
from seqlab.machine.wording import ratio
from seqlab.scoring.span_errors import SentenceErrors, overlaps


class Match(StrEnum):
    """When a prediction is correct.

    STRICT: same tokens and class. BOUNDARY: same tokens. TYPE: an overlap and the same class.
    PARTIAL: same tokens, whatever the class; an overlap counts half.
    """

    STRICT = "strict"
    BOUNDARY = "boundary"
    TYPE = "type"
    PARTIAL = "partial"


BEYOND_EXACT = (Match.PARTIAL, Match.TYPE, Match.BOUNDARY)


Spans = Sequence[TypedSpan]


class MatchCounts(NamedTuple):
    """How many spans are correct, incorrect (another class, or other tokens), partial, missing and spurious."""

    correct: int = 0
    incorrect: int = 0
    partial: int = 0
    missing: int = 0
    spurious: int = 0

    @property
    def predicted(self) -> int:
        """The predicted spans."""
        return self.correct + self.incorrect + self.partial + self.spurious

    @property
    def gold(self) -> int:
        """The gold spans."""
        return self.correct + self.incorrect + self.partial + self.missing

    def to_json(self) -> dict[str, Any]:
        """Precision, recall, F1 and the counts; undefined figures are None."""
        credit = self.correct + 0.5 * self.partial
        return {
            "precision": ratio(credit, self.predicted),
            "recall": ratio(credit, self.gold),
            "f1": ratio(2 * credit, self.predicted + self.gold),
            **self._asdict(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchSummary:
    """The counts of a split under one rule of matching. classes: by name; most gold spans first, then by name."""

    overall: MatchCounts
    classes: Mapping[str, MatchCounts]

    def to_json(self) -> dict[str, Any]:
        """One of the entries "partial", "type" and "boundary" of metrics.json."""
        classes = {name: counts.to_json() for name, counts in self.classes.items()}
        f1 = [classes[name]["f1"] for name, counts in self.classes.items() if counts.gold]
        overall = self.overall.to_json()
        micro = overall.pop("f1")
        return {
            "micro_f1": micro,
            "macro_f1": ratio(sum(f1), len(f1)),
            **overall,
            "classes": classes,
        }


def match_spans(
    sentences: Sequence[SentenceErrors], matches: Sequence[Match] = BEYOND_EXACT
) -> dict[Match, MatchSummary]:
    """The counts of all sentences under each rule of matching. sentences: with their spans, as `span_errors` gives them."""
    alike: Counter[str] = Counter()  # classes of the spans in sentences without an error
    different = []
    for gold, predicted, _ in sentences:
        if gold == predicted:
            alike.update(span[2] for span in gold)
        else:
            different.append((gold, predicted))
    return {match: match_differing(different, alike, match) for match in matches}


def match_differing(
    sentences: Sequence[tuple[Spans, Spans]], alike: Mapping[str, int], match: Match
) -> MatchSummary:
    """The counts under one rule. alike: spans of each class in sentences whose two sides are the same."""
    overall = [[sum(alike.values()), 0, 0, 0, 0]]
    by_class = {name: [[count, 0, 0, 0, 0]] for name, count in alike.items()}
    for gold, predicted in sentences:
        overall.append([*match_sentence(gold, predicted, match)])
        for name in {span[2] for span in (*gold, *predicted)}:
            ours = [span for span in gold if span[2] == name]
            theirs = [span for span in predicted if span[2] == name]
            by_class.setdefault(name, []).append([*match_sentence(ours, theirs, match)])
    classes = {name: total(rows) for name, rows in by_class.items()}
    order = sorted(classes, key=lambda name: (-classes[name].gold, name))
    return MatchSummary(overall=total(overall), classes={name: classes[name] for name in order})


def total(rows: Sequence[Sequence[int]]) -> MatchCounts:
    """The sums of counts."""
    return MatchCounts(*map(sum, zip(*rows, strict=True)))


def match_sentence(
    gold: Sequence[TypedSpan], predicted: Sequence[TypedSpan], match: Match
) -> MatchCounts:
    """Match the spans of one sentence. Spans of one side are in order and do not overlap each other.

    >>> match_sentence([(0, 2, "A"), (3, 4, "B")], [(0, 1, "A"), (3, 4, "C")], Match.PARTIAL)
    MatchCounts(correct=1, incorrect=0, partial=1, missing=0, spurious=0)
    """
    if gold == predicted:
        return MatchCounts(correct=len(gold))
    choose = best_of_class if match is Match.TYPE else exact_or_first
    equal = EQUAL[match]
    correct = overlapping = spurious = 0
    free = set(range(len(gold)))
    _, over = overlaps(gold, predicted)
    for span, candidates in zip(predicted, over, strict=True):
        left = [index for index in candidates if index in free]
        if not left:
            spurious += 1
            continue
        index = choose(span, left, gold, equal)
        free.remove(index)
        if equal(span, gold[index]):
            correct += 1
        else:
            overlapping += 1
    halves = match is Match.PARTIAL
    return MatchCounts(
        correct, 0 if halves else overlapping, overlapping if halves else 0, len(free), spurious
    )


SpansAgree = Callable[[TypedSpan, TypedSpan], bool]
EQUAL: Mapping[Match, SpansAgree] = {
    Match.STRICT: lambda one, other: one == other,
    Match.BOUNDARY: lambda one, other: one[:2] == other[:2],
    Match.TYPE: lambda one, other: one[2] == other[2],
    Match.PARTIAL: lambda one, other: one[:2] == other[:2],
}


def exact_or_first(
    span: TypedSpan, candidates: Sequence[int], gold: Sequence[TypedSpan], equal: SpansAgree
) -> int:
    """The gold span that makes the prediction correct, or else the first that it overlaps."""
    return next((i for i in candidates if equal(span, gold[i])), candidates[0])


def best_of_class(
    span: TypedSpan, candidates: Sequence[int], gold: Sequence[TypedSpan], equal: SpansAgree
) -> int:
    """The gold span of the same class whose borders are nearest, or else the first that the prediction overlaps."""
    same = [index for index in candidates if equal(span, gold[index])]

    def distance(index: int) -> int:
        return abs(gold[index][0] - span[0]) + abs(gold[index][1] - span[1])

    return min(same, key=distance) if same else candidates[0]
