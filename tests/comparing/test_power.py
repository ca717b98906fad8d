import math

import numpy as np
import pytest
from scipy import stats

from seqlab.comparing.power import (
    pooled_deviation,
    power_text,
    seeds_needed,
    smallest_difference,
    typical_deviation_of_differences,
)


@pytest.mark.parametrize("seeds", [2, 3, 5, 12])
def test_the_power_is_that_of_scipys_noncentral_t(seeds):
    found = smallest_difference(seeds, 0.03)
    critical = stats.t.ppf(0.975, seeds - 1)
    assert stats.nct.sf(critical, seeds - 1, found / 0.03 * math.sqrt(seeds)) == pytest.approx(0.8)


def test_the_power_is_that_of_simulated_tests():
    rng = np.random.default_rng(3)
    samples = rng.normal(smallest_difference(4, 0.05), 0.05, size=(20_000, 4))
    rejected = stats.ttest_1samp(samples, 0, axis=1).pvalue < 0.05
    assert rejected.mean() == pytest.approx(0.8, abs=0.01)


def test_the_seeds_needed_are_the_fewest():
    needed = seeds_needed(0.02, 0.03)
    assert smallest_difference(needed, 0.03) <= 0.02 < smallest_difference(needed - 1, 0.03)
    assert seeds_needed(-0.02, 0.03) == needed
    assert (seeds_needed(5.0, 0.03), seeds_needed(1e-4, 0.03)) == (2, None)
    assert smallest_difference(1, 0.03) is None


def test_deviations_are_pooled_by_degrees_of_freedom():
    groups = [[0.1, 0.3], [0.5, 0.2, 0.2], [0.4], []]
    squares = np.var([0.1, 0.3], ddof=1) + 2 * np.var([0.5, 0.2, 0.2], ddof=1)
    assert pooled_deviation(groups) == pytest.approx(math.sqrt(squares / 3))
    assert pooled_deviation([[0.4], []]) is None


def test_the_line_before_training():
    typical = typical_deviation_of_differences()
    assert power_text(2, typical, source="typical") == (
        "2 seeds can decide differences of macro F1 above 0.33; 5 above 0.048, 10 above 0.028 (typical; power 80%)"
    )
    assert power_text(1, typical, source="typical").startswith(
        "1 seed decides no difference; 2 above 0.33, 5 above"
    )
    assert "2 seeds can decide differences of macro F1 above 1;" in power_text(2, 0.2, source="x")
