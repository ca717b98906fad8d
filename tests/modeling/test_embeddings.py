"""Embeddings compared with Keras' own, and words of two tables."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqlab.encoding.vocabulary import UNKNOWN
from seqlab.modeling.dropout import WordDropout
from seqlab.modeling.embeddings import Embedding, TwoTableEmbedding
from tests import tiny


def embedder(layer):
    words = keras.Input((None,), dtype="int32")
    return keras.Model(words, layer(7, 3, name="word_embedding")(words))


@pytest.mark.bits("copied")
@tiny.KERAS_NOISE
def test_rows_and_weight_files_equal_those_of_keras_own_embedding(tmp_path):
    ours, theirs = embedder(Embedding), embedder(keras.layers.Embedding)
    theirs.save_weights(tmp_path / "their.weights.h5")
    ours.load_weights(tmp_path / "their.weights.h5")
    words = np.array([[3, 0, 6], [3, 3, 1]], np.int32)
    np.testing.assert_array_equal(ours(words), theirs(words))
    assert ours(words).dtype == "float32"


def test_the_table_is_never_read_as_a_whole():
    """The gradient has rows, and only the lookup reads the table."""
    layer = embedder(Embedding).get_layer("word_embedding")
    step = tf.function(layer, input_signature=[tf.TensorSpec((None, None), tf.int32)])
    operations = {
        operation.type for operation in step.get_concrete_function().graph.get_operations()
    }
    assert "ResourceGather" in operations
    assert "ReadVariableOp" not in operations
    with tf.GradientTape() as tape:
        found = tf.reduce_sum(layer(tf.constant([[2, 2, 5]])))
    gradient = tape.gradient(found, layer.embeddings.value)
    assert isinstance(gradient, tf.IndexedSlices)
    assert gradient.indices.numpy().tolist() == [2, 2, 5]


def two_tables(rows=7, dim=3):
    words = keras.Input((None,), dtype="int32")
    frozen = keras.Input((None, dim))
    layer = TwoTableEmbedding(rows, dim, name="word_embedding")
    return keras.Model([words, frozen], layer(words, frozen))


@pytest.mark.bits("copied")
def test_each_word_has_the_vector_of_its_table():
    network, random = two_tables(), np.random.default_rng(2)
    table = random.normal(size=(7, 3)).astype(np.float32)
    network.get_layer("word_embedding").set_weights([table])
    words = np.array([[3, 7, 6, 7], [1, 0, 7, 2]], np.int32)
    frozen = random.normal(size=(2, 4, 3)).astype(
        np.float32
    )  # also at positions where they are ignored
    found = np.array(network([words, frozen]))
    for place, word in np.ndenumerate(words):
        np.testing.assert_array_equal(found[place], frozen[place] if word == 7 else table[word])


def test_frozen_words_get_no_gradient_in_the_first_table():
    layer = two_tables().get_layer("word_embedding")
    words, frozen = tf.constant([[2, 7, 5]]), tf.ones((1, 3, 3))
    with tf.GradientTape() as tape:
        found = tf.reduce_sum(layer(words, frozen) ** 2)
    gradient = tf.convert_to_tensor(tape.gradient(found, layer.embeddings.value)).numpy()
    assert np.flatnonzero(gradient.any(axis=1)).tolist() == [2, 5]


@pytest.mark.bits("copied")
def test_a_dropped_frozen_word_is_the_unknown_word():
    network = two_tables()
    table = network.get_layer("word_embedding").get_weights()[0]
    words = np.full((1, 400), 7, np.int32)
    dropped = np.array(WordDropout(0.4, seed=3)(words, training=True))
    found = np.array(network([dropped, np.full((1, 400, 3), 9, np.float32)]))
    unknown = dropped[0] == UNKNOWN
    assert 0 < unknown.sum() < 400
    assert (found[0, unknown] == table[UNKNOWN]).all()
    assert (found[0, ~unknown] == 9).all()
