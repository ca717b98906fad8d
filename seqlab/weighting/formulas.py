"""The published formulas from class counts to class weights, on plain arrays.

A class that never occurs gets the weight of a class that occurs once, and enters no total, mean or median.
Names, shared counts and manual weights are handled in `class_weights`.
"""

import math
from enum import StrEnum

import numpy as np

from seqlab.arrays import DoubleArray, Int64Array


class WeightScheme(StrEnum):
    """How counts become weights. N: all tokens. n: tokens of the class. C: the number of classes that occur."""

    NONE = "none"
    """1 for every class."""
    BALANCED = "balanced"
    """N / (C n), scikit-learn's `compute_class_weight` (King & Zeng 2001)."""
    INVERSE = "inverse"
    """N / n, that is C times balanced: after normalisation the weights are the same."""
    SQRT_INVERSE = "sqrt-inverse"
    """The square root of balanced."""
    LOG = "log"
    """1 / ln(1.02 + n/N), between 1.4 and 50.5 (ENet, Paszke et al. 2016)."""
    EFFECTIVE_NUMBER = "effective-number"
    """(1 - beta) / (1 - beta^n), scaled to mean 1 over classes (Cui et al. 2019)."""
    MEDIAN_FREQUENCY = "median-frequency"
    """The median frequency of the classes / the frequency of the class (Eigen & Fergus 2015). The
    paper divides by the pixels of images that hold the class; here the divisor is all tokens."""


def formula_weights(counts: Int64Array, scheme: WeightScheme, *, beta: float) -> DoubleArray:
    """Return the weight of each class, float64 (C,).

    counts: int64 (C,), tokens of each class, 0 or more, at least one above 0.
    beta: for effective-number, from 0 (equal weights) to under 1 (inverse frequency).
    """
    total = int(counts.sum())
    seen = counts > 0
    tokens = np.maximum(counts, 1).astype(np.float64)  # a class without tokens counts as one token
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
            # 1 - beta^n as -expm1(n log beta): the plain difference loses all digits for beta close to 1.
            complement = -np.expm1(tokens * math.log(beta)) if beta > 0 else np.ones(len(tokens))
            rarity = (1 - beta) / complement
            return rarity / float(rarity[seen].mean())
        case WeightScheme.MEDIAN_FREQUENCY:
            return float(np.median(tokens[seen])) / tokens


def cap_ratio(weights: DoubleArray, cap: float) -> DoubleArray:
    """Reduce weights that exceed `cap` times the smallest weight to this limit.

    >>> cap_ratio(np.array([0.5, 2.0, 90.0]), 10).tolist()
    [0.5, 2.0, 5.0]
    """
    return np.minimum(weights, cap * float(weights.min()))
