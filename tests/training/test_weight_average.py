"""The average of the weights equals the weighted sum of all weights, and only validation and the kept epoch see it."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqlab.machine.interrupts import StopRequest
from seqlab.modeling import variables
from seqlab.modeling.variables import copy_weights
from seqlab.training import deferred_adam
from seqlab.training.deferred_adam import DeferredAdam, FusedAdam
from seqlab.training.loop import train_network
from seqlab.training.training_state import TrainingStoppedError
from seqlab.training.weight_average import WeightAverage
from tests.training.small import word_network
from tests.training.test_loop import Weights, make_task, plan
from tests.training.test_resume import Kept, assert_same, check_all, outcome, task_of

pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept:DeprecationWarning"
)
BATCHES = 6  # of `make_task` in an epoch


@pytest.fixture
def eager():
    """Runs steps without building graphs, which takes longer than these trainings."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


class EachStep(keras.callbacks.Callback):
    """Keeps the weights after each training step."""

    def __init__(self):
        super().__init__()
        self.steps = []

    def on_train_batch_end(self, batch, logs=None):
        self.steps.append(self.model.get_weights())


def by_hand(steps, epochs):
    """The mean of the weights after each step, the step of age k with weight exp(-k / steps of the horizon)."""
    ages = np.arange(len(steps))[::-1]
    shares = np.exp(-ages / (BATCHES * epochs))
    shares /= shares.sum()
    return [np.tensordot(shares, np.array(w), 1) for w in zip(*steps, strict=True)]


@pytest.mark.bits("repeated")
@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize(
    ("adam", "rate", "tolerance"), [(FusedAdam, 0.1, 3e-6), (DeferredAdam, 0.002, 1e-3)]
)
def test_each_epoch_is_validated_with_the_average_by_hand(adam, rate, tolerance, monkeypatch):
    """`DeferredAdam` takes the last of several missed steps for all of them, which matters little with a usual rate."""
    for module, name in ((variables, "BLOCK_ROWS"), (deferred_adam, "SETTLED_ROWS")):
        monkeypatch.setattr(
            module, name, 4
        )  # the table is exchanged and brought up to date by blocks
    averaged, each = Weights(), EachStep()
    train_network(word_network(FusedAdam(rate)), make_task(), plan(epochs=2), callbacks=[each])
    network = word_network(adam(rate, averages=True))
    training = plan(epochs=2, average_epochs=0.7)
    result = train_network(network, make_task(), training, callbacks=[averaged])
    for number in (1, 2):
        expected = by_hand(each.steps[: number * BATCHES], 0.7)
        for found, wanted in zip(averaged.epochs[number - 1], expected, strict=True):
            np.testing.assert_allclose(found, wanted, rtol=0, atol=tolerance)
    last = zip(each.steps[-1], averaged.epochs[-1], strict=True)
    assert max(np.abs(a - b).max() for a, b in last) > 2 * rate  # an average, not the last weights
    kept = averaged.epochs[result.best_epoch - 1]
    for found, wanted in zip(network.get_weights(), kept, strict=True):
        np.testing.assert_array_equal(found, wanted)


@pytest.mark.bits("repeated")
@pytest.mark.usefixtures("eager")
def test_an_interrupted_training_goes_on_with_its_average():
    network = lambda: word_network(DeferredAdam(0.1, averages=True), dropout=0.4)  # noqa: E731
    wanted = [(1, 2), (2, 0)]
    training = plan(epochs=2, average_epochs=0.5)
    check_all(network, task_of, training, only=lambda p: (p.epoch, p.batch) in wanted)


@pytest.mark.bits("repeated")
@pytest.mark.usefixtures("eager")
def test_a_stop_within_validation_keeps_the_weights_and_not_their_average():
    """The state must hold both: the training goes on from the weights."""
    network = lambda: word_network(FusedAdam(0.1, averages=True))  # noqa: E731
    training = plan(epochs=2, average_epochs=0.5)
    first = network()
    whole = outcome(first, train_network(first, task_of(), training))

    stop, kept, stopped = StopRequest(), Kept(), network()
    task = task_of()
    scored = []

    def batch_of_validation(sentences, original=task.valid.batch):
        scored.append(stopped.get_weights())
        stop.requested = True
        return original(sentences)

    task.valid.batch = batch_of_validation
    with pytest.raises(TrainingStoppedError):
        train_network(stopped, task, training, checkpoints=kept, stop=stop)
    assert scored
    fresh = network()
    fresh.optimizer.build(fresh.trainable_variables)
    result = train_network(fresh, task_of(), training, state=kept.states[-1])
    assert_same(outcome(fresh, result), whole)


@pytest.mark.bits("repeated")
@pytest.mark.usefixtures("eager")
def test_after_a_restore_the_average_starts_anew():
    network = word_network(FusedAdam(0.1, averages=True))
    network.optimizer.build(network.trainable_variables)
    average, before = WeightAverage(network, epochs=1.0, steps=1), copy_weights(network)
    for change in (1, 2):
        network.optimizer.iterations.assign_add(1)
        network.set_weights([weight + change for weight in before])
        average.update()
        if change == 1:
            average.restart()
    network.set_weights(before)
    average.show()
    for found, wanted in zip(copy_weights(network), before, strict=True):
        np.testing.assert_allclose(found, wanted + 2, atol=1e-6)
    average.hide()
    for found, wanted in zip(copy_weights(network), before, strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_an_optimizer_without_averages_is_refused():
    network = word_network(FusedAdam(0.1))
    with pytest.raises(ValueError, match=r"^the optimizer keeps no averages$"):
        WeightAverage(network, epochs=1.0, steps=5)
