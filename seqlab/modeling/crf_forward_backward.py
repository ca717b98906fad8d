"""Linear chains over tags: messages, marginals and the partition function, with a gradient of their own.

A path y over T tokens scores start[y_1] + sum e_t[y_t] + sum transitions[y_t, y_t+1] + end[y_T]
(Lafferty, McCallum & Pereira 2001). All sums over paths run through `messages`: a time step is one
matrix product with exp(transitions) for the whole batch, forward messages and backward ones, read from
each sentence's end, side by side in one loop. What a step hands on is scaled to a maximum of 1 and the
result kept as a logarithm, so that no emission is too large or too small.

Time is O(B T C^2), memory O(B T C): in training about 20 arrays (B, T, C), of 3.8 MB each for 8 sentences
of 1,000 tokens and 120 tags. Tried and slower: autodiff through `tf.scan` in log space, and a scan of log
depth over (C, C) products, C times the work. Tried without gain: probabilities without logarithms.

Transitions may be -inf, forbidden. The limit is float32's: steps that score 87 nats less than the greatest
count as forbidden, and so does a tag whose allowed predecessors all are so much below a forbidden one.
The best path is found elsewhere, in `scoring.decoding`.
"""

from typing import Any

import tensorflow as tf

LEAST = -1e30  # stands for -inf where -inf - -inf would follow


def log_marginals(emissions: Any, transitions: Any, start: Any, end: Any, lengths: Any) -> Any:
    """The log of p(y_t | x) of every tag of every token, over all paths of the whole sentence.

    emissions: float (B, T, C), scores of tags. transitions: float (C, C), from row to column.
    start, end: float (C,). lengths: int32 (B,), real tokens of each sentence, at least 1.
    Returns float (B, T, C); finite and without meaning on padding.
    """
    before, after, _ = messages(emissions, transitions, start, end, lengths)
    real = tf.sequence_mask(lengths, tf.shape(emissions)[1])[:, :, None]
    return tf.nn.log_softmax(tf.where(real, emissions + before + after, 0.0))


def log_partition(emissions: Any, transitions: Any, start: Any, end: Any, lengths: Any) -> Any:
    """The logarithm, float (B,), of the sum of exp(score) over all paths. Arguments as above."""
    before, after, shifts = messages(emissions, transitions, start, end, lengths)
    last = tf.gather(emissions + before + after, lengths - 1, batch_dims=1)
    earlier = tf.sequence_mask(lengths - 1, tf.shape(emissions)[1], dtype=shifts.dtype)
    return tf.reduce_logsumexp(last, axis=-1) + tf.reduce_sum(shifts * earlier, axis=-1)


@tf.custom_gradient
def messages(emissions: Any, transitions: Any, start: Any, end: Any, lengths: Any) -> Any:
    """What the tokens before and after each token say of its tag.

    Arguments as of `log_marginals`.
    Returns before, after: float (B, T, C), log messages without the token's own emission, each up to a
    constant a token; shifts: float (B, T), which token t takes off all `before` after it.

    The gradient is that of the messages without their shifts: right for whatever adds the shifts again
    or does not change when a constant is added to a token. It is a pair of linear recursions again, in
    one loop: the backward pass costs about what the forward pass does.
    """
    scale = tf.maximum(tf.reduce_max(transitions), LEAST)
    matrix = tf.exp(transitions - scale)
    matrices = tf.stack([matrix, tf.transpose(matrix)])
    scores = both_ways(emissions, emissions, lengths)
    first = tf.broadcast_to(tf.stack([start, end])[:, None], tf.shape(scores)[1:])
    logs, shifts = forward(scores, first, matrices)
    before, after = one_way(logs, lengths)
    real = tf.sequence_mask(lengths, tf.shape(emissions)[1], dtype=emissions.dtype)[:, :, None]

    def gradient(before_slope: Any, after_slope: Any, _: Any) -> tuple[Any, ...]:
        slopes = both_ways(before_slope * real, after_slope * real, lengths)
        reached = tf.exp(logs)
        inverse = tf.math.divide_no_nan(tf.ones_like(reached), reached)
        scaled = tf.exp(scores + logs - shifts[..., None])
        handed = backward(slopes, inverse, scaled, tf.transpose(matrices, [0, 2, 1]))
        slopes += handed
        pairs = pair_sums(scaled[:-1], (slopes * inverse)[1:]) * matrices
        ends = tf.reduce_sum(slopes[0], axis=1)
        of_emissions = tf.add(*one_way(handed, lengths))
        return of_emissions, pairs[0] + tf.transpose(pairs[1]), ends[0], ends[1], None

    return (before, after, tf.transpose(shifts[:, 0]) + scale), gradient


def pair_sums(left: Any, right: Any) -> Any:
    """The sum, float (2, C, C), over time and batch of left[i] * right[j], both (T, 2, B, C)."""
    shape = [2, -1, tf.shape(left)[-1]]
    left, right = (tf.reshape(tf.transpose(a, [1, 0, 2, 3]), shape) for a in (left, right))
    return products(tf.transpose(left, [0, 2, 1]), right)


def both_ways(left: Any, right: Any, lengths: Any) -> Any:
    """(T, 2, B, C): `left` as it is and `right` from each sentence's end, both (B, T, C)."""
    reverse = tf.reverse_sequence(right, lengths, seq_axis=1, batch_axis=0)
    return tf.transpose(tf.stack([left, reverse]), [2, 0, 1, 3])


def one_way(both: Any, lengths: Any) -> tuple[Any, Any]:
    """Undoes `both_ways`."""
    left, right = tf.unstack(tf.transpose(both, [1, 2, 0, 3]))
    return left, tf.reverse_sequence(right, lengths, seq_axis=1, batch_axis=0)


def forward(scores: Any, first: Any, matrices: Any) -> tuple[Any, Any]:
    """The messages of both directions, each in its own order of time.

    scores: float (T, 2, B, C). first: float (2, B, C), the messages to the first token.
    Returns logs (T, 2, B, C) and shifts (T, 2, B), the maximum of scores + logs.
    """
    steps = tf.shape(scores)[0]
    emitted = tf.TensorArray(scores.dtype, steps).unstack(scores)
    logs = tf.TensorArray(scores.dtype, steps, element_shape=first.shape).write(0, first)
    shifts = tf.TensorArray(scores.dtype, steps)

    def step(time: Any, last: Any, logs: Any, shifts: Any) -> tuple[Any, ...]:
        total = emitted.read(time - 1) + last
        shift = greatest(total)
        now = tf.math.log(products(tf.exp(total - shift), matrices))
        return time + 1, now, logs.write(time, now), shifts.write(time - 1, shift)

    _, last, logs, shifts = tf.while_loop(
        lambda time, *_: time < steps, step, (1, first, logs, shifts)
    )
    shifts = shifts.write(steps - 1, greatest(scores[-1] + last))
    return logs.stack(), shifts.stack()[..., 0]


def products(left: Any, right: Any) -> Any:
    """(2, B, C) times (2, C, C). TensorFlow's batched product is slower than two of so small ones."""
    return tf.stack([tf.matmul(left[0], right[0]), tf.matmul(left[1], right[1])])


def greatest(scores: Any) -> Any:
    """The maximum over tags, kept as an axis; finite where no tag can be reached."""
    return tf.maximum(tf.reduce_max(scores, axis=-1, keepdims=True), LEAST)


def backward(slopes: Any, inverse: Any, scaled: Any, matrices: Any) -> Any:
    """What each token's messages owe to the slopes of later ones, in the order of `forward`.

    slopes, inverse, scaled: float (T, 2, B, C), slopes of the log messages, 1 / message, and what the
    token hands on. matrices: float (2, C, C), transposed. Returns float (T, 2, B, C), 0 at the end.
    """
    steps = tf.shape(slopes)[0]
    own, inverses, factors = (
        tf.TensorArray(slopes.dtype, steps).unstack(array) for array in (slopes, inverse, scaled)
    )
    none = tf.zeros_like(slopes[0])
    handed = tf.TensorArray(slopes.dtype, steps, element_shape=none.shape).write(steps - 1, none)

    def step(time: Any, later: Any, handed: Any) -> tuple[Any, ...]:
        ratio = (own.read(time) + later) * inverses.read(time)
        now = factors.read(time - 1) * products(ratio, matrices)
        return time - 1, now, handed.write(time - 1, now)

    _, _, handed = tf.while_loop(lambda time, *_: time > 0, step, (steps - 1, none, handed))
    return handed.stack()
