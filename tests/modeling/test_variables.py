"""Copying and assigning variables by rows, compared with Keras."""

import keras
import numpy as np
import pytest

from seqlab.modeling import variables
from seqlab.modeling.variables import assign_variable, assign_weights, copy_variable, copy_weights
from tests import tiny
from tests.training.small import word_network

pytestmark = tiny.KERAS_NOISE


@pytest.fixture(autouse=True)
def few_rows(monkeypatch):
    monkeypatch.setattr(variables, "BLOCK_ROWS", 4)


@pytest.mark.bits("copied")
@pytest.mark.parametrize("shape", [(), (11,), (4, 2), (5, 2), (11, 3), (9, 2, 3)])
@pytest.mark.parametrize("dtype", ["float32", "int64"])
def test_values_are_copied_and_assigned(shape, dtype):
    numbers = np.asarray(np.random.default_rng(1).integers(1, 99, shape), dtype)
    variable = keras.Variable(numbers, dtype=dtype)
    found = copy_variable(variable)
    assert found.dtype == numbers.dtype
    np.testing.assert_array_equal(found, numbers)
    assign_variable(variable, numbers + 1)
    np.testing.assert_array_equal(variable.numpy(), numbers + 1)
    np.testing.assert_array_equal(found, numbers)  # a copy: later writes do not change it
    found += 5
    np.testing.assert_array_equal(variable.numpy(), numbers + 1)


@pytest.mark.bits("copied")
def test_weights_of_a_network_equal_those_of_keras():
    first, second = word_network(seed=1), word_network(seed=2)
    for ours, theirs in zip(copy_weights(first), first.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assign_weights(second, copy_weights(first))
    for ours, theirs in zip(second.get_weights(), first.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
