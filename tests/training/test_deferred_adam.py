"""DeferredAdam and FusedAdam equal Adam to rounding: after pauses, changed rates, and for any size of gradient."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqlab.training import deferred_adam, step
from seqlab.training.deferred_adam import DeferredAdam, FusedAdam, distinct_rows
from seqlab.training.loop import optimizer_state
from seqlab.training.split_losses import WEIGHT, WEIGHTED_LOSS
from seqlab.training.step import Steps
from tests.training.small import make_batcher, make_corpus, tagger_network, word_network

WORDS = 30
STEPS = 20


def batches(number, seed=1):
    """Arrays of steps that most words skip, some for more than `COAST` steps."""
    random = np.random.default_rng(seed)
    for index in range(number):
        words = random.integers(2, WORDS if index % 230 == 0 else 9, (2, 5)).astype(np.int32)
        words[1, 3:] = 0
        labels = np.where(words, words % 3 + 1, 0).astype(np.int32)
        yield words, labels, (labels > 0).astype(np.float32)


def trained(optimizer, number, each=lambda steps, index: None, **options):
    network = tagger_network(optimizer, words=WORDS, **options)
    steps = Steps(network, clip_norm=5.0)
    for index, arrays in enumerate(batches(number)):
        each(steps, index)
        steps.train(arrays)
    steps.settle()
    return network


def table_of(network):
    return network.get_layer("word_embedding").get_weights()[0]


def new_rate(steps, index):
    steps.network.optimizer.learning_rate = 0.01 if index % 50 < 25 else 0.002


def test_the_network_equals_that_of_adam():
    deferred, dense = (
        trained(optimizer(0.01), 300, new_rate) for optimizer in (DeferredAdam, FusedAdam)
    )
    for one, other in zip(deferred.get_weights(), dense.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=2e-6)
    moments = [v.numpy() for v in optimizer_state(dense)]
    for variable, expected in zip(optimizer_state(deferred), moments, strict=False):
        np.testing.assert_allclose(variable.numpy(), expected, rtol=1e-3, atol=1e-7)
    changes = np.abs(table_of(dense) - table_of(tagger_network(words=WORDS))).min(axis=1)
    assert (changes > 1e-2).sum() >= 15


@pytest.mark.parametrize("size", [1.0, 1e-5, 1e-7])
def test_a_row_without_gradient_moves_as_under_adam_for_any_size_of_its_last_gradient(size):
    """One gradient, then none: 250 steps at once equal 250 single steps."""
    gradient = np.random.default_rng(3).normal(0, size, (1, 4)).astype(np.float32)
    tables = []
    for optimizer in (DeferredAdam(0.1), keras.optimizers.Adam(0.1)):
        deferred = isinstance(optimizer, DeferredAdam)
        table = keras.Variable(np.zeros((3, 4), np.float32), name="word_embedding")
        optimizer.build([table])
        for number in range(250):
            values = gradient if number == 2 else np.zeros_like(gradient)
            row = 1 if number == 2 else 2
            slices = tf.IndexedSlices(values, tf.constant([row]), (3, 4))
            if deferred:
                optimizer.catch_up(tf.constant([row], tf.int64))
                optimizer.apply([slices], [table])
            else:
                optimizer.apply([tf.convert_to_tensor(slices)], [table])
        if deferred:
            optimizer.settle()
        tables.append(table.numpy())
    np.testing.assert_allclose(*tables, rtol=2e-5)
    assert np.abs(tables[0][1]).min() > 1e-3


def test_a_short_history_of_rates_makes_no_difference(monkeypatch):
    monkeypatch.setattr(deferred_adam, "HISTORY", 7)
    monkeypatch.setattr(step, "HISTORY", 7)
    monkeypatch.setattr(deferred_adam, "SETTLED_ROWS", 11)
    deferred, dense = (
        trained(optimizer(0.01), 40, new_rate) for optimizer in (DeferredAdam, FusedAdam)
    )
    np.testing.assert_allclose(table_of(deferred), table_of(dense), atol=2e-6)


@pytest.mark.bits("copied")
def test_only_rows_that_are_read_are_written():
    network = tagger_network(DeferredAdam(0.01), words=WORDS)
    steps = Steps(network, clip_norm=5.0)
    start, (first, *others) = table_of(network), list(batches(6))
    steps.train(first)
    after_one = table_of(network)
    for arrays in others:
        steps.train(arrays)
    read = np.unique([0, 1, *np.unique([arrays[0] for arrays in others])])
    paused = np.setdiff1d(np.arange(WORDS), read)
    table = table_of(network)
    np.testing.assert_array_equal(table[paused], after_one[paused])
    assert (after_one != start)[paused].any()
    steps.settle()
    assert (table_of(network) != table)[paused].any()
    settled = table_of(network)
    steps.settle()
    np.testing.assert_array_equal(table_of(network), settled)


def test_evaluation_reads_up_to_date_rows():
    found = []
    for optimizer in (DeferredAdam, FusedAdam):
        network = tagger_network(optimizer(0.05), words=WORDS)
        steps = Steps(network, clip_norm=5.0)
        whole = list(batches(9))
        for arrays in whole:
            steps.train(arrays)
        found.append(steps.evaluate(whole[0])[1].numpy())
    np.testing.assert_allclose(*found, rtol=1e-4)


@pytest.mark.bits("repeated")
def test_restored_state_repeats_the_same_steps():
    """`--on-collapse restore` does this between epochs."""
    network = tagger_network(DeferredAdam(0.01), words=WORDS)
    steps = Steps(network, clip_norm=5.0)
    one, two, three = (list(batches(20, seed)) for seed in (1, 2, 3))

    def epoch(whole):
        for arrays in whole:
            steps.train(arrays)
        steps.settle()
        return network.get_weights()

    weights = epoch(one)
    state = [np.array(v.numpy()) for v in optimizer_state(network)]
    once = epoch(two)
    epoch(three)
    network.set_weights(weights)
    for variable, value in zip(optimizer_state(network), state, strict=True):
        variable.assign(value)
    for first, second in zip(once, epoch(two), strict=True):
        np.testing.assert_array_equal(first, second)


@pytest.mark.bits("repeated")
def test_with_a_frozen_table_it_is_fused_adam():
    options = {"trainable_words": False}
    deferred, dense = (
        trained(optimizer(0.01), 5, **options) for optimizer in (DeferredAdam, FusedAdam)
    )
    for one, other in zip(deferred.get_weights(), dense.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def repeated_rows(rows=(1, 4, 5), size=9):
    """A gradient (7, 3) in rows that repeat."""
    random = np.random.default_rng(5)
    values = random.normal(0, 1, (size, 3)).astype(np.float32)
    return tf.IndexedSlices(values, tf.constant(random.choice(rows, size)), tf.constant([7, 3]))


def test_distinct_rows_have_the_norm_of_the_whole_gradient():
    gradient = repeated_rows()
    distinct = distinct_rows(gradient)
    whole = np.zeros((7, 3), np.float32)
    np.add.at(whole, gradient.indices.numpy(), gradient.values)
    assert sorted(distinct.indices.numpy()) == [1, 4, 5]
    np.testing.assert_allclose(tf.convert_to_tensor(distinct), whole, rtol=1e-6)
    norm = tf.linalg.global_norm([distinct])
    np.testing.assert_allclose(norm, np.linalg.norm(whole), rtol=1e-6)


def test_a_step_clips_by_the_norm_of_the_dense_gradient():
    """SGD would show the norm itself; the first step of Adam shows the clipped gradient's moments."""
    (batch,) = make_batcher(make_corpus()).batches([np.array([0, 4])])
    weights = (batch.labels > 0).astype(np.float32)
    moments = []
    for optimizer in (DeferredAdam(0.05), keras.optimizers.Adam(0.05)):
        network = word_network(optimizer)
        steps = Steps(network, clip_norm=0.05)
        steps.train(steps.arrays(batch, weights))
        moments.append([np.array(v.numpy()) for v in optimizer_state(network)])
    for deferred, dense in zip(
        *moments, strict=False
    ):  # DeferredAdam has more variables at the end
        np.testing.assert_allclose(deferred, dense, rtol=1e-4, atol=1e-9)


def trained_variable(optimizer, size):
    """A variable and the optimizer's state after some steps, the rate changed in between."""
    variable = keras.Variable(np.linspace(-1, 1, 15, dtype=np.float32).reshape(3, 5))
    optimizer.build([variable])
    for seed in range(STEPS):
        gradient = np.random.default_rng(seed).normal(0, size, (3, 5)).astype(np.float32)
        optimizer.learning_rate = 0.05 if seed < STEPS / 2 else 0.01
        optimizer.apply([tf.constant(gradient)], [variable])
    return [variable.numpy(), *(v.numpy() for v in optimizer.variables)]


@pytest.mark.parametrize("size", [1.0, 1e-7])  # of gradients: large and small compared with epsilon
def test_a_variable_moves_as_under_keras_adam(size):
    both = (
        trained_variable(optimizer(0.05), size) for optimizer in (FusedAdam, keras.optimizers.Adam)
    )
    for ours, theirs in zip(*both, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=2e-5, atol=1e-20)


def step_losses(optimizer):
    """The loss of each step, and the optimizer's state."""
    network = tagger_network(optimizer, char_encoder="cnn", max_chars=15, features={"case": 8})
    steps, batcher, losses = Steps(network, clip_norm=0.5), make_batcher(make_corpus()), []
    parts = [part for number in range(9) for part in batcher.epoch(seed=1, number=number)]
    for batch in batcher.batches(parts[:STEPS]):
        arrays = steps.arrays(batch, (batch.labels > 0).astype(np.float32))
        sums = steps.train(arrays).numpy()[1:].sum(axis=0)
        losses.append(sums[WEIGHTED_LOSS] / sums[WEIGHT])
    return losses, [v.shape for v in optimizer_state(network)]


def test_the_loss_falls_as_under_keras_adam():
    ours, theirs = (
        step_losses(optimizer(0.01)) for optimizer in (FusedAdam, keras.optimizers.Adam)
    )
    np.testing.assert_allclose(ours[0], theirs[0], rtol=1e-5)
    assert ours[0][-1] < 0.9 * ours[0][0]
    assert ours[1] == theirs[1]
