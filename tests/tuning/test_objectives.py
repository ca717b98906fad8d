"""Objectives by hand."""

from seqlab.scoring.figures import ItemCounts
from seqlab.tuning.costs import Cost
from seqlab.tuning.objectives import (
    maximise_macro_f1,
    maximise_min_f1,
    minimise_cost,
    reach_recall,
)

COUNTS = {
    "PER": ItemCounts(correct=3, predicted=4, support=4),  # F1 3/4
    "LOC": ItemCounts(correct=1, predicted=1, support=3),  # F1 1/2
}


def test_f1_by_hand():
    assert maximise_macro_f1(COUNTS) == (0.625, 8 / 12)
    assert maximise_min_f1(COUNTS) == (0.5, 0.625, 8 / 12)
    assert maximise_macro_f1({}) == (0.0, 0.0)
    assert maximise_min_f1({}) == (0.0, 0.0, 0.0)


def test_cost_by_hand():
    costs = {"PER": Cost(miss=10.0, false_alarm=0.5)}
    assert minimise_cost(costs)(COUNTS) == (-(10 + 0.5 + 2),)


def test_recall_by_hand():
    """PER reaches 0.75 of 0.9, LOC 1/3 of 0.5; a class without gold or counts can't lack recall."""
    lacks, alarms, correct = reach_recall({"PER": 0.9, "LOC": 0.5, "ORG": 1.0})(COUNTS)
    assert round(lacks, 9) == round(-(0.15 + 0.5 - 1 / 3), 9)
    assert (alarms, correct) == (-1, 4)
    assert reach_recall({"PER": 0.5})(COUNTS) == (0.0, -1, 3)
