"""Both directions of an LSTM over right-padded sequences in TensorFlow's own kernels, for the CPU.

Keras' LSTM is a loop of small operations; here a kernel walks a sequence itself. The gradient is by hand,
in `block_lstm_gradient.py`: TensorFlow 2.21 takes that of `BlockLSTMV2` from the kernel of the first
version, whose gates stand in another order, and what it gives is wrong.
"""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

KEPT = ("i", "cs", "f", "o", "ci", "co")  # what the kernels know of each step


def through_time(states: Any, recurrent: Any, of_hidden: Any) -> Any:
    """The gradient of the gates of one direction before their nonlinearity, float32 (T, B, 4H).

    Their order is that of the kernel: input, cell, forget, output. A loop for each direction: they run side by side.
    states: as `cell_states` gives them. recurrent: (H, 4H). of_hidden: float32 (T, B, H), of hidden states.
    """
    steps, units = tf.shape(of_hidden)[0], of_hidden.shape[2]
    zeros = tf.zeros(tf.shape(of_hidden)[1:])
    before = tf.concat([zeros[None], states.cs[:-1]], axis=0)
    turned = swapped(recurrent)
    unread = shapes_alone(zeros)

    def step(time: Any, of_cell: Any, of_state: Any, found: Any) -> tuple[Any, ...]:
        cell = tf.raw_ops.LSTMBlockCellGrad(
            **unread,
            **{name: getattr(states, name)[time] for name in KEPT},
            cs_prev=before[time],
            cs_grad=of_cell,
            h_grad=of_hidden[time] + of_state,
            use_peephole=False,
        )
        of_state = tf.matmul(cell.dicfo, turned, transpose_b=True)
        return time - 1, cell.cs_prev_grad, of_state, found.write(time, cell.dicfo)

    found = tf.TensorArray(tf.float32, steps, element_shape=[None, 4 * units])
    start = (steps - 1, zeros, zeros, found)
    *_, found = tf.while_loop(lambda time, *_: time >= 0, step, start, parallel_iterations=1)
    return found.stack()


def shapes_alone(states: Any) -> dict[str, Any]:
    """The arguments of the kernel of which it looks at no number. states: float32 (B, H)."""
    units = states.shape[1]
    return {
        "x": states[:, :1],
        "h_prev": states,
        "w": tf.zeros([units + 1, 4 * units]),
        "b": tf.zeros([4 * units]),
        **dict.fromkeys(("wci", "wcf", "wco"), tf.zeros([units])),
    }


def gradient_of_inputs(gates: Any, kernel: Any) -> Any:
    """float32 (T * B, D). gates: (T, B, 4H), as `through_time` gives them. kernel: (D, 4H)."""
    return tf.matmul(flat(gates), swapped(kernel), transpose_b=True)


def gradients_of_weights(gates: Any, inputs: Any, hidden: Any) -> tuple[Any, Any, Any]:
    """Those of kernel, recurrent kernel and bias, gates in Keras' order.

    gates: float32 (T, B, 4H), as `through_time` gives them. inputs: (T, B, D). hidden: (T, B, H).
    """
    kernel = tf.matmul(flat(inputs), flat(gates), transpose_a=True)
    recurrent = tf.matmul(flat(hidden[:-1]), flat(gates[1:]), transpose_a=True)
    return swapped(kernel), swapped(recurrent), swapped(tf.reduce_sum(gates, axis=[0, 1]))


def flat(steps: Any) -> Any:
    """(T, B, D) becomes (T * B, D)."""
    return tf.reshape(steps, [-1, steps.shape[-1]])


def swapped(weights: Any) -> Any:
    """Gates in the order of the kernel from those in Keras', or the other way round. weights: (…, 4H)."""
    gates = tf.reshape(weights, [-1, 4, weights.shape[-1] // 4])
    return tf.reshape(tf.gather(gates, [0, 2, 1, 3], axis=1), weights.shape)


Weights = tuple[Any, Any, Any]  # kernel (D, 4H), recurrent kernel (H, 4H), bias (4H,)


def block_bilstm(inputs: Any, lengths: Any, ahead: Weights, back: Weights) -> Any:
    """The hidden states of both directions, each starting from zeros.

    inputs: float32 (B, T, D). lengths: int32 (B,), positions that count, 1 or more.
    ahead, back: the weights of each direction, gates in Keras' order: input, forget, cell, output.
    Returns float32 (B, T, 2H); what stands at or after a length has no meaning, and its gradient must be 0.
    """

    def states_and_gradient(inputs: Any, *weights: Any) -> tuple[Any, Callable[[Any], Any]]:
        return run(inputs, lengths, (weights[:3], weights[3:]))

    return tf.custom_gradient(states_and_gradient)(inputs, *ahead, *back)


def run(
    inputs: Any, lengths: Any, weights: tuple[Weights, Weights]
) -> tuple[Any, Callable[[Any], Any]]:
    """The hidden states, and the function from their gradient to those of inputs and weights."""
    units = weights[0][1].shape[0]
    reading, writing = places(lengths, tf.shape(inputs)[1])
    read = tf.gather(flat(inputs), reading)
    cells = [cell_states(read[side], *weights[side]) for side in (0, 1)]
    states = [tf.gather(flat(cells[side].h), writing[side]) for side in (0, 1)]

    def gradient(of_states: Any) -> list[Any]:
        of_hidden = tf.reshape(of_states, [-1, 2, units])
        of_gates = [
            through_time(
                cells[side], weights[side][1], tf.gather(of_hidden[:, side], reading[side])
            )
            for side in (0, 1)
        ]
        of_read = [gradient_of_inputs(of_gates[side], weights[side][0]) for side in (0, 1)]
        of_inputs = [tf.gather(of_read[side], writing[side]) for side in (0, 1)]
        found = [gradients_of_weights(of_gates[side], read[side], cells[side].h) for side in (0, 1)]
        return [tf.add(*of_inputs), *found[0], *found[1]]

    return tf.concat(states, axis=-1), gradient


def places(lengths: Any, steps: Any) -> tuple[Any, Any]:
    """Where a step of each direction stands among sequences, and the other way round.

    lengths: int32 (B,). steps: T. The direction back begins at the last position that counts.
    Returns int32 (2, T, B), rows of B * T; and int32 (2, B, T), rows of T * B.
    """
    sentences, time = tf.range(tf.size(lengths)), tf.range(steps)[:, None]
    turned = tf.where(time < lengths, lengths - 1 - time, time)  # turns back what it has turned
    order = tf.stack([tf.broadcast_to(time, tf.shape(turned)), turned])
    writing = tf.transpose(order * tf.size(lengths) + sentences, [0, 2, 1])
    return sentences * steps + order, writing


def cell_states(inputs: Any, kernel: Any, recurrent: Any, bias: Any) -> Any:
    """Gates, cells and hidden states of one direction, each float32 (T, B, H). inputs: (T, B, D)."""
    units = bias.shape[0] // 4
    zeros, no_peephole = tf.zeros([tf.shape(inputs)[1], units]), tf.zeros([units])
    return tf.raw_ops.BlockLSTMV2(
        seq_len_max=tf.shape(inputs, tf.int64)[0],
        x=inputs,
        cs_prev=zeros,
        h_prev=zeros,
        w=tf.concat([kernel, recurrent], axis=0),
        **dict.fromkeys(("wci", "wcf", "wco"), no_peephole),
        b=bias,
        cell_clip=0.0,
        use_peephole=False,
    )
