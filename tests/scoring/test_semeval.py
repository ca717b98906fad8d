"""SemEval scores: equal to nervaluate's on any tags; by hand where nervaluate has no say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nervaluate import Evaluator

from seqlab.scoring.score import score
from seqlab.scoring.semeval import Match, MatchCounts, match_sentence, match_spans
from seqlab.scoring.span_errors import span_errors

NERVALUATE = {
    Match.STRICT: "strict",
    Match.BOUNDARY: "exact",
    Match.TYPE: "ent_type",
    Match.PARTIAL: "partial",
}
TAGS = st.sampled_from(["O", "B-A", "I-A", "B-B", "I-B", "I-C"])
PAIRS = st.lists(st.lists(st.tuples(TAGS, TAGS), min_size=1, max_size=12), min_size=1, max_size=5)


def sides(pairs):
    return [[g for g, _ in row] for row in pairs], [[p for _, p in row] for row in pairs]


def theirs(result):
    return (result.correct, result.incorrect, result.partial, result.missed, result.spurious)


@given(PAIRS)
def test_counts_and_figures_equal_those_of_nervaluate(pairs):
    gold, predicted = sides(pairs)
    ours = match_spans(span_errors(gold, predicted, "iob2"), list(Match))
    reference = Evaluator(gold, predicted, tags=["A", "B", "C"], loader="list").evaluate()
    for match, name in NERVALUATE.items():
        overall = reference["overall"][name]
        assert tuple(ours[match].overall) == theirs(overall)
        figures = ours[match].to_json()
        for key, value in (("precision", overall.precision), ("micro_f1", overall.f1)):
            assert figures[key] is None or figures[key] == pytest.approx(value)
        by_class = {label: theirs(r[name]) for label, r in reference["entities"].items()}
        assert {label: tuple(c) for label, c in ours[match].classes.items()} == by_class
        f1 = [r[name].f1 for r in reference["entities"].values() if r[name].possible]
        assert figures["macro_f1"] == (pytest.approx(sum(f1) / len(f1)) if f1 else None)


@given(PAIRS)
def test_strict_is_the_default_mode_of_seqeval(pairs):
    gold, predicted = sides(pairs)
    strict = match_spans(span_errors(gold, predicted, "iob2"), [Match.STRICT])[Match.STRICT]
    figures = score(gold, predicted, "iob2", strict=False)
    assert strict.to_json()["micro_f1"] == figures.micro_f1
    assert strict.to_json()["macro_f1"] == figures.macro_f1
    assert list(strict.classes) == list(figures.classes)


@pytest.mark.parametrize(
    ("match", "counts"),
    [
        (Match.STRICT, (1, 2, 0, 1, 1)),
        (Match.BOUNDARY, (2, 1, 0, 1, 1)),
        (Match.TYPE, (2, 1, 0, 1, 1)),
        (Match.PARTIAL, (2, 0, 1, 1, 1)),
    ],
)
def test_each_rule_by_hand(match, counts):
    gold = [(0, 2, "A"), (3, 5, "A"), (6, 7, "B"), (8, 9, "B")]
    predicted = [(0, 2, "A"), (4, 6, "A"), (6, 7, "A"), (10, 11, "B")]
    assert match_sentence(gold, predicted, match) == MatchCounts(*counts)


def test_half_credit_for_a_part():
    figures = MatchCounts(correct=1, partial=1, missing=2).to_json()
    assert (figures["precision"], figures["recall"]) == (0.75, 0.375)
    assert figures["f1"] == pytest.approx(2 * 0.75 * 0.375 / (0.75 + 0.375))
    assert MatchCounts().to_json()["f1"] is None
