"""Error kinds: cases by hand, and laws that hold for every input."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.corpus.schemes import Scheme, encode_spans
from seqlab.errors import UserError
from seqlab.scoring.score import score
from seqlab.scoring.span_errors import span_errors

LENGTH = 10
TAGS = st.sampled_from(["O", "B-PER", "I-PER", "E-PER", "S-LOC", "B-LOC", "I-LOC", "LAW", ""])
PAIRS = st.lists(st.lists(st.tuples(TAGS, TAGS), max_size=8), max_size=4)
SPAN_SCHEMES = [scheme for scheme in Scheme if scheme is not Scheme.PLAIN]


def errors(gold, predicted):
    sides = ([encode_spans(spans, LENGTH, Scheme.IOB2)] for spans in (gold, predicted))
    (sentence,) = span_errors(*sides, "iob2")
    assert sentence.gold == tuple(sorted(gold))
    assert sentence.predicted == tuple(sorted(predicted))
    return [(e.kind.value, e.class_name, e.gold, e.predicted) for e in sentence.errors]


@pytest.mark.parametrize(
    ("gold", "predicted", "expected"),
    [
        ([(0, 2, "A")], [(0, 2, "A")], []),
        ([(0, 2, "A")], [], [("missed", "A", 0, None)]),
        ([], [(0, 2, "A")], [("invented", "A", None, 0)]),
        ([(0, 2, "A")], [(0, 2, "B")], [("wrong type", "A", 0, 0)]),
        ([(0, 2, "A")], [(1, 4, "B")], [("wrong type", "A", 0, 0)]),
        ([(0, 2, "A")], [(0, 3, "A")], [("wrong boundary", "A", 0, 0)]),
        ([(0, 4, "A")], [(0, 1, "A"), (2, 4, "B")], [("split", "A", 0, 1)]),
        ([(0, 1, "A"), (2, 4, "B")], [(0, 4, "A")], [("merged", "A", 0, 0), ("merged", "B", 1, 0)]),
        # a border between two neighbours in the wrong place
        (
            [(0, 2, "A"), (2, 4, "B")],
            [(0, 3, "A"), (3, 4, "B")],
            [("wrong boundary", "A", 0, 0), ("wrong boundary", "B", 1, 1)],
        ),
        (
            [(0, 2, "A"), (2, 4, "B")],
            [(0, 3, "B"), (3, 4, "C")],
            [("wrong type", "A", 0, 0), ("wrong boundary", "B", 1, 0)],
        ),
        # the class decides before the share of tokens does
        ([(0, 4, "A"), (5, 7, "B")], [(1, 3, "B"), (3, 6, "A")], [
            ("wrong boundary", "A", 0, 1),
            ("wrong type", "B", 1, 1),
        ]),
        # errors stand in the order of the tokens
        ([(6, 7, "A")], [(0, 1, "B")], [("invented", "B", None, 0), ("missed", "A", 0, None)]),
    ],
)  # fmt: skip
def test_each_kind_by_hand(gold, predicted, expected):
    assert errors(gold, predicted) == expected


@given(PAIRS, st.sampled_from(SPAN_SCHEMES))
def test_every_gold_span_is_correct_or_one_error(pairs, scheme):
    gold, predicted = ([[p[side] for p in row] for row in pairs] for side in (0, 1))
    sentences = span_errors(gold, predicted, scheme)
    lost = Counter(e.class_name for s in sentences for e in s.errors if e.kind != "invented")
    figures = score(gold, predicted, scheme).classes
    assert lost == {n: f.support - f.correct for n, f in figures.items() if f.support > f.correct}
    sides = [Counter(span[2] for s in sentences for span in side(s)) for side in (golds, preds)]
    assert sides[0] == {n: f.support for n, f in figures.items() if f.support}
    assert sides[1] == {n: f.predicted for n, f in figures.items() if f.predicted}


def golds(sentence):
    return sentence.gold


def preds(sentence):
    return sentence.predicted


@given(PAIRS, st.sampled_from(SPAN_SCHEMES))
def test_missed_and_invented_spans_overlap_nothing(pairs, scheme):
    gold, predicted = ([[p[side] for p in row] for row in pairs] for side in (0, 1))
    for sentence in span_errors(gold, predicted, scheme):
        covered = [
            {i for start, end, _ in side for i in range(start, end)}
            for side in (sentence.gold, sentence.predicted)
        ]
        free = [
            {n for n, (start, end, _) in enumerate(side) if not other & {*range(start, end)}}
            for side, other in zip(sentence[:2], covered[::-1], strict=True)
        ]
        kinds = sentence.errors
        assert {e.gold for e in kinds if e.kind == "missed"} == free[0]
        assert {e.predicted for e in kinds if e.kind == "invented"} == free[1]


def test_a_plain_tag_that_differs_is_a_wrong_type():
    (sentence,) = span_errors([["NOUN", "VERB", "X"]], [["NOUN", "NOUN", "VERB"]], "plain")
    assert sentence.gold == ((1, 2, "VERB"), (2, 3, "X"))
    assert sentence.predicted == ((1, 2, "NOUN"), (2, 3, "VERB"))
    assert [tuple(error) for error in sentence.errors] == [
        ("wrong type", "VERB", 0, 0),
        ("wrong type", "X", 1, 1),
    ]


def test_lengths_that_differ_are_refused():
    with pytest.raises(UserError) as caught:
        span_errors([["O"]], [["O", "O"]], "iob2")
    assert str(caught.value) == (
        "sentence 1 of 1: 1 gold tags, 2 predicted; give one of each per token"
    )
