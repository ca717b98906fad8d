import numpy as np
import pytest

from seqlab.errors import UserError
from seqlab.inference.packed_weights import pack_weights, packed_shapes, unpack_weights

RANDOM = np.random.default_rng(3)
WEIGHTS = {
    name: RANDOM.normal(size=shape).astype(np.float32)
    for name, shape in {
        "word_embedding/0": (7, 4),
        "characters/0": (5, 3),
        "characters/1": (3, 3, 2),
        "characters/2": (2,),
        "case_embedding/0": (4, 2),
        "bilstm_1/0": (8, 12),
        "bilstm_1/2": (12,),
        "emissions/0": (6, 3),
        "emissions/1": (3,),
        "logits/0": (3, 3),
        "logits/1": (3,),
    }.items()
}
EXACT = {name for name in WEIGHTS if name.startswith(("emissions", "logits"))}
EXACT |= {"characters/2", "bilstm_1/2"}
BY_ROW = {"word_embedding/0", "characters/0", "case_embedding/0"}


@pytest.mark.bits("copied")
def test_biases_and_the_output_layer_stay_exact():
    for number_type in ("float16", "int8"):
        arrays = pack_weights(WEIGHTS, number_type)
        for name in WEIGHTS:
            assert arrays[name].dtype == ("float32" if name in EXACT else number_type)
        loaded = unpack_weights(arrays)
        assert loaded.keys() == WEIGHTS.keys()
        assert all(value.dtype == np.float32 for value in loaded.values())
        for name in EXACT:
            np.testing.assert_array_equal(loaded[name], WEIGHTS[name])


def test_a_scale_belongs_to_a_symbol_or_to_a_unit():
    arrays = pack_weights(WEIGHTS, "int8")
    loaded = unpack_weights(arrays)
    for name in set(WEIGHTS) - EXACT:
        weight, scale = WEIGHTS[name], arrays[f"{name}/scale"]
        lines = list(weight) if name in BY_ROW else list(np.moveaxis(weight, -1, 0))
        expected = [np.abs(line).max() / 127 for line in lines]
        np.testing.assert_allclose(scale.ravel(), expected, rtol=1e-6)
        error = np.abs(loaded[name] - weight)
        assert (error <= np.broadcast_to(scale, weight.shape) * 0.5001).all()


@pytest.mark.parametrize("number_type", ["float32", "float16", "int8"])
def test_shapes_and_types_are_known_without_the_numbers(number_type):
    shapes = packed_shapes({name: value.shape for name, value in WEIGHTS.items()}, number_type)
    arrays = pack_weights(WEIGHTS, number_type)
    assert shapes == {name: (array.shape, str(array.dtype)) for name, array in arrays.items()}


def test_a_weight_beyond_float16_is_named():
    weights = {"bilstm_1/0": np.array([[1e6]], np.float32)}
    with pytest.raises(UserError) as caught:
        pack_weights(weights, "float16")
    assert str(caught.value) == (
        "weight 'bilstm_1/0' holds 1e+06, beyond 65504, the largest float16; choose int8 or float32"
    )
