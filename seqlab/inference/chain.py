"""The marginals of a linear chain over tags, in numpy; see `modeling.chain`, which trains it."""

import numpy as np
from numpy.typing import NDArray

from seqlab.inference.lstm import Floats

LEAST = np.float32(-1e30)


def messages(
    emissions: Floats, scores: tuple[Floats, Floats, Floats], lengths: NDArray[np.int64]
) -> tuple[Floats, Floats]:
    """What the tokens before and after each token say of its tag, each up to a constant a token.

    emissions: float32 (B, T, C). scores: transitions (C, C), start (C,) and end (C,).
    lengths: int64 (B,), at least 1. Returns before, after: float32 (B, T, C); no meaning on padding.
    """
    transitions, start, end = scores
    before, after = np.zeros_like(emissions), np.zeros_like(emissions)
    before[:, 0] = start
    matrix = np.exp(transitions - max(float(transitions.max()), float(LEAST)))
    for time in range(1, emissions.shape[1]):
        before[:, time] = handed(emissions[:, time - 1] + before[:, time - 1], matrix)
    last = lengths - 1
    for time in range(emissions.shape[1] - 1, -1, -1):
        if time + 1 < emissions.shape[1]:
            after[:, time] = handed(emissions[:, time + 1] + after[:, time + 1], matrix.T)
        after[last == time, time] = end
    return before, after


def handed(scores: Floats, matrix: Floats) -> Floats:
    """What scores (B, C) hand on through exp(transitions), as logarithms, the greatest taken off."""
    shift = np.maximum(scores.max(axis=1, keepdims=True), LEAST)
    with np.errstate(divide="ignore"):
        found: Floats = np.log(np.exp(scores - shift) @ matrix)
    return found
