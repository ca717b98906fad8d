"""Every scheme compared with scikit-learn or a loop of three lines."""

import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.utils.class_weight import compute_class_weight

from seqlab.weighting.formulas import WeightScheme, cap_ratio, formula_weights

seen_counts = st.lists(st.integers(1, 40), min_size=1, max_size=6)
counts_with_gaps = st.lists(st.integers(0, 40), min_size=1, max_size=6).filter(any)
schemes = st.sampled_from(list(WeightScheme))


def by_loop(counts, scheme, beta):
    """The weights of the papers, for classes that all occur."""
    total, classes = sum(counts), len(counts)
    effective = [(1 - beta) / (1 - beta**n) for n in counts]
    median = statistics.median(n / total for n in counts)
    return {
        WeightScheme.NONE: [1 for _ in counts],
        WeightScheme.BALANCED: [total / (classes * n) for n in counts],
        WeightScheme.INVERSE: [total / n for n in counts],
        WeightScheme.SQRT_INVERSE: [math.sqrt(total / (classes * n)) for n in counts],
        WeightScheme.LOG: [1 / math.log(1.02 + n / total) for n in counts],
        WeightScheme.EFFECTIVE_NUMBER: [w / sum(effective) * classes for w in effective],
        WeightScheme.MEDIAN_FREQUENCY: [median / (n / total) for n in counts],
    }[scheme]


@given(seen_counts, schemes, st.sampled_from([0.0, 0.5, 0.9, 0.9999]))
def test_every_scheme_equals_its_formula(counts, scheme, beta):
    weights = formula_weights(np.array(counts), scheme, beta=beta)
    np.testing.assert_allclose(weights, by_loop(counts, scheme, beta), rtol=1e-9)


@given(counts_with_gaps)
def test_balanced_equals_sklearn_over_the_classes_that_occur(counts):
    labels = np.repeat(np.arange(len(counts)), counts)
    occurring = np.unique(labels)
    reference = compute_class_weight("balanced", classes=occurring, y=labels)
    weights = formula_weights(np.array(counts), WeightScheme.BALANCED, beta=0)
    np.testing.assert_allclose(weights[occurring], reference)


@pytest.mark.bits("copied")
@given(counts_with_gaps, schemes)
def test_a_class_with_count_0_has_the_weight_of_count_1_and_changes_no_other(counts, scheme):
    weights = formula_weights(np.array([*counts, 1]), scheme, beta=0.9)
    with_gap = formula_weights(np.array([*counts, 1, 0]), scheme, beta=0.9)
    assert with_gap[-1] == with_gap[-2] == weights[-1]
    np.testing.assert_array_equal(with_gap[:-1], weights)


@given(seen_counts, schemes)
def test_rare_classes_never_weigh_less(counts, scheme):
    counts = sorted(counts)
    weights = formula_weights(np.array(counts), scheme, beta=0.99)
    assert (np.diff(weights) <= 1e-12 * weights[:-1]).all()


def test_a_beta_close_to_1_keeps_its_digits():
    weights = formula_weights(np.array([1, 2]), WeightScheme.EFFECTIVE_NUMBER, beta=1 - 1e-12)
    assert weights[0] / weights[1] == pytest.approx(2, rel=1e-9)


@pytest.mark.bits("copied")
@given(st.lists(st.floats(0.01, 100), min_size=1), st.floats(1, 50))
def test_the_cap_bounds_the_ratio_and_leaves_small_weights(weights, cap):
    array = np.array(weights)
    cut = cap_ratio(array, cap)
    assert cut.max() / cut.min() <= cap * (1 + 1e-12)
    small = array <= cap * array.min()
    np.testing.assert_array_equal(cut[small], array[small])
