"""Doubtful labels against cleanlab's confident joint, and by hand."""

import numpy as np
import pytest

from seqlab.tuning.label_doubts import LEAST_RECALL, doubt_labels


def noisy(seed, tokens=400, classes=4):
    """Random probabilities that mostly agree with the labels; 5 % of the labels are moved."""
    dice = np.random.default_rng(seed)
    true = dice.choice(classes, tokens, p=[0.7, 0.15, 0.1, 0.05])
    scores = dice.standard_normal((tokens, classes)) + 3 * np.eye(classes)[true]
    powers = np.exp(scores)
    moved = dice.random(tokens) < 0.05
    labels = np.where(moved, dice.integers(0, classes, tokens), true)
    return powers / powers.sum(axis=1, keepdims=True), labels.astype(np.int32)


@pytest.mark.parametrize("seed", range(5))
def test_they_are_the_label_issues_of_cleanlab(seed):
    filtering = pytest.importorskip("cleanlab.filter")
    probabilities, labels = noisy(seed)
    issues = filtering.find_label_issues(
        labels, probabilities, filter_by="confident_learning", n_jobs=1
    )
    doubts = doubt_labels(probabilities, labels)
    assert sorted(doubts.tokens.tolist()) == np.flatnonzero(issues).tolist()
    assert len(doubts.tokens)


def test_the_least_probable_gold_tag_comes_first():
    probabilities, labels = noisy(1)
    doubts = doubt_labels(probabilities, labels)
    given = probabilities[doubts.tokens, labels[doubts.tokens]]
    assert (np.diff(given) >= 0).all()
    assert (doubts.suggested != labels[doubts.tokens]).all()


def test_a_tag_that_the_network_hardly_finds_is_left_out():
    probabilities = np.array([[0.9, 0.1]] * 10)
    labels = np.array([0] * 8 + [1] * 2, np.int32)
    assert LEAST_RECALL == 0.2
    assert doubt_labels(probabilities, labels).tokens.tolist() == []


def test_unknown_labels_and_empty_splits_are_left_out():
    assert doubt_labels(np.array([[0.9, 0.1]]), np.array([-1], np.int32)).tokens.tolist() == []
    assert doubt_labels(np.zeros((0, 2)), np.zeros(0, np.int32)).tokens.tolist() == []
