"""The mask against a loop, and that a recurrent layer reads nothing beyond it."""

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.modeling.words import ReadableMask


def right_padded(lengths, width=6):
    """int32 (rows, width): ids from 1, then 0."""
    return (np.arange(width) < np.array(lengths)[:, None]).astype(np.int32) * 7


@given(st.lists(st.integers(0, 6), min_size=1, max_size=5))
def test_the_mask_equals_a_loop(lengths):
    mask = keras.ops.convert_to_numpy(ReadableMask()(right_padded(lengths)))
    expected = [[place < max(1, length) for place in range(6)] for length in lengths]
    assert mask.tolist() == expected
    assert mask.dtype == np.bool_


def test_it_is_a_layer_of_a_model():
    ids = keras.Input((None,), dtype="int32")
    model = keras.Model(ids, ReadableMask()(ids))
    assert model.output.dtype == "bool"
    assert model.output.shape == (None, None)
    assert np.array(model(np.array([[3, 0]], np.int32))).tolist() == [[True, False]]


@pytest.mark.bits("padding")
def test_a_recurrent_layer_reads_nothing_beyond_it():
    """A probe: whatever stands on padding, the real positions come out the same."""
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
