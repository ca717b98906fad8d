"""Messages of a linear-chain CRF, in numpy; `modeling.crf` trains it.

This is the forward-backward algorithm (Lafferty, McCallum & Pereira 2001) over a batch of sentences. The
log-marginal of a tag is its emission plus the messages from both sides, up to a constant per token.
Both directions run in the same step.
"""

from typing import NamedTuple

import numpy as np

from seqlab.arrays import FloatArray, Int64Array

LOWEST_SHIFT = -1e30  # keeps -inf - shift at -inf where all scores are -inf; -inf - -inf is NaN


class CrfMessages(NamedTuple):
    """before, after: float32 (B, T, C), log messages from the tokens before and after each token.

    Each is correct up to a constant per token, and without meaning on padding.
    """

    before: FloatArray
    after: FloatArray


class CrfWeights(NamedTuple):
    """What both directions need; index 0 is forward, 1 backward.

    first: float32 (2, C), the message into the first token that a direction reads.
    matrices: float32 (2, C, C), exp(transitions), transposed for the backward direction.
    """

    first: FloatArray
    matrices: FloatArray

    @classmethod
    def of(cls, transitions: FloatArray, start: FloatArray, end: FloatArray) -> "CrfWeights":
        """From scores of transitions (C, C), [tag, next tag], and of first and last tags (C,)."""
        # Scale the matrix by one factor, so that exp cannot overflow. The factor only changes the constant.
        matrix = np.exp(transitions - max(float(transitions.max()), LOWEST_SHIFT))
        return cls(first=np.stack([start, end]), matrices=np.stack([matrix, matrix.T]))


def crf_messages(emissions: FloatArray, weights: CrfWeights, lengths: Int64Array) -> CrfMessages:
    """The messages of B sentences.

    emissions: float32 (B, T, C), tag scores, padded on the right. lengths: int64 (B,), at least 1.
    """
    times, rows = np.arange(emissions.shape[1]), np.arange(len(lengths))[:, None]
    # The backward direction reads each sentence from its last token; padding stays where it is.
    reversed_times = lengths[:, None] - 1 - times
    reversed_times = np.where(reversed_times >= 0, reversed_times, times)
    scores = np.stack([emissions, emissions[rows, reversed_times]]).transpose(2, 0, 1, 3).copy()
    messages = pass_messages(scores, weights)
    before, after = messages.transpose(1, 2, 0, 3)
    return CrfMessages(before, after[rows, reversed_times])


def pass_messages(scores: FloatArray, weights: CrfWeights) -> FloatArray:
    """float32 (T, 2, B, C): the message into each token, of both directions.

    A message is log(exp(scores + message) @ matrix) of the token before, minus the largest score.
    scores: float32 (T, 2, B, C), overwritten.
    """
    messages = np.empty_like(scores)
    messages[0] = weights.first[:, None]
    with np.errstate(divide="ignore"):  # a tag that cannot be reached gets log(0) = -inf
        for time in range(1, len(scores)):
            summed, message = scores[time - 1], messages[time]
            summed += messages[time - 1]
            # The shift is not added back, so messages stay near 0 however long the sentence is.
            summed -= np.maximum(summed.max(axis=2, keepdims=True), LOWEST_SHIFT)
            np.exp(summed, out=summed)
            np.matmul(summed, weights.matrices, out=message)
            np.log(message, out=message)
    return messages
