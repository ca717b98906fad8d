"""The block kernels compared with Keras' own LSTM, and the mask."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from keras import layers

from seqlab.modeling.bilstm import BiLSTM, ReadableMask
from seqlab.modeling.block_lstm import block_bilstm
from tests import tiny

pytestmark = tiny.KERAS_NOISE
UNITS, WIDTH = 4, 3


def pair(return_sequences, seed=1):
    """Our layer and Keras' own with the same random weights."""
    ours = BiLSTM(UNITS, return_sequences=return_sequences)
    ours.build((None, None, WIDTH))
    dice = np.random.default_rng(seed)
    ours.set_weights([dice.normal(size=w.shape).astype("float32") for w in ours.get_weights()])
    theirs = layers.Bidirectional(layers.LSTM(UNITS, return_sequences=return_sequences))
    theirs.build((None, None, WIDTH))
    theirs.set_weights(ours.get_weights())
    return ours, theirs


def ragged(lengths, seed=2):
    """Inputs whose padding is noise, and their mask."""
    inputs = np.random.default_rng(seed).normal(size=(len(lengths), max(lengths) + 1, WIDTH))
    mask = np.arange(inputs.shape[1]) < np.array(lengths)[:, None]
    return tf.constant(inputs, tf.float32), tf.constant(mask)


@pytest.mark.parametrize("return_sequences", [True, False])
@pytest.mark.parametrize("lengths", [[1], [7, 1, 4, 2, 7]])
def test_states_and_gradients_are_those_of_keras(return_sequences, lengths):
    inputs, mask = ragged(lengths)
    real = tf.cast(mask[:, :, None] if return_sequences else mask[:, :1], tf.float32)
    found = []
    for layer in pair(return_sequences):
        weights = [variable.value for variable in layer.trainable_variables]
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            states = layer(inputs, mask=mask) * real
            total = tf.reduce_sum(tf.sin(3 * states))
        found.append([states, *tape.gradient(total, [inputs, *weights])])
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


def test_the_gradient_equals_finite_differences():
    dice = np.random.default_rng(3)
    lengths = tf.constant([4, 2, 1])
    real = tf.sequence_mask(lengths, dtype=tf.float32)[:, :, None]
    one = [(WIDTH, 4 * UNITS), (UNITS, 4 * UNITS), (4 * UNITS,)]
    shapes = [(3, 4, WIDTH), *one, *one]
    given = [tf.constant(dice.normal(size=shape), tf.float32) for shape in shapes]

    @tf.function
    def states(inputs, *weights):
        return block_bilstm(inputs, lengths, weights[:3], weights[3:]) * real

    exact, numeric = tf.test.compute_gradient(states, given, delta=1e-2)
    for ours, expected in zip(exact, numeric, strict=True):
        np.testing.assert_allclose(ours, expected, atol=2e-3)


@pytest.mark.bits("padding")
def test_values_on_padding_change_nothing():
    layer, _ = pair(return_sequences=True)
    inputs, mask = ragged([2, 5])
    other = tf.where(mask[:, :, None], inputs, 1e3)
    first, second = (layer(x, mask=mask).numpy()[mask.numpy()] for x in (inputs, other))
    np.testing.assert_array_equal(first, second)


def test_other_precisions_use_keras_own_layer():
    layer = BiLSTM(UNITS, dtype="mixed_bfloat16")
    inputs, mask = ragged([3, 2])
    assert layer(tf.cast(inputs, tf.bfloat16), mask=mask).dtype == tf.bfloat16


def test_it_is_built_again_from_its_config():
    layer = BiLSTM(UNITS, return_sequences=False, name="reader")
    again = keras.layers.deserialize(keras.layers.serialize(layer))
    assert (again.units, again.return_sequences, again.name) == (UNITS, False, "reader")


@pytest.mark.skipif(not tf.config.list_physical_devices("GPU"), reason="there is no GPU here")
def test_on_a_gpu_the_layer_uses_cudnn():
    layer, _ = pair(return_sequences=True)
    step = tf.function(lambda x, m: layer(x, mask=m))
    graph = step.get_concrete_function(*ragged([3, 2])).graph.as_graph_def()
    nodes = [*graph.node, *(n for function in graph.library.function for n in function.node_def)]
    assert any(node.op.startswith("CudnnRNN") for node in nodes)


def right_padded(lengths, width=6):
    """int32 (rows, width): ids from 1, then 0."""
    return (np.arange(width) < np.array(lengths)[:, None]).astype(np.int32) * 7


@given(st.lists(st.integers(0, 6), min_size=1, max_size=5))
def test_the_mask_equals_a_loop(lengths):
    mask = keras.ops.convert_to_numpy(ReadableMask()(right_padded(lengths)))
    expected = [[place < max(1, length) for place in range(6)] for length in lengths]
    assert mask.tolist() == expected
    assert mask.dtype == np.bool_


def test_the_mask_is_a_layer_of_a_model():
    ids = keras.Input((None,), dtype="int32")
    model = keras.Model(ids, ReadableMask()(ids))
    assert model.output.dtype == "bool"
    assert model.output.shape == (None, None)
    assert np.array(model(np.array([[3, 0]], np.int32))).tolist() == [[True, False]]


@pytest.mark.bits("padding")
def test_a_recurrent_layer_ignores_masked_positions():
    """Other values on padding leave the outputs at real positions the same."""
    keras.utils.set_random_seed(1)
    layer = keras.layers.Bidirectional(keras.layers.LSTM(3, return_sequences=True))
    ids = right_padded([4, 6, 1])
    random = np.random.default_rng(1)
    features = random.normal(size=(3, 6, 2)).astype(np.float32)
    garbage = np.where((ids != 0)[:, :, None], features, 2).astype(np.float32)
    mask = ReadableMask()(ids)
    clean, dirty = (np.array(layer(each, mask=mask)) for each in (features, garbage))
    np.testing.assert_array_equal(clean[ids != 0], dirty[ids != 0])
    unmasked = np.array(layer(garbage))
    assert np.abs(unmasked[ids != 0] - clean[ids != 0]).max() > 0.1
