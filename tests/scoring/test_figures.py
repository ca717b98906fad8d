"""Figures from counts: exact and undefined values, averages, JSON."""

import json

from hypothesis import given
from hypothesis import strategies as st

from seqlab.scoring.figures import Figures, ItemCounts, class_figures, summarise


@st.composite
def counts(draw):
    correct = draw(st.integers(0, 5))
    return ItemCounts(
        correct=correct,
        predicted=correct + draw(st.integers(0, 5)),
        support=correct + draw(st.integers(0, 5)),
    )


def test_a_class_by_hand():
    figures = class_figures(ItemCounts(correct=2, predicted=4, support=5))
    assert (figures.precision, figures.recall) == (0.5, 0.4)
    assert figures.f1 == 4 / 9
    assert (figures.correct, figures.predicted, figures.support) == (2, 4, 5)


def test_undefined_is_none_and_never_0():
    nothing = class_figures(ItemCounts(correct=0, predicted=0, support=0))
    assert (nothing.precision, nothing.recall, nothing.f1) == (None, None, None)
    unpredicted = class_figures(ItemCounts(correct=0, predicted=0, support=3))
    assert (unpredicted.precision, unpredicted.recall, unpredicted.f1) == (None, 0.0, 0.0)
    unsupported = class_figures(ItemCounts(correct=0, predicted=3, support=0))
    assert (unsupported.precision, unsupported.recall, unsupported.f1) == (0.0, None, 0.0)


@given(counts())
def test_f1_is_the_harmonic_mean_where_precision_and_recall_exist(counted):
    figures = class_figures(counted)
    if counted.correct:
        harmonic = 2 / (1 / figures.precision + 1 / figures.recall)
        assert abs(figures.f1 - harmonic) < 1e-12


def test_a_summary_by_hand():
    summary = summarise(
        {
            "LOC": ItemCounts(correct=0, predicted=1, support=2),
            "PER": ItemCounts(correct=3, predicted=4, support=4),
            "ABC": ItemCounts(correct=0, predicted=0, support=2),
            "NEW": ItemCounts(correct=0, predicted=5, support=0),
            "NIL": ItemCounts(correct=0, predicted=0, support=0),
        }
    )
    assert list(summary.classes) == ["PER", "ABC", "LOC", "NEW", "NIL"]
    assert summary.micro_f1 == 2 * 3 / (10 + 8)
    assert summary.macro_f1 == 0.75 / 3, "NEW and NIL have no gold"
    assert summary.min_f1 == 0.0
    assert summary.classes_never_found == ("ABC", "LOC")


def test_a_summary_without_classes_is_undefined():
    summary = summarise({})
    assert (summary.micro_f1, summary.macro_f1, summary.min_f1) == (None, None, None)
    assert summary.classes_never_found == ()


def test_json_has_exactly_these_keys():
    summary = summarise({"PER": ItemCounts(correct=0, predicted=0, support=1)})
    figures = Figures(
        micro_f1=summary.micro_f1,
        macro_f1=summary.macro_f1,
        token_accuracy=0.5,
        classes=summary.classes,
        classes_never_found=summary.classes_never_found,
        strict=summary,
    )
    inner = {
        "micro_f1": 0.0,
        "macro_f1": 0.0,
        "classes": {
            "PER": {"precision": None, "recall": 0.0, "f1": 0.0, "support": 1, "predicted": 0}
        },
        "classes_never_found": ["PER"],
    }
    assert figures.to_json() == {**inner, "token_accuracy": 0.5, "strict": inner}
    assert list(figures.to_json()) == [
        "micro_f1",
        "macro_f1",
        "token_accuracy",
        "classes",
        "classes_never_found",
        "strict",
    ]
    assert json.loads(json.dumps(figures.to_json())) == figures.to_json()
