import pytest
from scipy import stats

from seqlab.comparing.intervals import spread, t_quantile, t_within


@pytest.mark.parametrize("freedom", [*range(1, 12), 30, 31, 500])
def test_the_quantile_is_scipys(freedom):
    assert t_quantile(freedom) == pytest.approx(stats.t.ppf(0.975, freedom), rel=1e-9)
    assert t_within(1.3, freedom) == pytest.approx(1 - 2 * stats.t.sf(1.3, freedom), rel=1e-9)


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
