"""Words in: rows looked up, and a share of the words dropped, never padding, never at inference."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqlab.encoding.vocabulary import UNKNOWN as VOCABULARY_UNKNOWN
from seqlab.modeling.words import UNKNOWN, Embedding, TwoTableEmbedding, WordDropout
from tests import tiny

WORDS = np.where(np.arange(150) < 100, np.arange(2, 152), 0) * np.ones((200, 1), np.int64)
WORDS = WORDS.astype(np.int32)  # (200, 150): 100 known words a row, then padding


def test_its_unknown_word_is_the_vocabularys():
    assert UNKNOWN == VOCABULARY_UNKNOWN


@pytest.mark.bits("copied")
@pytest.mark.parametrize("rate", [0.05, 0.3])
def test_its_share_is_the_rate_and_padding_stays(rate):
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
def test_nothing_is_dropped_at_inference_or_at_rate_0():
    layer = WordDropout(0.5, seed=1)
    for out in (layer(WORDS), layer(WORDS, training=False), WordDropout(0.0)(WORDS, training=True)):
        np.testing.assert_array_equal(np.array(out), WORDS)


@pytest.mark.bits("repeated")
def test_each_call_draws_anew_and_a_seed_draws_the_same():
    layer, twin = WordDropout(0.3, seed=5), WordDropout(0.3, seed=5)
    first, second = (np.array(layer(WORDS, training=True)) for _ in range(2))
    assert (first != second).any()
    np.testing.assert_array_equal(np.array(twin(WORDS, training=True)), first)


@pytest.mark.bits("copied")
def test_every_word_of_the_batch_is_drawn_by_itself():
    dropped = np.array(WordDropout(0.3, seed=2)(WORDS, training=True))[:, :100] == UNKNOWN
    assert not (dropped == dropped[0]).all()
    assert not (dropped == dropped[:, :1]).all()


def test_it_is_built_again_from_its_config():
    config = WordDropout(0.3, seed=5, name="drop").get_config()
    twin = keras.saving.deserialize_keras_object(
        keras.saving.serialize_keras_object(WordDropout.from_config(config))
    )
    assert (twin.rate, twin.seed, twin.name) == (0.3, 5, "drop")


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
