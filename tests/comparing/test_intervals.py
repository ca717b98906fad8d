import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from seqlab.comparing.intervals import DIFFERENCE_RANGE, F1_RANGE, holm, spread, t_test


@pytest.mark.parametrize("values", [[0.4, 0.5], [0.31, 0.35, 0.33, 0.4, 0.29]])
def test_the_interval_is_scipys(values):
    found = spread(values, within=F1_RANGE)
    mean, error = sum(values) / len(values), stats.sem(values)
    low, high = stats.t.interval(0.95, len(values) - 1, loc=mean, scale=error)
    assert (found.low, found.mean, found.high) == pytest.approx((max(0, low), mean, min(1, high)))
    assert t_test(values) == pytest.approx(stats.ttest_1samp(values, 0).pvalue)


def test_what_is_undefined_is_left_out():
    found = spread([None, 0.5], within=F1_RANGE)
    assert (found.values, found.mean, found.low, found.high) == ((0.5,), 0.5, None, None)
    assert spread([None], within=F1_RANGE).mean is None
    assert t_test([0.5]) is None


def test_equal_differences_have_no_spread():
    assert (t_test([0.0, 0.0]), t_test([0.1, 0.1])) == (1.0, 0.0)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=6))
def test_an_interval_stays_within_its_range_and_holds_the_mean(values):
    for numbers, ends in ((values, F1_RANGE), ([2 * v - 1 for v in values], DIFFERENCE_RANGE)):
        found = spread(numbers, within=ends)
        assert ends[0] <= found.low <= found.mean + 1e-12
        assert found.mean - 1e-12 <= found.high <= ends[1]


def test_a_table_done_by_hand():
    assert holm([0.01, 0.04, 0.03, 0.005]) == [0.03, 0.06, 0.06, 0.02]
    assert holm([]) == []
    assert holm([0.7, 0.8]) == [1.0, 1.0]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_nothing_gets_smaller_and_the_order_stays(values):
    found = holm(values)
    assert all(before <= after <= 1 for before, after in zip(values, found, strict=True))
    order = sorted(range(len(values)), key=values.__getitem__)
    assert [found[i] for i in order] == sorted(found)
