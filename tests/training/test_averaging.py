"""The moving average of the weights, against a loop in numpy; `test_step.py` has it on two replicas."""

import keras
import numpy as np
import pytest

from seqlab.training.averaging import WARM_UP, WeightAverage
from seqlab.training.loop import train_network
from tests.training.small import tagger_network, word_network
from tests.training.test_loop import Weights, assert_equal_weights, make_task, plan, scripted

WORD_TABLE = 0  # the first of the weights of `word_network`


class StepWeights(keras.callbacks.Callback):
    """The weights after every step, as a callback sees them."""

    def on_train_begin(self, logs=None):
        self.start = self.model.get_weights()
        self.steps = []

    def on_train_batch_end(self, batch, logs=None):
        self.steps.append(self.model.get_weights())


def averaged(start, steps, decay):
    """float64: the averages after the last of `steps`, by their definition; the word table as it is."""
    found = [w.astype(np.float64) for w in start]
    for number, weights in enumerate(steps, 1):
        kept = min(decay, (1 + number) / (WARM_UP + number))
        found = [kept * old + (1 - kept) * new for old, new in zip(found, weights, strict=True)]
    found[WORD_TABLE] = steps[-1][WORD_TABLE]
    return found


@pytest.mark.parametrize("decay", [0.3, 0.9])
def test_what_is_kept_is_the_average_of_all_steps_to_the_best_epoch(decay):
    network, steps, ends = word_network(), StepWeights(), Weights()
    task = make_task(scripted(0.1, 0.5, 0.2))
    train_network(network, task, plan(average_decay=decay), callbacks=[steps, ends])
    a_epoch = len(steps.steps) // 3
    expected = averaged(steps.start, steps.steps[: 2 * a_epoch], decay)
    for own, other in zip(network.get_weights(), expected, strict=True):
        np.testing.assert_allclose(own, other, rtol=1e-5, atol=1e-6)
    assert_equal_weights(
        ends.epochs[1], steps.steps[2 * a_epoch - 1]
    )  # callbacks see the last step


def test_what_is_scored_is_the_average():
    losses = {}
    for decay in (0.0, 0.9):
        steps = StepWeights()
        network = word_network()
        (record,) = train_network(
            network, make_task(), plan(epochs=1, average_decay=decay), callbacks=[steps]
        ).history
        losses[decay] = record.valid.weighted
        network.set_weights(averaged(steps.start, steps.steps, decay))
        (again,) = train_network(
            frozen(network), make_task(), plan(epochs=1, average_decay=0.0)
        ).history
        assert record.valid.weighted == pytest.approx(again.valid.weighted, rel=1e-5)
    assert losses[0.0] != pytest.approx(losses[0.9], rel=1e-3)


def frozen(network):
    """The same network, that steps leave as it is."""
    network.optimizer.learning_rate = 0.0
    return network


def test_training_goes_on_from_its_own_weights():
    runs = []
    for decay in (0.0, 0.9):
        ends = Weights()
        train_network(word_network(), make_task(), plan(average_decay=decay), callbacks=[ends])
        runs.append(ends.epochs)
    for ours, theirs in zip(*runs, strict=True):
        assert_equal_weights(ours, theirs)


def test_its_place_is_given_back_even_after_an_error():
    network = word_network()
    average = WeightAverage(network, decay=0.9)
    start = network.get_weights()
    kernel = network.get_layer("logits").kernel
    kernel.assign(kernel + 1.0)
    average.update()
    moved = network.get_weights()
    inside = []
    with pytest.raises(KeyError), average.in_place():
        raise KeyError(inside.extend(network.get_weights()))
    kept = 2 / (WARM_UP + 1)
    np.testing.assert_allclose(inside[1], start[1] + (1 - kept), rtol=1e-5)
    assert_equal_weights(network.get_weights(), moved)
    average.restart()
    with average.in_place():
        assert_equal_weights(network.get_weights(), moved)


def test_every_layer_but_the_word_table_is_averaged():
    network = tagger_network(char_encoder="cnn", max_chars=5, features={"case": 8}, head="crf")
    average = WeightAverage(network, decay=0.9)
    own = {id(variable) for variable in average.weights}
    left = [v.path for v in network.trainable_variables if id(v.value) not in own]
    assert left == ["word_embedding/embeddings"]
