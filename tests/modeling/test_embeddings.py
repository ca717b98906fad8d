"""Embeddings against Keras' own, and words of two tables."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqlab.encoding.vocabulary import UNKNOWN
from seqlab.modeling.dropout import WordDropout
from seqlab.modeling.embeddings import Embedding, TwoTableEmbedding
from tests import tiny


def embedder(kind):
    words = keras.Input((None,), dtype="int32")
    return keras.Model(words, kind(7, 3, name="word_embedding")(words))


@pytest.mark.bits("copied")
@tiny.KERAS_NOISE
def test_rows_are_those_of_keras_own_embedding_and_so_are_files_of_weights(tmp_path):
    ours, theirs = embedder(Embedding), embedder(keras.layers.Embedding)
    theirs.save_weights(tmp_path / "their.weights.h5")
    ours.load_weights(tmp_path / "their.weights.h5")
    words = np.array([[3, 0, 6], [3, 3, 1]], np.int32)
    np.testing.assert_array_equal(ours(words), theirs(words))
    assert ours(words).dtype == "float32"


def test_the_table_is_never_read_as_a_whole():
    """The gradient comes in rows, and no operation but the lookup takes the table."""
    layer = embedder(Embedding).get_layer("word_embedding")
    step = tf.function(layer, input_signature=[tf.TensorSpec((None, None), tf.int32)])
    kinds = {operation.type for operation in step.get_concrete_function().graph.get_operations()}
    assert "ResourceGather" in kinds
    assert "ReadVariableOp" not in kinds
    with tf.GradientTape() as tape:
        found = tf.reduce_sum(layer(tf.constant([[2, 2, 5]])))
    gradient = tape.gradient(found, layer.embeddings.value)
    assert isinstance(gradient, tf.IndexedSlices)
    assert gradient.indices.numpy().tolist() == [2, 2, 5]


def two_tables(rows=7, dim=3):
    words = keras.Input((None,), dtype="int32")
    outside = keras.Input((None, dim))
    layer = TwoTableEmbedding(rows, dim, name="word_embedding")
    return keras.Model([words, outside], layer(words, outside))


@pytest.mark.bits("copied")
def test_each_word_has_the_vector_of_its_table():
    network, random = two_tables(), np.random.default_rng(2)
    table = random.normal(size=(7, 3)).astype(np.float32)
    network.get_layer("word_embedding").set_weights([table])
    words = np.array([[3, 7, 6, 7], [1, 0, 7, 2]], np.int32)
    outside = random.normal(size=(2, 4, 3)).astype(np.float32)  # numbers also where none are read
    found = np.array(network([words, outside]))
    for place, word in np.ndenumerate(words):
        np.testing.assert_array_equal(found[place], outside[place] if word == 7 else table[word])


def test_words_of_the_second_table_move_no_row_of_the_first():
    layer = two_tables().get_layer("word_embedding")
    words, outside = tf.constant([[2, 7, 5]]), tf.ones((1, 3, 3))
    with tf.GradientTape() as tape:
        found = tf.reduce_sum(layer(words, outside) ** 2)
    gradient = tf.convert_to_tensor(tape.gradient(found, layer.embeddings.value)).numpy()
    assert np.flatnonzero(gradient.any(axis=1)).tolist() == [2, 5]


@pytest.mark.bits("copied")
def test_a_dropped_word_of_the_second_table_is_the_unknown_word():
    network = two_tables()
    table = network.get_layer("word_embedding").get_weights()[0]
    words = np.full((1, 400), 7, np.int32)
    dropped = np.array(WordDropout(0.4, seed=3)(words, training=True))
    found = np.array(network([dropped, np.full((1, 400, 3), 9, np.float32)]))
    unknown = dropped[0] == UNKNOWN
    assert 0 < unknown.sum() < 400
    assert (found[0, unknown] == table[UNKNOWN]).all()
    assert (found[0, ~unknown] == 9).all()
