"""Packed arrays, compared with a loop over single numbers in double precision."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from seqlab.machine.packed_arrays import Packed, pack, scales_shape, unpack

NUMBERS = arrays(
    np.float32,
    array_shapes(min_dims=2, max_dims=3, max_side=4),
    elements=st.floats(-1e6, 1e6, width=32, allow_subnormal=False),
)


def by_hand(array, share):
    """Each number rounded to the nearest of 255 steps between -largest and largest, in Python's own numbers."""
    flat = array if share == "row" else np.moveaxis(array, -1, 0)
    out = np.zeros(flat.shape)
    for index, line in enumerate(flat):
        step = max(abs(float(number)) for number in line.ravel()) / 127
        for place, number in np.ndenumerate(line):
            out[index][place] = round(float(number) / step) * step if step else 0.0
    return out if share == "row" else np.moveaxis(out, 0, -1)


@given(NUMBERS, st.sampled_from(["row", "column"]))
def test_int8_is_the_nearest_of_255_steps(array, share):
    packed = pack(array, "int8", share=share)
    assert (packed.numbers.dtype, packed.numbers.shape) == (np.int8, array.shape)
    assert packed.scales.dtype == np.float32
    assert packed.scales.shape == scales_shape(array.shape, share)
    assert np.abs(packed.numbers).max() <= 127
    found, expected = unpack(packed), by_hand(array, share)
    assert found.dtype == np.float32
    # Halfway between two steps, float32 and double may round to different ones.
    half = np.broadcast_to(packed.scales, array.shape) * 0.5
    assert (np.abs(found - array) <= half * 1.0001 + np.abs(array) * 1e-6).all()
    step = np.broadcast_to(packed.scales, array.shape).astype(np.float64)
    assert (np.abs(found - expected) <= step * 1.0001 + 1e-30).all()
    same = np.abs(np.abs(array / np.where(step, step, 1)) % 1 - 0.5) > 1e-3
    np.testing.assert_allclose(found[same], expected[same], rtol=1e-5)


@given(NUMBERS.map(lambda array: array / 100))
def test_float16_is_what_struct_rounds_to(array):
    import struct

    packed = pack(array, "float16", share="row")
    assert (packed.numbers.dtype, packed.scales) == (np.float16, None)
    expected = [struct.unpack("e", struct.pack("e", number))[0] for number in array.ravel()]
    assert unpack(packed).ravel().tolist() == expected


@pytest.mark.bits("copied")
def test_float32_stays_as_it_is():
    array = np.array([[1e-40, 3e38], [-0.0, 0.1]], np.float32)
    packed = pack(array, "float32", share="row")
    assert unpack(packed).tobytes() == array.tobytes()


def test_zeros_and_tiny_numbers_are_packed_without_a_warning():
    array = np.array([[0, 0], [1e-44, -1e-44], [3e38, -1]], np.float32)
    packed = pack(array, "int8", share="row")
    assert packed.numbers.tolist()[0] == [0, 0]
    assert packed.numbers.tolist()[2] == [127, 0]
    assert np.isfinite(unpack(packed)).all()


@pytest.mark.parametrize("value", [7e4, -7e4])
def test_float16_refuses_what_it_cannot_hold(value):
    with pytest.raises(ValueError) as caught:  # noqa: PT011, the whole message is compared
        pack(np.array([[value]], np.float32), "float16", share="row")
    assert str(caught.value) == (
        "holds 7e+04, beyond 65504, the largest float16; choose int8 or float32"
    )


def test_a_damaged_scale_gives_no_warning():
    packed = Packed(np.array([[127]], np.int8), np.array([[3e38]], np.float32))
    assert unpack(packed).tolist() == [[np.inf]]
