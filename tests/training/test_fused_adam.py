"""Fused Adam against Keras' own: single variables, and the loss of a whole training."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqlab.training.deferred_adam import FusedAdam
from seqlab.training.loop import optimizer_state
from seqlab.training.split_losses import WEIGHT, WEIGHTED_LOSS
from seqlab.training.step import Steps
from tests.training.small import make_batcher, make_corpus, tagger_network

STEPS = 20


def moved(optimizer, size):
    """A variable and the optimizer's state after some steps, the rate changed in between."""
    variable = keras.Variable(np.linspace(-1, 1, 15, dtype=np.float32).reshape(3, 5))
    optimizer.build([variable])
    for seed in range(STEPS):
        gradient = np.random.default_rng(seed).normal(0, size, (3, 5)).astype(np.float32)
        optimizer.learning_rate = 0.05 if seed < STEPS / 2 else 0.01
        optimizer.apply([tf.constant(gradient)], [variable])
    return [variable.numpy(), *(v.numpy() for v in optimizer.variables)]


@pytest.mark.parametrize("size", [1.0, 1e-7])  # of gradients: large and small beside epsilon
def test_a_variable_moves_as_under_keras_adam(size):
    both = (moved(kind(0.05), size) for kind in (FusedAdam, keras.optimizers.Adam))
    for ours, theirs in zip(*both, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=2e-5, atol=1e-20)


def losses(optimizer):
    """The loss of each step, and the optimizer's state."""
    network = tagger_network(optimizer, char_encoder="cnn", max_chars=15, features={"case": 8})
    steps, batcher, found = Steps(network, clip_norm=0.5), make_batcher(make_corpus()), []
    parts = [part for number in range(9) for part in batcher.epoch(seed=1, number=number)]
    for batch in batcher.batches(parts[:STEPS]):
        arrays = steps.arrays(batch, (batch.labels > 0).astype(np.float32))
        sums = steps.train(arrays).numpy()[1:].sum(axis=0)
        found.append(sums[WEIGHTED_LOSS] / sums[WEIGHT])
    return found, [v.shape for v in optimizer_state(network)]


def test_the_loss_falls_as_under_keras_adam():
    ours, theirs = (losses(kind(0.01)) for kind in (FusedAdam, keras.optimizers.Adam))
    np.testing.assert_allclose(ours[0], theirs[0], rtol=1e-5)
    assert ours[0][-1] < 0.9 * ours[0][0]
    assert ours[1] == theirs[1]
