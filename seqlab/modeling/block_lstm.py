"""One LSTM over whole sequences in a single TensorFlow kernel, for the CPU.

Keras' LSTM is a loop of small operations; here a kernel walks the sequence itself, forward and back.
Its registered gradient is no use: TensorFlow 2.21 takes the gradient of `BlockLSTMV2` from the kernel
of the first version, whose gates stand in another order, and what it gives is wrong. So the gradient
is asked of `BlockLSTMGradV2` by hand.
"""

from collections.abc import Callable
from typing import Any

import tensorflow as tf


def block_lstm(inputs: Any, weights: Any, bias: Any) -> Any:
    """The hidden states of an LSTM, starting from zeros; it knows no mask.

    inputs: float32 (T, B, D), time first. weights: float32 (D + H, 4H), Keras' kernel above its
    recurrent kernel. bias: float32 (4H,). Gates in Keras' order: input, forget, cell, output.
    Returns float32 (T, B, H).
    """
    return tf.custom_gradient(states_and_gradient)(inputs, weights, bias)


def states_and_gradient(
    inputs: Any, weights: Any, bias: Any
) -> tuple[Any, Callable[[Any], tuple[Any, Any, Any]]]:
    """The hidden states, and the function from their gradient to those of the arguments."""
    units = bias.shape[0] // 4
    zeros, no_peephole = tf.zeros([tf.shape(inputs)[1], units]), tf.zeros([units])
    given = {
        "seq_len_max": tf.shape(inputs, tf.int64)[0],
        "x": inputs,
        "cs_prev": zeros,
        "h_prev": zeros,
        "w": weights,
        **dict.fromkeys(("wci", "wcf", "wco"), no_peephole),
        "b": bias,
        "use_peephole": False,
    }
    states = tf.raw_ops.BlockLSTMV2(**given, cell_clip=0.0)

    def gradient(of_hidden: Any) -> tuple[Any, Any, Any]:
        kept = {name: getattr(states, name) for name in ("i", "cs", "f", "o", "ci", "co", "h")}
        found = tf.raw_ops.BlockLSTMGradV2(
            **given, **kept, cs_grad=tf.zeros_like(of_hidden), h_grad=of_hidden
        )
        return found.x_grad, found.w_grad, found.b_grad

    return states.h, gradient
