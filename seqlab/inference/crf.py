"""The marginals of a linear chain over tags, in numpy; see `modeling.crf_forward_backward`, which trains it."""

from typing import NamedTuple

import numpy as np

from seqlab.arrays import FloatArray, Int64Array

LEAST = -1e30  # stands for -inf where -inf - -inf would follow


class CrfMessages(NamedTuple):
    """What the tokens before and after each token say of its tag, float32 (B, T, C), each up to a constant a
    token; without meaning on padding.
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
    """The messages of a batch.

    emissions: float32 (B, T, C), scores of tags. transitions: float32 (C, C), from row to column.
    start, end: float32 (C,). lengths: int64 (B,), at least 1.
    """
    before, after = np.zeros_like(emissions), np.zeros_like(emissions)
    before[:, 0] = start
    matrix = np.exp(transitions - max(float(transitions.max()), LEAST))
    for time in range(1, emissions.shape[1]):
        before[:, time] = handed(emissions[:, time - 1] + before[:, time - 1], matrix)
    last = lengths - 1
    for time in range(emissions.shape[1] - 1, -1, -1):
        if time + 1 < emissions.shape[1]:
            after[:, time] = handed(emissions[:, time + 1] + after[:, time + 1], matrix.T)
        after[last == time, time] = end
    return CrfMessages(before, after)


def handed(scores: FloatArray, matrix: FloatArray) -> FloatArray:
    """What scores (B, C) hand on through exp(transitions), as logarithms, the greatest taken off."""
    shift = np.maximum(scores.max(axis=1, keepdims=True), LEAST)
    with np.errstate(divide="ignore"):
        found: FloatArray = np.log(np.exp(scores - shift) @ matrix)
    return found
