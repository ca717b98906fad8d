import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from seqlab.comparing.intervals import holm, spread


@pytest.mark.parametrize("values", [[0.4, 0.5], [0.31, 0.35, 0.33, 0.4, 0.29]])
def test_the_interval_is_scipys(values):
    found = spread(values)
    mean, error = sum(values) / len(values), stats.sem(values)
    low, high = stats.t.interval(0.95, len(values) - 1, loc=mean, scale=error)
    assert (found.low, found.mean, found.high) == pytest.approx((low, mean, high))


def test_what_is_undefined_is_left_out():
    found = spread([None, 0.5])
    assert (found.values, found.mean, found.low, found.high) == ((0.5,), 0.5, None, None)
    assert spread([None]).mean is None


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
