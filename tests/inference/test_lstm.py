"""The BiLSTM against the LSTM equations, applied to one sentence and one token at a time."""

import numpy as np
import pytest

from seqlab.inference.lstm import BiLstm
from seqlab.inference.ragged import RaggedBatch

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
    """Kernel, recurrent kernel and bias of each direction."""
    random = np.random.default_rng(3)
    shapes = ((INPUTS, 4 * UNITS), (UNITS, 4 * UNITS), (4 * UNITS,))
    return [[random.normal(0, 0.7, shape).astype(np.float32) for shape in shapes] for _ in "ab"]


@pytest.mark.parametrize("lengths", [[1], [4, 4, 4], [7, 5, 5, 2, 1, 1]])
def test_states_equal_the_equations_for_each_sentence_and_direction(weights, lengths):
    inputs = np.random.default_rng(4).normal(size=(sum(lengths), INPUTS)).astype(np.float32)
    bilstm, ragged = BiLstm.from_keras(*weights), RaggedBatch(np.array(lengths))
    states = np.empty((2, len(inputs), UNITS), np.float32)
    for direction, hidden in enumerate(
        bilstm.run([(bilstm.project(inputs), every(inputs))], ragged)
    ):
        states[direction, ragged.time_order[direction]] = hidden
    for start, length in zip(ragged.starts, lengths, strict=True):
        rows = inputs[start : start + length]
        for direction, step in enumerate((1, -1)):
            expected = by_hand(rows[::step], *weights[direction])[::step]
            np.testing.assert_allclose(
                states[direction, start : start + length], expected, atol=1e-5
            )


def every(inputs):
    return np.arange(len(inputs))


def test_ends_are_the_last_states_of_both_directions(weights):
    inputs = np.random.default_rng(4).normal(size=(8, INPUTS)).astype(np.float32)
    bilstm, ragged = BiLstm.from_keras(*weights), RaggedBatch(np.array([5, 2, 1]))
    states = bilstm.run([(bilstm.project(inputs), every(inputs))], ragged)[:, ragged.ends]
    for row, (start, stop) in enumerate([(0, 5), (5, 7), (7, 8)]):
        for direction, step in enumerate((1, -1)):
            expected = by_hand(inputs[start:stop][::step], *weights[direction])[-1]
            np.testing.assert_allclose(states[direction, row], expected, atol=1e-5)


def test_time_order_by_hand():
    ragged = RaggedBatch(np.array([3, 2, 2]))
    assert ragged.time_order.tolist() == [[0, 3, 5, 1, 4, 6, 2], [2, 4, 6, 1, 3, 5, 0]]
    assert RaggedBatch(np.array([3])).time_order.tolist() == [[0, 1, 2], [2, 1, 0]]
    assert ragged.time_offsets.tolist() == [0, 3, 6, 7]
    assert ragged.ends.tolist() == [6, 4, 5]


def test_sources_are_summed(weights):
    random = np.random.default_rng(5)
    left, right = random.normal(size=(2, 9, INPUTS)).astype(np.float32)
    one, other = random.integers(0, 9, (2, 6))
    bilstm, ragged = BiLstm.from_keras(*weights), RaggedBatch(np.array([4, 2]))
    apart = bilstm.run(
        [(bilstm.project(left), one), (bilstm.project(right) - bilstm.bias, other)], ragged
    )
    together = bilstm.run([(bilstm.project(left[one] + right[other]), np.arange(6))], ragged)
    np.testing.assert_allclose(apart, together, atol=1e-5)


def test_parts_of_the_inputs_add_up_to_the_whole_projection(weights):
    bilstm = BiLstm.from_keras(*weights)
    inputs = np.random.default_rng(6).normal(size=(4, INPUTS)).astype(np.float32)
    whole = bilstm.project(inputs)
    parts = bilstm.project(inputs[:, :1]) + bilstm.project(inputs[:, 1:], first=1)
    np.testing.assert_allclose(whole, parts, atol=1e-6)


def test_saturated_gates_stay_finite(weights):
    far = [(kernel * 1e4, recurrent, bias) for kernel, recurrent, bias in weights]
    bilstm, ragged = BiLstm.from_keras(*far), RaggedBatch(np.array([30]))
    inputs = np.ones((30, INPUTS), np.float32)
    states = bilstm.run([(bilstm.project(inputs), np.arange(30))], ragged)
    assert np.isfinite(states).all()
    assert (np.abs(states) <= 1).all()
