"""CRF messages against brute force over all paths."""

import itertools

import numpy as np
import pytest

from seqlab.inference.crf import CrfWeights, crf_messages


def by_enumeration(emissions, transitions, start, end):
    """p(y_t = c | x), (T, C), from every path of one sentence."""
    length, classes = emissions.shape
    sums = np.zeros((length, classes))
    for path in itertools.product(range(classes), repeat=length):
        score = start[path[0]] + end[path[-1]] + emissions[np.arange(length), path].sum()
        score += sum(transitions[a, b] for a, b in itertools.pairwise(path))
        sums[np.arange(length), path] += np.exp(score)
    return sums / sums.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_marginals_equal_the_share_of_all_paths(classes):
    random = np.random.default_rng(classes)
    lengths = np.array([5, 3, 2, 1])
    emissions = random.normal(0, 2, (4, 5, classes)).astype(np.float32)
    transitions = random.normal(0, 2, (classes, classes)).astype(np.float32)
    start, end = random.normal(0, 2, (2, classes)).astype(np.float32)
    before, after = crf_messages(emissions, CrfWeights.of(transitions, start, end), lengths)
    total = (emissions + before + after).astype(np.float64)
    marginals = np.exp(total - np.logaddexp.reduce(total, axis=-1)[..., None])
    for row, length in enumerate(lengths):
        expected = by_enumeration(emissions[row, :length], transitions, start, end)
        np.testing.assert_allclose(marginals[row, :length], expected, atol=1e-5)


def test_long_sentences_of_many_tags_stay_finite():
    random = np.random.default_rng(1)
    emissions = random.normal(0, 30, (1, 1000, 120)).astype(np.float32)
    transitions = random.normal(0, 5, (120, 120)).astype(np.float32)
    none = np.zeros(120, np.float32)
    before, after = crf_messages(
        emissions, CrfWeights.of(transitions, none, none), np.array([1000])
    )
    total = emissions + before + after
    assert np.isfinite(total.max(axis=-1)).all()
    assert not np.isnan(total).any()
