"""Cross entropy compared with numpy, and the divisor of Keras' `fit`."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqlab.modeling.keras_loss import keras_loss
from seqlab.modeling.losses import token_cross_entropy

LABELS = np.array([[1, 4, 2, 0], [3, 0, 0, 0]], np.int32)  # 2 sentences, 4 tokens, 5 classes


@pytest.fixture
def logits():
    return np.random.default_rng(3).normal(0, 3, (2, 4, 5)).astype(np.float32)


def by_loop(labels, logits):
    """float64 (B, T): minus the logarithm of the gold class's probability; 0 without a class."""
    out = np.zeros(labels.shape)
    for b, t in np.argwhere(labels > 0):
        scores = np.exp(logits[b, t].astype(np.float64))
        out[b, t] = -np.log(scores[labels[b, t] - 1] / scores.sum())
    return out


def test_cross_entropy_equals_a_loop(logits):
    losses = token_cross_entropy(LABELS, logits).numpy()
    np.testing.assert_allclose(losses, by_loop(LABELS, logits), rtol=1e-5)
    assert losses.shape == (2, 4)
    assert losses.dtype == np.float32
    assert (losses[LABELS == 0] == 0).all()


def test_cross_entropy_of_large_scores_is_finite():
    logits = np.array([[[1e4, -1e4]]], np.float32)
    assert token_cross_entropy(np.array([[1]]), logits).numpy() == 0
    assert token_cross_entropy(np.array([[2]]), logits).numpy() == 2e4


def test_its_gradient_equals_finite_differences_and_is_0_on_padding(logits):
    variable = tf.Variable(logits)
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(token_cross_entropy(LABELS, variable))
    gradient = tape.gradient(total, variable).numpy()
    for index in np.ndindex(logits.shape):
        step = np.zeros(logits.shape)
        step[index] = 1e-5
        difference = by_loop(LABELS, logits + step).sum() - by_loop(LABELS, logits - step).sum()
        assert gradient[index] == pytest.approx(difference / 2e-5, abs=1e-4)
    assert not gradient[LABELS == 0].any()


def test_the_loss_for_keras_divides_by_the_sum_of_weights(logits):
    probabilities = keras.ops.softmax(logits)
    one_hot = np.eye(6, dtype=np.float32)[LABELS][:, :, 1:]
    weights = np.array([[0.5, 3, 1, 0], [2, 0, 0, 0]], np.float32)
    weighted_sum = (weights * by_loop(LABELS, logits)).sum()
    ours = float(keras_loss()(one_hot, probabilities, sample_weight=weights))
    assert ours == pytest.approx(weighted_sum / weights.sum(), rel=1e-5)
    default = keras.losses.CategoricalCrossentropy()
    diluted = float(default(one_hot, probabilities, sample_weight=weights))
    assert diluted == pytest.approx(weighted_sum / 8, rel=1e-5)  # by B * T, padding included
