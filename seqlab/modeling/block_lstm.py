"""Both directions of an LSTM over right-padded sequences in TensorFlow's own kernels, for the CPU.

Keras' LSTM is a loop of small operations; here a kernel walks a sequence itself. The gradient is by hand,
in `block_lstm_gradient.py`: TensorFlow 2.21 takes that of `BlockLSTMV2` from the kernel of the first
version, whose gates stand in another order, and what it gives is wrong.
"""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from seqlab.modeling.block_lstm_gradient import (
    flat,
    gradient_of_inputs,
    gradients_of_weights,
    through_time,
)

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
