import pytest
from bench.goals import GOALS, Goal, judge

AT_LEAST = Goal(text="speed", part="p", figure="f", limit=10, at_least=True)
AT_MOST = Goal(text="memory", part="p", figure="f", limit=1.3, sizes=(("n", [2, 20]),))


def parts(values, **sizes):
    return {"p": {"figures": {"f": values}, "sizes": sizes}}


@pytest.mark.parametrize(
    ("goal", "values", "word"),
    [
        (AT_LEAST, [9.0, 10.0, 12.0], "met"),
        (AT_LEAST, [9.0, 9.9, 12.0], "missed"),
        (AT_MOST, [1.3], "met"),
        (AT_MOST, [1.2, 1.31, 1.4], "missed"),
    ],
)
def test_the_median_is_judged(goal, values, word):
    assert judge(goal, parts(values, n=[2, 20])).word == word


def test_a_figure_of_smaller_sizes_says_so():
    assert judge(AT_MOST, parts([1.0], n=[1, 10])).word == "met, at 1 and 10 n"
    assert judge(AT_MOST, parts([9.0], n=[1, 1000])).word == "missed, at 1 and 1,000 n"


def test_what_was_not_measured_is_neither_met_nor_missed():
    for found in ({}, {"p": {"figures": {}, "sizes": {}}}):
        assert judge(AT_LEAST, found).word == "not measured"
        assert judge(AT_LEAST, found).reached is None


def test_the_goals_are_those_of_the_issue():
    assert [(goal.limit, goal.at_least) for goal in GOALS] == [
        (10, True), (0.4, True), (15, True), (0.4, True), (0.4, True), (0.8, True), (1, False),
        (50, False), (1.02, False), (3, True), (2, True),
        (1.15, False), (1.5, False), (3, False), (1.02, False), (1.3, False), (1.1, False), (0.5, False), (2, False),
        (0.15, False),
    ]  # fmt: skip
