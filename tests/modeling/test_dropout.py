"""Dropout of numbers and of words: shares, means, gradients and seeds."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqlab.encoding.vocabulary import UNKNOWN
from seqlab.modeling.dropout import Dropout, WordDropout
from tests import tiny

pytestmark = tiny.KERAS_NOISE
WORDS = np.where(np.arange(150) < 100, np.arange(2, 152), 0) * np.ones((200, 1), np.int64)
WORDS = WORDS.astype(np.int32)  # (200, 150): 100 known words per row, then padding


@pytest.mark.parametrize("rate", [0.5, 0.3, 0.001, 0.99])
def test_the_rate_becomes_0_and_the_mean_stays(rate):
    ones = tf.ones([50, 40, 50])
    kept = Dropout(rate, seed=1)(ones, training=True).numpy()
    assert set(np.unique(kept)) == {0, kept.max()}
    assert kept.max() == pytest.approx(1 / (1 - rate), rel=2e-3)
    spread = (rate * (1 - rate) / kept.size) ** 0.5
    assert (kept == 0).mean() == pytest.approx(rate, abs=4 * spread)
    for axis in range(3):  # rows, columns and planes are drawn independently
        ordered = (kept == 0).mean(axis=axis)
        assert ordered.std() == pytest.approx(
            (rate * (1 - rate) / kept.shape[axis]) ** 0.5, rel=0.1
        )


@pytest.mark.parametrize("count", [1, 2, 3, 5, 1023])
@pytest.mark.parametrize("rate", [0.25, 0.1])
def test_any_size_is_drawn(rate, count):
    kept = Dropout(rate, seed=2)(tf.ones([count]), training=True)
    assert kept.shape == (count,)


def test_the_gradient_is_0_where_the_output_is():
    inputs = tf.constant(np.random.default_rng(1).normal(size=(6, 7)), tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        outputs = Dropout(0.4, seed=3)(inputs, training=True)
    kept = (outputs.numpy() != 0) / (1 - round(0.4 * 65536) / 65536)
    np.testing.assert_allclose(outputs, inputs * kept, rtol=1e-6)
    np.testing.assert_allclose(tape.gradient(outputs, inputs), kept, rtol=1e-6)


@pytest.mark.bits("copied")
def test_nothing_is_dropped_at_inference_or_at_rate_0():
    inputs = tf.ones([3, 4])
    np.testing.assert_array_equal(Dropout(0.5)(inputs, training=False), inputs)
    np.testing.assert_array_equal(Dropout(0.0)(inputs, training=True), inputs)


@pytest.mark.bits("repeated")
def test_a_seed_repeats_and_each_call_differs():
    first, second = (Dropout(0.5, seed=4) for _ in range(2))
    inputs = tf.ones([100])
    one, two = (first(inputs, training=True).numpy() for _ in range(2))
    np.testing.assert_array_equal(second(inputs, training=True), one)
    assert (one != two).any()


def test_the_precision_stays():
    assert (
        Dropout(0.5, dtype="bfloat16")(tf.ones([4], tf.bfloat16), training=True).dtype == "bfloat16"
    )


def test_it_is_built_again_from_its_config():
    layer = Dropout(0.3, seed=5, name="drops")
    again = keras.layers.deserialize(keras.layers.serialize(layer))
    assert (type(again), again.rate, again.seed, again.name) == (Dropout, 0.3, 5, "drops")


@pytest.mark.bits("copied")
@pytest.mark.parametrize("rate", [0.05, 0.3])
def test_a_share_of_the_words_is_dropped_and_padding_stays(rate):
    out = np.array(WordDropout(rate, seed=1)(WORDS, training=True))
    assert out.dtype == np.int32
    assert out.shape == WORDS.shape
    assert not out[WORDS == 0].any()
    changed = out != WORDS
    assert (out[changed] == UNKNOWN).all()
    tokens = 200 * 100
    share = changed.sum() / tokens
    assert share == pytest.approx(rate, abs=4 * np.sqrt(rate * (1 - rate) / tokens))


@pytest.mark.bits("copied")
def test_no_word_is_dropped_at_inference_or_at_rate_0():
    layer = WordDropout(0.5, seed=1)
    for out in (layer(WORDS), layer(WORDS, training=False), WordDropout(0.0)(WORDS, training=True)):
        np.testing.assert_array_equal(np.array(out), WORDS)


@pytest.mark.bits("repeated")
def test_each_call_drops_other_words_and_a_seed_repeats():
    layer, twin = WordDropout(0.3, seed=5), WordDropout(0.3, seed=5)
    first, second = (np.array(layer(WORDS, training=True)) for _ in range(2))
    assert (first != second).any()
    np.testing.assert_array_equal(np.array(twin(WORDS, training=True)), first)


@pytest.mark.bits("copied")
def test_words_are_drawn_independently():
    dropped = np.array(WordDropout(0.3, seed=2)(WORDS, training=True))[:, :100] == UNKNOWN
    assert not (dropped == dropped[0]).all()
    assert not (dropped == dropped[:, :1]).all()


def test_word_dropout_is_built_again_from_its_config():
    config = WordDropout(0.3, seed=5, name="drop").get_config()
    twin = keras.saving.deserialize_keras_object(
        keras.saving.serialize_keras_object(WordDropout.from_config(config))
    )
    assert (twin.rate, twin.seed, twin.name) == (0.3, 5, "drop")
