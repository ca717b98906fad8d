import pytest
from scipy import stats

from seqlab.comparing.intervals import spread


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
