"""The character encoder compared with numpy, word by word."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqlab.modeling.characters import CharacterEncoder

KINDS = ["lstm", "cnn"]
SPELLINGS = ["a", "bc", "abcabca", "c", "cab", ""]  # 7 characters at most; the last is padding


def rows(words, width=7):
    """int32 (words, width), ids from 2."""
    return np.array([[ord(c) - 95 for c in w] + [0] * (width - len(w)) for w in words], np.int32)


@pytest.fixture
def chars():
    """int32 (3, 5, 7): sentences of 5, 2 and 0 tokens; most words occur more than once."""
    sentences = [["a", "bc", "a", "abcabca", "cab"], ["bc", "a"], []]
    return np.stack([rows(words + [""] * (5 - len(words))) for words in sentences])


def encoder(kind):
    keras.utils.set_random_seed(3)
    layer = CharacterEncoder(6, dim=4, units=3, kind=kind)
    layer.build((None, None, 7))
    random = np.random.default_rng(1)  # biases too: Keras starts them at 0
    layer.set_weights([random.normal(0, 0.5, w.shape) for w in layer.get_weights()])
    return layer


def lstm(inputs, kernel, recurrent, bias):
    """The last state of one LSTM (Hochreiter & Schmidhuber 1997), gates in Keras' order."""
    state = cell = np.zeros(recurrent.shape[0])
    for vector in inputs:
        i, f, g, o = np.split(vector @ kernel + state @ recurrent + bias, 4)
        sigmoid_i, sigmoid_f, sigmoid_o = (1 / (1 + np.exp(-gate)) for gate in (i, f, o))
        cell = sigmoid_f * cell + sigmoid_i * np.tanh(g)
        state = sigmoid_o * np.tanh(cell)
    return state


def convolution(inputs, kernel, bias):
    """The maximum over a word of a convolution of width 3, by loops."""
    padded = np.concatenate([np.zeros_like(inputs[:1]), inputs, np.zeros_like(inputs[:1])])
    windows = [
        np.einsum("wd,wdf->f", padded[place : place + 3], kernel) for place in range(len(inputs))
    ]
    return np.maximum(np.array(windows) + bias, 0).max(axis=0)


def by_hand(layer, word):
    """The vector of one word in numpy, from its real characters only."""
    table, *weights = (weight.astype(np.float64) for weight in layer.get_weights())
    embedded = table[word[word != 0]]
    if not len(embedded):
        return np.zeros(6)
    if layer.kind == "cnn":
        return convolution(embedded, *weights)
    return np.concatenate([lstm(embedded, *weights[:3]), lstm(embedded[::-1], *weights[3:])])


@pytest.mark.parametrize("kind", KINDS)
def test_every_word_equals_numpy(kind, chars):
    layer = encoder(kind)
    out = np.array(layer(chars))
    assert out.shape == layer.compute_output_shape(chars.shape) == (3, 5, 6)
    for b, t in np.ndindex(3, 5):
        np.testing.assert_allclose(out[b, t], by_hand(layer, chars[b, t]), atol=1e-6)
    assert not out[1, 2:].any()  # padding


@pytest.mark.parametrize("kind", KINDS)
def test_unique_words_give_the_vectors_of_single_words(kind, chars):
    layer = encoder(kind)
    every_word = np.array(layer.encode(chars.reshape(-1, 7))).reshape(3, 5, 6)
    np.testing.assert_allclose(np.array(layer(chars)), every_word, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("kind", KINDS)
def test_unique_words_give_the_gradients_of_single_words(kind, chars):
    """A word that occurs three times gets three times the gradient."""
    layer = encoder(kind)
    pull = np.random.default_rng(2).normal(size=(3, 5, 6)).astype(np.float32)
    gradients = []
    for encode in (layer, lambda c: tf.reshape(layer.encode(tf.reshape(c, (-1, 7))), (3, 5, 6))):
        with tf.GradientTape() as tape:
            total = tf.reduce_sum(encode(tf.constant(chars)) * pull)
        found = tape.gradient(total, [v.value for v in layer.trainable_variables])
        gradients.append([tf.convert_to_tensor(gradient).numpy() for gradient in found])
    for ours, direct in zip(*gradients, strict=True):
        np.testing.assert_allclose(ours, direct, rtol=1e-4, atol=1e-6)
        assert np.abs(direct).max() > 1e-3


@pytest.mark.parametrize("kind", KINDS)
def test_the_padded_width_does_not_matter(kind):
    layer = encoder(kind)
    words = SPELLINGS[:2] + SPELLINGS[3:]
    narrow, wide = (np.array(layer(rows(words, width)[None])) for width in (3, 7))
    np.testing.assert_allclose(narrow, wide, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_built_again_from_its_config(kind):
    layer = CharacterEncoder(6, dim=4, units=3, kind=kind, name="mine")
    twin = CharacterEncoder.from_config(layer.get_config())
    assert twin.get_config() == layer.get_config()
    assert twin.kind == kind
    twin.build((None, None, 7))
    first = twin.get_weights()
    assert first[0].shape == (6, 4)
