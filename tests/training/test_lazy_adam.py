"""Lazy Adam against numpy, against Adam, and inside a whole step."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqlab.training.deferred_adam import LazyAdam, distinct_rows
from seqlab.training.loop import optimizer_state
from seqlab.training.step import Steps
from tests.training.small import make_batcher, make_corpus, tagger_network, word_network

NO_CLIPPING = 1e9
RATE = 0.05


def lazy_adam(start, gradients):
    """The table after steps of (rows, values) by LazyAdam, in numpy and one row at a time."""
    table = start.astype(np.float64)
    first, second = np.zeros_like(table), np.zeros_like(table)
    for step, (rows, values) in enumerate(gradients, start=1):
        for row in sorted(set(rows)):
            g = sum(v for r, v in zip(rows, values, strict=True) if r == row)
            first[row] = 0.9 * first[row] + 0.1 * g
            second[row] = 0.999 * second[row] + 0.001 * g**2
            rate = RATE * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
            table[row] -= rate * first[row] / (np.sqrt(second[row]) + 1e-7)
    return table


def steps_of_rows(rows, number=7, size=6, seed=5):
    """Gradients of some steps: `size` rows out of `rows`, most of them more than once."""
    random = np.random.default_rng(seed)
    return [
        (random.choice(rows, size), random.normal(0, 1, (size, 3)).astype(np.float32))
        for _ in range(number)
    ]


def applied(optimizer, start, gradients):
    variable = keras.Variable(start)
    optimizer.build([variable])
    for rows, values in gradients:
        slices = tf.IndexedSlices(values, tf.constant(rows), start.shape)
        optimizer.apply([slices], [variable])
    return variable.numpy()


@pytest.mark.bits("copied")
def test_rows_move_as_in_numpy_and_absent_ones_not_at_all():
    start = np.random.default_rng(1).normal(0, 1, (9, 3)).astype(np.float32)
    gradients = steps_of_rows([0, 2, 3, 7])
    assert all(len(set(rows)) < len(rows) for rows, _ in gradients)
    found = applied(LazyAdam(RATE), start, gradients)
    np.testing.assert_allclose(found, lazy_adam(start, gradients), rtol=1e-5, atol=1e-6)
    absent = [1, 4, 5, 6, 8]
    np.testing.assert_array_equal(found[absent], start[absent])
    assert np.abs(found - start)[[0, 2, 3, 7]].min() > 1e-3


def test_a_tensor_moves_everything_as_adam_does():
    start = np.random.default_rng(1).normal(0, 1, (4, 3)).astype(np.float32)
    both = []
    for optimizer in (LazyAdam(RATE), keras.optimizers.Adam(RATE)):
        variable = keras.Variable(start)
        optimizer.build([variable])
        for seed in range(3):
            gradient = np.random.default_rng(seed).normal(0, 1, (4, 3)).astype(np.float32)
            optimizer.apply([tf.constant(gradient)], [variable])
        both.append(variable.numpy())
    np.testing.assert_allclose(*both, rtol=2e-5)


def test_distinct_rows_have_the_norm_of_the_whole_tensor():
    rows, values = steps_of_rows([1, 4, 5], number=1, size=9)[0]
    slices = tf.IndexedSlices(values, tf.constant(rows), tf.constant([7, 3]))
    found = distinct_rows(slices)
    whole = np.zeros((7, 3), np.float32)
    np.add.at(whole, rows, values)
    assert sorted(found.indices.numpy()) == sorted(set(rows))
    np.testing.assert_allclose(tf.convert_to_tensor(found), whole, rtol=1e-6)
    np.testing.assert_allclose(tf.linalg.global_norm([found]), np.linalg.norm(whole), rtol=1e-6)


@pytest.fixture
def batches():
    """Batches of different words, and their weights."""
    batcher = make_batcher(make_corpus())
    parts = [np.array([0, 4]), np.array([9]), np.array([2, 11, 20])]
    found = list(batcher.batches(parts))
    return [(batch, (batch.labels > 0).astype(np.float32)) for batch in found]


def state_of(network):
    """A copy of the optimizer's variables."""
    return [np.array(v.numpy()) for v in optimizer_state(network)]


def trained(network, batches, clip_norm=NO_CLIPPING):
    """The word table after a step of every batch."""
    steps = Steps(network, clip_norm=clip_norm)
    for batch, weights in batches:
        steps.train(steps.arrays(batch, weights))
    return network.get_layer("word_embedding").get_weights()[0]


@pytest.mark.parametrize("clip_norm", [NO_CLIPPING, 0.05])
def test_lazy_equals_dense_where_every_row_is_in_every_batch(clip_norm):
    batcher = make_batcher(make_corpus())
    whole = [np.arange(len(batcher.corpus))]
    batches = [(b, (b.labels > 0).astype(np.float32)) for b in batcher.batches(whole * 4)]
    assert len(np.unique(batches[0][0].words)) == 10  # padding and all nine words
    lazy, dense = (
        trained(tagger_network(kind(RATE), words=11), batches, clip_norm)
        for kind in (LazyAdam, keras.optimizers.Adam)
    )
    start = tagger_network(words=11).get_layer("word_embedding").get_weights()[0]
    np.testing.assert_allclose(lazy, dense, atol=1e-5)
    assert np.abs(dense - start)[2:].min(axis=1).max() > 1e-3


def test_a_step_clips_by_the_norm_of_the_dense_gradient(batches):
    """SGD would show the norm as it is; the first step of Adam shows the clipped gradient's moments."""
    moments = []
    for kind in (LazyAdam, keras.optimizers.Adam):
        network = word_network(kind(RATE))
        trained(network, batches[:1], clip_norm=0.05)
        moments.append(state_of(network))
    for lazy, dense in zip(*moments, strict=True):
        np.testing.assert_allclose(lazy, dense, rtol=1e-4, atol=1e-9)


@pytest.mark.bits("copied")
def test_words_that_are_in_no_batch_keep_their_rows_to_the_bit(batches):
    seen = np.unique(np.concatenate([batch.words.ravel() for batch, _ in batches[:2]]))
    absent = np.setdiff1d(np.arange(11), seen)
    assert len(absent) >= 2
    start = word_network().get_layer("word_embedding").get_weights()[0]
    table = trained(word_network(LazyAdam(RATE)), batches[:2])
    np.testing.assert_array_equal(table[absent], start[absent])
    assert (table[seen[seen > 0]] != start[seen[seen > 0]]).any(axis=1).all()


@pytest.mark.bits("repeated")
def test_a_word_that_pauses_stays_where_adam_would_move_it(batches):
    only_first = np.setdiff1d(batches[0][0].words, batches[1][0].words)
    assert len(only_first)
    for kind, stays in ((LazyAdam, True), (keras.optimizers.Adam, False)):
        after_one = trained(word_network(kind(RATE)), batches[:1])[only_first]
        after_two = trained(word_network(kind(RATE)), batches[:2])[only_first]
        assert (after_one == after_two).all() == stays


@pytest.mark.bits("repeated")
def test_state_comes_back_to_the_same_steps(batches):
    """What `--on-collapse restore` does: weights and optimizer of an earlier moment."""
    network = word_network(LazyAdam(RATE))
    steps = Steps(network, clip_norm=NO_CLIPPING)

    def step(number):
        batch, weights = batches[number]
        steps.train(steps.arrays(batch, weights))
        return network.get_weights()

    step(0)
    weights = network.get_weights()
    state = state_of(network)
    once = step(1)
    step(2)
    network.set_weights(weights)
    for variable, value in zip(optimizer_state(network), state, strict=True):
        variable.assign(value)
    for first, second in zip(once, step(1), strict=True):
        np.testing.assert_array_equal(first, second)


def test_keras_fit_takes_it():
    """There every table comes in rows, and words come again."""
    network = word_network(LazyAdam(RATE))
    start = network.get_weights()[0]
    words = np.array([[3, 3, 5], [5, 3, 0]], np.int32)
    network.fit(words, np.eye(3, dtype=np.float32)[words % 3], epochs=2, verbose=0)
    changed = (network.get_weights()[0] != start).any(axis=1)
    assert set(np.flatnonzero(changed)) == {0, 3, 5}
