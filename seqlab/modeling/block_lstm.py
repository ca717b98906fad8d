"""Both directions of an LSTM over right-padded sequences in TensorFlow's block kernels, for the CPU.

Keras' LSTM is a loop of small operations; one block kernel walks the whole sequence. The gradient is by hand because
TensorFlow 2.21 gives a wrong one: for `BlockLSTMV2` it calls the gradient kernel of the first version, which has its
gates in another order.

Inside this file arrays are time-major, (T, B, …). Keras and `BlockLSTMV2` order the gates as input, forget, cell,
output. `LSTMBlockCellGrad` orders them as input, cell, forget, output. The LSTM is that of Gers, Schmidhuber &
Cummins 2000, without peepholes.
"""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

LstmWeights = tuple[Any, Any, Any]
"""Kernel (D, 4H), recurrent kernel (H, 4H) and bias (4H,), gates in Keras' order."""

PEEPHOLES = ("wci", "wcf", "wco")  # unused weights that the kernels demand
CELL_STATES = ("i", "cs", "f", "o", "ci", "co")  # outputs of BlockLSTMV2 that the gradient reads


def block_bilstm(inputs: Any, lengths: Any, forward: LstmWeights, backward: LstmWeights) -> Any:
    """The hidden states of both directions, each starting from zeros.

    inputs: float32 (B, T, D). lengths: int32 (B,), positions to read, at least 1.
    Returns float32 (B, T, 2H). States at padded positions are meaningless, and their gradient must be 0.
    """

    def states_and_gradient(inputs: Any, *weights: Any) -> tuple[Any, Callable[[Any], Any]]:
        return run_bilstm(inputs, lengths, (weights[:3], weights[3:]))

    return tf.custom_gradient(states_and_gradient)(inputs, *forward, *backward)


def run_bilstm(
    inputs: Any, lengths: Any, weights: tuple[LstmWeights, LstmWeights]
) -> tuple[Any, Callable[[Any], Any]]:
    """The hidden states, and a function from their gradient to the gradients of inputs and weights."""
    units = weights[0][1].shape[0]
    # Both directions read the same way, from step 0 on: the backward one gets its sequences reversed.
    to_steps, to_sequences = step_order(lengths, tf.shape(inputs)[1])
    steps = tf.gather(flat(inputs), to_steps)
    cells = [run_lstm(steps[side], *weights[side]) for side in (0, 1)]
    states = [tf.gather(flat(cells[side].h), to_sequences[side]) for side in (0, 1)]

    def gradient(of_states: Any) -> list[Any]:
        of_hidden = tf.reshape(of_states, [-1, 2, units])
        of_hidden = [tf.gather(of_hidden[:, side], to_steps[side]) for side in (0, 1)]
        of_gates = [gate_gradients(cells[s], weights[s][1], of_hidden[s]) for s in (0, 1)]
        of_steps = [input_gradients(of_gates[side], weights[side][0]) for side in (0, 1)]
        of_inputs = [tf.gather(of_steps[side], to_sequences[side]) for side in (0, 1)]
        of_weights = [
            weight_gradients(of_gates[side], steps[side], cells[side].h) for side in (0, 1)
        ]
        return [tf.add(*of_inputs), *of_weights[0], *of_weights[1]]

    return tf.concat(states, axis=-1), gradient


def step_order(lengths: Any, steps: Any) -> tuple[Any, Any]:
    """Row numbers that bring sequences into the order in which each direction reads them, and back.

    lengths: int32 (B,). steps: T.
    Returns int32 (2, T, B), rows of an array (B * T, …); and int32 (2, B, T), rows of an array (T * B, …).
    """
    sentences, time = tf.range(tf.size(lengths)), tf.range(steps)[:, None]
    # Subtle: only real positions are reversed, so padding stays on the right and is read last. Reversing
    # twice restores the order, so one index array serves both directions.
    reverse = tf.where(time < lengths, lengths - 1 - time, time)
    order = tf.stack([tf.broadcast_to(time, tf.shape(reverse)), reverse])
    to_sequences = tf.transpose(order * tf.size(lengths) + sentences, [0, 2, 1])
    return sentences * steps + order, to_sequences


def run_lstm(inputs: Any, kernel: Any, recurrent: Any, bias: Any) -> Any:
    """One direction by one kernel. inputs: (T, B, D). Returns its gates, cells and hidden states, each (T, B, H)."""
    units = bias.shape[0] // 4
    zeros, no_peephole = tf.zeros([tf.shape(inputs)[1], units]), tf.zeros([units])
    return tf.raw_ops.BlockLSTMV2(
        seq_len_max=tf.shape(inputs, tf.int64)[0],
        x=inputs,
        cs_prev=zeros,
        h_prev=zeros,
        w=tf.concat([kernel, recurrent], axis=0),
        **dict.fromkeys(PEEPHOLES, no_peephole),
        b=bias,
        cell_clip=0.0,
        use_peephole=False,
    )


def gate_gradients(cells: Any, recurrent: Any, of_hidden: Any) -> Any:
    """The gradient of one direction's gates before their nonlinearity, by backpropagation through time.

    cells: from `run_lstm`. recurrent: (H, 4H). of_hidden: float32 (T, B, H), gradient of the hidden states.
    Returns float32 (T, B, 4H), gates in LSTMBlockCellGrad's order.
    """
    steps, units = tf.shape(of_hidden)[0], of_hidden.shape[2]
    zeros = tf.zeros(tf.shape(of_hidden)[1:])
    before = tf.concat([zeros[None], cells.cs[:-1]], axis=0)
    swapped = swap_gates(recurrent)
    unread = unread_arguments(zeros)

    def step(time: Any, of_cell: Any, of_state: Any, of_gates: Any) -> tuple[Any, ...]:
        # A hidden state acts on the loss by itself and through the next step: both gradients are added.
        cell = tf.raw_ops.LSTMBlockCellGrad(
            **unread,
            **{name: getattr(cells, name)[time] for name in CELL_STATES},
            cs_prev=before[time],
            cs_grad=of_cell,
            h_grad=of_hidden[time] + of_state,
            use_peephole=False,
        )
        of_state = tf.matmul(cell.dicfo, swapped, transpose_b=True)
        return time - 1, cell.cs_prev_grad, of_state, of_gates.write(time, cell.dicfo)

    of_gates = tf.TensorArray(tf.float32, steps, element_shape=[None, 4 * units])
    start = (steps - 1, zeros, zeros, of_gates)
    # One loop per direction: TensorFlow runs the two loops side by side.
    *_, of_gates = tf.while_loop(lambda time, *_: time >= 0, step, start, parallel_iterations=1)
    return of_gates.stack()


def unread_arguments(states: Any) -> dict[str, Any]:
    """Arguments of LSTMBlockCellGrad whose shapes it checks but whose numbers it never reads. states: (B, H)."""
    units = states.shape[1]
    return {
        "x": states[:, :1],
        "h_prev": states,
        "w": tf.zeros([units + 1, 4 * units]),
        "b": tf.zeros([4 * units]),
        **dict.fromkeys(PEEPHOLES, tf.zeros([units])),
    }


def input_gradients(of_gates: Any, kernel: Any) -> Any:
    """The gradient of the inputs, float32 (T * B, D). of_gates: from `gate_gradients`. kernel: (D, 4H)."""
    return tf.matmul(flat(of_gates), swap_gates(kernel), transpose_b=True)


def weight_gradients(of_gates: Any, inputs: Any, hidden: Any) -> LstmWeights:
    """The gradients of kernel, recurrent kernel and bias, gates in Keras' order.

    of_gates: from `gate_gradients`. inputs: (T, B, D). hidden: (T, B, H).
    """
    kernel = tf.matmul(flat(inputs), flat(of_gates), transpose_a=True)
    # The gates of a step read the hidden state of the step before; those of step 0 read zeros.
    recurrent = tf.matmul(flat(hidden[:-1]), flat(of_gates[1:]), transpose_a=True)
    bias = tf.reduce_sum(of_gates, axis=[0, 1])
    return swap_gates(kernel), swap_gates(recurrent), swap_gates(bias)


def flat(steps: Any) -> Any:
    """(T, B, D) becomes (T * B, D)."""
    return tf.reshape(steps, [-1, steps.shape[-1]])


def swap_gates(weights: Any) -> Any:
    """Weights (…, 4H) from Keras' order of gates to LSTMBlockCellGrad's, or back: the middle gates change places."""
    gates = tf.reshape(weights, [-1, 4, weights.shape[-1] // 4])
    return tf.reshape(tf.gather(gates, [0, 2, 1, 3], axis=1), weights.shape)
