"""The gradient of one direction of an LSTM: what depends on time step by step, the rest at once.

`BlockLSTMGradV2` walks the sequence in one kernel, but at each step it adds to the gradient of all weights,
which for a few sentences is most of the cost. Here a loop takes the gradient of the gates alone back
through time, and one matrix product over all steps gives the gradient of weights, another that of inputs.
"""

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
