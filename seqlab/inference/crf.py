"""Messages of a linear-chain CRF, in numpy; `modeling.crf` trains it.

This is the forward-backward algorithm (Lafferty, McCallum & Pereira 2001) over a batch of sentences. The
log-marginal of a tag is its emission plus the messages from both sides, up to a constant per token.
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


def crf_messages(
    emissions: FloatArray,
    transitions: FloatArray,
    start: FloatArray,
    end: FloatArray,
    lengths: Int64Array,
) -> CrfMessages:
    """The messages of B sentences.

    emissions: float32 (B, T, C), tag scores, padded on the right. lengths: int64 (B,), at least 1.
    transitions: float32 (C, C), [tag, next tag]. start, end: float32 (C,), of first and last tags.
    """
    before, after = np.zeros_like(emissions), np.zeros_like(emissions)
    before[:, 0] = start
    # Scale the matrix by one factor, so that exp cannot overflow. The factor only changes the constant.
    matrix = np.exp(transitions - max(float(transitions.max()), LOWEST_SHIFT))
    for time in range(1, emissions.shape[1]):
        before[:, time] = pass_message(emissions[:, time - 1] + before[:, time - 1], matrix)
    last = lengths - 1
    for time in range(emissions.shape[1] - 1, -1, -1):
        if time + 1 < emissions.shape[1]:
            after[:, time] = pass_message(emissions[:, time + 1] + after[:, time + 1], matrix.T)
        # Sentences end at different times. Here the end scores replace what the padding has sent.
        after[last == time, time] = end
    return CrfMessages(before, after)


def pass_message(scores: FloatArray, matrix: FloatArray) -> FloatArray:
    """float32 (B, C): log(exp(scores) @ matrix), minus the largest score of each row.

    scores: float32 (B, C). matrix: float32 (C, C), exp(transitions).
    """
    # The shift is not added back, so messages stay near 0 however long the sentence is.
    shift = np.maximum(scores.max(axis=1, keepdims=True), LOWEST_SHIFT)
    with np.errstate(divide="ignore"):  # a tag that cannot be reached gets log(0) = -inf
        message: FloatArray = np.log(np.exp(scores - shift) @ matrix)
    return message
