"""The published formulas from class counts to class weights, on plain arrays.

A class that never occurs gets the weight that a class seen once would have: finite, and large as
a rare class's should be. It enters no total, mean or median. Names, sharing and manual weights
are not known here: see `class_weights`.
"""

import math
from enum import StrEnum

import numpy as np

from seqlab.arrays import DoubleArray, Int64Array


class WeightScheme(StrEnum):
    """How counts become weights. N tokens in all, n of the class, C classes that occur."""

    NONE = "none"
    """1 for every class."""
    BALANCED = "balanced"
    """N / (C n), scikit-learn's `compute_class_weight` (King & Zeng 2001)."""
    INVERSE = "inverse"
    """N / n, that is C times balanced: the same weights once they are normalised."""
    SQRT_INVERSE = "sqrt-inverse"
    """The square root of balanced."""
    LOG = "log"
    """1 / ln(1.02 + n/N), between 1.4 and 50.5 (ENet, Paszke et al. 2016)."""
    EFFECTIVE_NUMBER = "effective-number"
    """(1 - beta) / (1 - beta^n), scaled to mean 1 over classes (Cui et al. 2019)."""
    MEDIAN_FREQUENCY = "median-frequency"
    """Median of the classes' frequencies / the class's frequency (Eigen & Fergus 2015; the
    paper divides by the images that hold the class alone, here it is by all tokens)."""


def formula_weights(counts: Int64Array, scheme: WeightScheme, *, beta: float) -> DoubleArray:
    """The weight of each class.

    counts: int64 (C,), tokens of each class, 0 or more, at least one above 0.
    beta: of effective-number, from 0 (no weighting) to under 1 (inverse frequency).
    Returns float64 (C,).
    """
    total = int(counts.sum())
    seen = counts > 0
    tokens = np.maximum(counts, 1).astype(np.float64)
    balanced = total / (int(np.count_nonzero(seen)) * tokens)
    match scheme:
        case WeightScheme.NONE:
            return np.ones(len(counts))
        case WeightScheme.BALANCED:
            return balanced
        case WeightScheme.INVERSE:
            return total / tokens
        case WeightScheme.SQRT_INVERSE:
            return np.sqrt(balanced)
        case WeightScheme.LOG:
            return 1 / np.log(1.02 + tokens / total)
        case WeightScheme.EFFECTIVE_NUMBER:
            rarity = (1 - beta) / _one_minus_power(beta, tokens)
            return rarity / float(rarity[seen].mean())
        case WeightScheme.MEDIAN_FREQUENCY:
            return float(np.median(tokens[seen])) / tokens


def cut_to_ratio(weights: DoubleArray, cap: float) -> DoubleArray:
    """The weights with the large ones cut down to `cap` times the smallest.

    >>> cut_to_ratio(np.array([0.5, 2.0, 90.0]), 10).tolist()
    [0.5, 2.0, 5.0]
    """
    return np.minimum(weights, cap * float(weights.min()))


def _one_minus_power(beta: float, exponents: DoubleArray) -> DoubleArray:
    """1 - beta^n, without the loss of digits that a beta close to 1 brings."""
    return -np.expm1(exponents * math.log(beta)) if beta > 0 else np.ones(len(exponents))
