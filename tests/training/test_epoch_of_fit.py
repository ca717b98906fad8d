"""An epoch of the training loop against an epoch of Keras' own `fit`, with the same start, batches and token weights."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqlab.training.deferred_adam import DeferredAdam
from seqlab.training.loop import train_network
from tests.training.small import tagger_network
from tests.training.test_loop import make_task, plan

pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept:DeprecationWarning"
)

TOLERANCE = 1e-5
RATE = 0.05


class SummedAdam(keras.optimizers.Adam):
    """Adam on whole gradients. Keras squares those of a repeated word one by one; see test_step."""

    def apply(self, grads, trainable_variables=None):
        super().apply([tf.convert_to_tensor(grad) for grad in grads], trainable_variables)


class BatchLosses(keras.callbacks.Callback):
    """The loss of each batch, from the mean that `fit` logs, in which a batch counts by its number of sentences."""

    def __init__(self, sizes):
        super().__init__()
        self.sizes, self.losses, self.total, self.count = sizes, [], 0.0, 0

    def on_train_batch_end(self, batch, logs=None):
        size = self.sizes[batch]
        self.count += size
        total = logs["loss"] * self.count
        self.losses.append((total - self.total) / size)
        self.total = total


def fit_one_epoch(network, task):
    """Train by `fit`. Returns the loss of each batch."""
    parts = task.train.epoch(seed=1, number=1)
    batches = list(task.train.batches(parts))
    classes = len(task.class_names)

    def arrays():
        for batch in batches:
            inputs = tuple(batch.inputs[tensor.name] for tensor in network.inputs)
            one_hot = np.eye(classes + 1, dtype=np.float32)[batch.labels][:, :, 1:]
            yield inputs, one_hot, task.weights(batch, epoch=1)

    losses = BatchLosses([len(part) for part in parts])
    network.fit(
        arrays(),
        epochs=1,
        steps_per_epoch=len(batches),
        shuffle=False,
        verbose=0,
        callbacks=[losses],
    )
    return losses.losses


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        pytest.param(keras.optimizers.SGD, keras.optimizers.SGD, id="SGD"),
        pytest.param(DeferredAdam, SummedAdam, id="Adam", marks=pytest.mark.slow),
    ],
)
def test_an_epoch_has_the_losses_of_an_epoch_of_fit(ours, theirs):
    task = make_task(size=4)
    own, other = tagger_network(ours(RATE)), tagger_network(theirs(RATE))
    other.set_weights(own.get_weights())
    (record,) = train_network(own, task, plan(epochs=1, clip_norm=1e9)).history
    losses = fit_one_epoch(other, task)
    weights = [
        float(task.weights(batch, epoch=1).sum())
        for batch in task.train.batches(task.train.epoch(seed=1, number=1))
    ]
    assert len(losses) == 6
    assert max(losses) - min(losses) > 0.01
    # The loop divides once, by the weight of the epoch; `fit` divides in each batch.
    expected = np.dot(losses, weights) / sum(weights)
    assert record.train.weighted == pytest.approx(expected, abs=TOLERANCE)
    for mine, their in zip(own.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_allclose(mine, their, atol=1e-4)
