"""The forward-backward algorithm of a linear-chain CRF, with a gradient by hand.

A path y over T tokens has the score start[y_1] + sum_t emissions[t, y_t] + sum_t transitions[y_t, y_t+1]
+ end[y_T] (Lafferty, McCallum & Pereira 2001). The probability of a path is the softmax over all paths' scores.

Every sum over paths is a recursion of messages from token to token (Rabiner 1989, section III). One step is one
matrix product with exp(transitions) for the whole batch. Both directions run side by side in one loop: the backward
direction reads each sentence from its last token. Arrays of both directions have the axes (T, 2, B, C).

Time is O(B T C^2), memory is O(B T C): training holds about 20 arrays (B, T, C), each 3.8 MB for 8 sentences of
1,000 tokens and 120 tags. Two versions were slower: automatic differentiation through `tf.scan` in log space, and
a scan of logarithmic depth over (C, C) products, which does C times the work. Messages as probabilities instead of
logarithms were not faster.

Transitions may be -inf, that is forbidden. Float32 sets a limit: a step that scores 87 nats less than the best one
counts as forbidden. So does a tag whose allowed predecessors all score 87 nats less than a forbidden one.
`seqlab.deciding.viterbi` finds the best path.
"""

from typing import Any

import tensorflow as tf

LEAST = -1e30  # used instead of a maximum of -inf, because -inf - -inf is NaN


def log_marginals(emissions: Any, transitions: Any, start: Any, end: Any, lengths: Any) -> Any:
    """Log p(y_t | x) of every tag of every token, over all paths of the sentence.

    emissions: float (B, T, C), score of each tag. transitions: float (C, C), score from row to column.
    start, end: float (C,), score of a first and a last tag. lengths: int32 (B,), tokens per sentence, at least 1.
    Returns float (B, T, C), in nats; finite but meaningless on padding.
    """
    forward, backward = forward_backward(emissions, transitions, start, end, lengths)
    real = tf.sequence_mask(lengths, tf.shape(emissions)[1])[:, :, None]
    return tf.nn.log_softmax(tf.where(real, emissions + forward + backward, 0.0))


@tf.custom_gradient
def forward_backward(emissions: Any, transitions: Any, start: Any, end: Any, lengths: Any) -> Any:
    """The log messages to each token from the tokens before it, and from the tokens after it.

    Arguments: see `log_marginals`.
    Returns forward, backward: float (B, T, C), without the token's own emission. The messages to one token are
    exact up to a constant. The gradient holds for functions that do not change when a constant is added to all
    messages to one token, such as `log_marginals`. It costs about as much as the messages.
    """
    # Taking off the largest transition keeps exp below 1. It only adds a constant to all messages.
    matrix = tf.exp(transitions - tf.maximum(tf.reduce_max(transitions), LEAST))
    matrices = tf.stack([matrix, tf.transpose(matrix)])
    scores = stack_directions(emissions, emissions, lengths)
    first = tf.broadcast_to(tf.stack([start, end])[:, None], tf.shape(scores)[1:])
    logs, shifts = pass_messages(scores, first, matrices)
    real = tf.sequence_mask(lengths, tf.shape(emissions)[1], dtype=emissions.dtype)[:, :, None]

    def gradient(forward_slopes: Any, backward_slopes: Any) -> tuple[Any, ...]:
        # A step is m_t+1 = log(sent_t @ matrix), where sent_t = exp(scores_t + m_t - shift_t). So the derivative
        # of m_t+1[j] with respect to m_t[i] is sent_t[i] * matrix[i, j] / exp(m_t+1[j]). The derivative with
        # respect to scores_t[i] is the same.
        slopes = stack_directions(forward_slopes * real, backward_slopes * real, lengths)
        messages = tf.exp(logs)
        # Subtle: exp(m) is 0 for a tag that no path reaches. Its slope must become 0, not inf * 0.
        inverse = tf.math.divide_no_nan(tf.ones_like(messages), messages)
        sent = tf.exp(scores + logs - shifts[..., None])
        later = pass_slopes(slopes, inverse, sent, tf.transpose(matrices, [0, 2, 1]))
        slopes += later
        # d exp(transitions) = exp(transitions) d transitions: hence the product with the matrices.
        of_matrices = sum_of_outer_products(sent[:-1], (slopes * inverse)[1:]) * matrices
        of_transitions = of_matrices[0] + tf.transpose(of_matrices[1])
        of_ends = tf.reduce_sum(slopes[0], axis=1)
        of_emissions = tf.add(*unstack_directions(later, lengths))
        return of_emissions, of_transitions, of_ends[0], of_ends[1], None

    return unstack_directions(logs, lengths), gradient


def pass_messages(scores: Any, first: Any, matrices: Any) -> tuple[Any, Any]:
    """Run both directions, each in its own order of time.

    scores: float (T, 2, B, C). first: float (2, B, C), log messages to the first token of each direction.
    matrices: float (2, C, C), exp(transitions) of each direction.
    Returns log messages, float (T, 2, B, C), and shifts, float (T, 2, B), the maximum of scores + messages.
    """
    steps = tf.shape(scores)[0]
    emitted = tf.TensorArray(scores.dtype, steps).unstack(scores)
    logs = tf.TensorArray(scores.dtype, steps, element_shape=first.shape).write(0, first)
    shifts = tf.TensorArray(scores.dtype, steps)

    def step(time: Any, last: Any, logs: Any, shifts: Any) -> tuple[Any, ...]:
        total = emitted.read(time - 1) + last
        # Subtle: the shift brings the largest term to exp(0) = 1, so that no emission is too large or too
        # small for exp. It is never added again: it is the constant that messages may differ by.
        shift = max_over_tags(total)
        now = tf.math.log(matmul_directions(tf.exp(total - shift), matrices))
        return time + 1, now, logs.write(time, now), shifts.write(time - 1, shift)

    start = (1, first, logs, shifts)
    _, last, logs, shifts = tf.while_loop(lambda time, *_: time < steps, step, start)
    shifts = shifts.write(steps - 1, max_over_tags(scores[-1] + last))
    return logs.stack(), shifts.stack()[..., 0]


def pass_slopes(slopes: Any, inverse: Any, sent: Any, matrices: Any) -> Any:
    """The part of each message's slope that comes through later messages of its direction.

    slopes: float (T, 2, B, C), slopes of the log messages themselves. inverse: 1 / exp(log message), the same shape.
    sent: exp(scores + log messages - shifts), the same shape. matrices: float (2, C, C), transposed.
    Returns float (T, 2, B, C), 0 for the last token of each direction.
    """
    steps = tf.shape(slopes)[0]
    arrays = (slopes, inverse, sent)
    own, inverses, factors = (tf.TensorArray(slopes.dtype, steps).unstack(a) for a in arrays)
    zeros = tf.zeros_like(slopes[0])
    passed = tf.TensorArray(slopes.dtype, steps, element_shape=zeros.shape).write(steps - 1, zeros)

    def step(time: Any, later: Any, passed: Any) -> tuple[Any, ...]:
        relative = (own.read(time) + later) * inverses.read(time)
        now = factors.read(time - 1) * matmul_directions(relative, matrices)
        return time - 1, now, passed.write(time - 1, now)

    _, _, passed = tf.while_loop(lambda time, *_: time > 0, step, (steps - 1, zeros, passed))
    return passed.stack()


def stack_directions(forward: Any, backward: Any, lengths: Any) -> Any:
    """Arrays (B, T, C) of both directions as one (T, 2, B, C), the second from each sentence's end.

    Only the real tokens are reversed, so padding stays on the right in both directions.
    """
    reverse = tf.reverse_sequence(backward, lengths, seq_axis=1, batch_axis=0)
    return tf.transpose(tf.stack([forward, reverse]), [2, 0, 1, 3])


def unstack_directions(both: Any, lengths: Any) -> tuple[Any, Any]:
    """The inverse of `stack_directions`."""
    forward, reverse = tf.unstack(tf.transpose(both, [1, 2, 0, 3]))
    return forward, tf.reverse_sequence(reverse, lengths, seq_axis=1, batch_axis=0)


def sum_of_outer_products(left: Any, right: Any) -> Any:
    """The sum over time and batch of the outer products of two arrays (T, 2, B, C). Returns float (2, C, C)."""
    shape = [2, -1, tf.shape(left)[-1]]
    left, right = (tf.reshape(tf.transpose(a, [1, 0, 2, 3]), shape) for a in (left, right))
    return matmul_directions(tf.transpose(left, [0, 2, 1]), right)


def matmul_directions(left: Any, right: Any) -> Any:
    """(2, B, C) @ (2, C, C). For matrices this small, two products are faster than TensorFlow's batched one."""
    return tf.stack([tf.matmul(left[0], right[0]), tf.matmul(left[1], right[1])])


def max_over_tags(scores: Any) -> Any:
    """The maximum over the last axis, which is kept; finite where every score is -inf."""
    return tf.maximum(tf.reduce_max(scores, axis=-1, keepdims=True), LEAST)
