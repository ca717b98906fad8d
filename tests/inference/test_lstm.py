"""The LSTM over ragged sentences against the equations, one sentence and one token at a time."""

import numpy as np
import pytest

from seqlab.inference.lstm import Lstm
from seqlab.inference.ragged import Ragged

UNITS, INPUTS = 5, 3


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def by_hand(rows, kernel, recurrent, bias):
    """Hidden states (T, H) of one sentence: Hochreiter & Schmidhuber 1997 with a forget gate."""
    hidden, cell = np.zeros(UNITS), np.zeros(UNITS)
    states = []
    for row in rows:
        gates = (row @ kernel + hidden @ recurrent + bias).reshape(4, UNITS)
        enter, keep, leave = sigmoid(gates[0]), sigmoid(gates[1]), sigmoid(gates[3])
        cell = keep * cell + enter * np.tanh(gates[2])
        hidden = leave * np.tanh(cell)
        states.append(hidden)
    return np.array(states)


@pytest.fixture
def weights():
    random = np.random.default_rng(3)
    shapes = ((INPUTS, 4 * UNITS), (UNITS, 4 * UNITS), (4 * UNITS,))
    return [random.normal(0, 0.7, shape).astype(np.float32) for shape in shapes]


@pytest.mark.parametrize("lengths", [[1], [4, 4, 4], [7, 5, 5, 2, 1, 1]])
@pytest.mark.parametrize("backward", [False, True])
def test_each_sentence_is_read_by_itself_from_its_own_end(weights, lengths, backward):
    inputs = np.random.default_rng(4).normal(size=(sum(lengths), INPUTS)).astype(np.float32)
    lstm, ragged = Lstm.of(*weights), Ragged(np.array(lengths))
    every = np.arange(len(inputs))
    found = lstm.run([(lstm.project(inputs), every)], ragged, backward=backward)
    way = -1 if backward else 1
    for start, length in zip(ragged.starts, lengths, strict=True):
        rows = inputs[start : start + length]
        expected = by_hand(rows[::way], *weights)[::way]
        np.testing.assert_allclose(found[start : start + length], expected, atol=1e-5)


def test_sources_are_summed(weights):
    random = np.random.default_rng(5)
    left, right = random.normal(size=(2, 9, INPUTS)).astype(np.float32)
    one, other = random.integers(0, 9, (2, 6))
    lstm, ragged = Lstm.of(*weights), Ragged(np.array([4, 2]))
    apart = lstm.run(
        [(lstm.project(left), one), (lstm.project(right) - lstm.bias, other)],
        ragged,
        backward=False,
    )
    together = lstm.run(
        [(lstm.project(left[one] + right[other]), np.arange(6))], ragged, backward=False
    )
    np.testing.assert_allclose(apart, together, atol=1e-5)


def test_part_of_the_inputs_is_projected_by_its_own_rows(weights):
    lstm = Lstm.of(*weights)
    inputs = np.random.default_rng(6).normal(size=(4, INPUTS)).astype(np.float32)
    whole = lstm.project(inputs)
    parts = lstm.project(inputs[:, :1]) + lstm.project(inputs[:, 1:], first=1)
    np.testing.assert_allclose(whole, parts, atol=1e-6)


def test_gates_far_out_stay_finite(weights):
    kernel, recurrent, bias = weights
    lstm, ragged = Lstm.of(kernel * 1e4, recurrent, bias), Ragged(np.array([30]))
    inputs = np.ones((30, INPUTS), np.float32)
    found = lstm.run([(lstm.project(inputs), np.arange(30))], ragged, backward=False)
    assert np.isfinite(found).all()
    assert (np.abs(found) <= 1).all()
