"""Properties of every loss: padding never counts, a weight of 0 removes a token, gradients are right.

Each is measured against a reference in plain numpy, written from the papers' formulas.
"""

from functools import partial

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqlab.experiment.loss_choice import choose_loss
from seqlab.modeling.keras_loss import keras_loss
from seqlab.modeling.losses import token_cross_entropy
from seqlab.settings.choices import LossName
from seqlab.settings.training import make_settings
from seqlab.training.split_losses import WEIGHT, WEIGHTED_LOSS
from seqlab.training.step import class_sums

NAMES = LossName.__args__
COUNTS = np.array([700, 40, 9, 3, 1])
LABELS = np.array([[1, 4, 2, 0], [3, 0, 0, 0], [5, 1, 1, 2]], np.int32)  # 3 sentences, 5 classes
OPTIONS: dict[str, dict[str, float]] = {
    "label-smoothing": {"smoothing": 0.2},
    "focal": {"focal_gamma": 1.5},
    "logit-adjusted": {"logit_tau": 0.8},
    "ldam": {"ldam_margin": 1.3},
}


def softmax(scores):
    powers = np.exp(scores - scores.max())
    return powers / powers.sum()


def reference(name, scores, gold):
    """The loss of one token. scores: float64 (C,). gold: class index."""
    p = softmax(scores)
    if name == "label-smoothing":
        target = np.full(5, 0.2 / 5)
        target[gold] += 0.8
        return -(target * np.log(p)).sum()
    if name == "focal":
        return -((1 - p[gold]) ** 1.5) * np.log(p[gold])
    if name == "logit-adjusted":
        return -np.log(softmax(scores + 0.8 * np.log(COUNTS / 753))[gold])
    if name == "ldam":
        lowered = scores.copy()
        lowered[gold] -= 1.3 * (1 / COUNTS[gold]) ** 0.25
        return -np.log(softmax(lowered)[gold])
    return -np.log(p[gold])


def by_loop(name, labels, scores):
    out = np.zeros(labels.shape)
    for b, t in np.argwhere(labels > 0):
        out[b, t] = reference(name, scores[b, t].astype(np.float64), labels[b, t] - 1)
    return out


@pytest.fixture
def scores():
    return np.random.default_rng(4).normal(0, 2, (3, 4, 5)).astype(np.float32)


@pytest.fixture(params=NAMES)
def named(request):
    """The name of a loss and the loss that the settings choose."""
    options = OPTIONS.get(request.param, {})
    return request.param, choose_loss(make_settings(loss=request.param, **options), COUNTS)


def test_it_equals_the_reference(named, scores):
    name, loss = named
    found = loss(LABELS, scores).numpy()
    np.testing.assert_allclose(found, by_loop(name, LABELS, scores), rtol=2e-5, atol=1e-6)
    assert (found[LABELS == 0] == 0).all()


def test_its_gradient_equals_finite_differences(named, scores):
    name, loss = named
    variable = tf.Variable(scores)
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(loss(LABELS, variable))
    gradient = tape.gradient(total, variable).numpy()
    for index in np.ndindex(scores.shape):
        step = np.zeros(scores.shape)
        step[index] = 1e-5
        wide = scores.astype(np.float64)
        up, down = (by_loop(name, LABELS, wide + sign * step).sum() for sign in (1, -1))
        assert gradient[index] == pytest.approx((up - down) / 2e-5, abs=2e-4)
    assert not gradient[LABELS == 0].any()


def test_its_gradient_is_finite_for_extreme_logits(named):
    variable = tf.Variable([[[80.0, -80, 0, 0, 0], [-80.0, 80, 0, 0, 0]]])
    with tf.GradientTape() as tape:
        losses = named[1](np.array([[1, 1]]), variable)
    assert np.isfinite(losses.numpy()).all()
    assert np.isfinite(tape.gradient(losses, variable).numpy()).all()


def weighted(loss, labels, scores, weights):
    """sum(weight * loss) / sum(weight), as a training step computes it."""
    sums = class_sums(labels, loss(labels, scores), weights, 5).numpy()[1:].sum(axis=0)
    return sums[WEIGHTED_LOSS] / sums[WEIGHT]


def test_padding_changes_nothing(named, scores):
    loss = named[1]
    weights = np.where(LABELS > 0, np.arange(12).reshape(3, 4) + 1, 0).astype(np.float32)
    room = ((0, 0), (0, 146))
    wide = weighted(
        loss,
        np.pad(LABELS, room),
        np.pad(scores, (*room, (0, 0)), constant_values=3),
        np.pad(weights, room),
    )
    assert wide == pytest.approx(weighted(loss, LABELS, scores, weights), rel=1e-5)


def test_a_weight_of_0_removes_a_token(named, scores):
    loss = named[1]
    weights = (LABELS > 0).astype(np.float32)
    weights[2, 0] = 0
    gone = LABELS.copy()
    gone[2, 0] = 0
    left = weighted(loss, LABELS, scores, weights)
    assert left == pytest.approx(weighted(loss, gone, scores, weights), rel=1e-6)
    scores[2, 0] += 50
    assert weighted(loss, LABELS, scores, weights) == left


def test_as_a_keras_loss_it_is_the_same(named, scores):
    name, loss = named
    one_hot = np.eye(6, dtype=np.float32)[LABELS][:, :, 1:]
    weights = (LABELS > 0) * np.array([1, 2, 3, 4], np.float32)
    found = float(keras_loss(loss)(one_hot, keras.ops.softmax(scores), sample_weight=weights))
    assert found == pytest.approx(
        (by_loop(name, LABELS, scores) * weights).sum() / weights.sum(), rel=1e-4
    )


@pytest.mark.parametrize(
    ("name", "option"),
    [
        ("label-smoothing", "smoothing"),
        ("focal", "focal_gamma"),
        ("logit-adjusted", "logit_tau"),
        ("ldam", "ldam_margin"),
    ],
)
def test_with_its_option_at_0_it_is_cross_entropy(name, option, scores):
    loss = choose_loss(make_settings(loss=name, **{option: 0}), COUNTS)
    expected = token_cross_entropy(LABELS, scores).numpy()
    np.testing.assert_allclose(loss(LABELS, scores).numpy(), expected, rtol=1e-5)


def test_every_name_of_the_settings_has_its_own_loss():
    chosen = [choose_loss(make_settings(loss=name), COUNTS) for name in NAMES]
    functions = [c.func if isinstance(c, partial) else c for c in chosen]
    assert len(set(functions)) == len(NAMES) == 5


@pytest.mark.parametrize("name", NAMES)
def test_by_default_the_loss_falls_with_the_gold_probability(name):
    loss = choose_loss(make_settings(loss=name), COUNTS)
    shares = np.array([0.001, 0.05, 0.2, 0.5, 0.8, 0.95, 0.98])
    p = np.stack([shares, *[(1 - shares) / 4] * 4], axis=-1)[:, None]
    found = loss(tf.ones((7, 1), tf.int32), tf.math.log(tf.constant(p, tf.float32))).numpy()[:, 0]
    if name == "label-smoothing":
        found = found[:-2]  # its minimum is at 1 - smoothing, by design
    assert (np.diff(found) < 0).all()


@pytest.mark.parametrize("name", NAMES)
def test_by_default_certain_and_wrong_costs_more_than_certain_and_right(name):
    loss = choose_loss(make_settings(loss=name), COUNTS)
    scores = tf.constant([[[20.0, 0, 0, 0, 0]], [[0, 20.0, 0, 0, 0]]])
    right, wrong = loss(tf.ones((2, 1), tf.int32), scores).numpy()[:, 0]
    assert wrong > 1.5 * right + 0.1
