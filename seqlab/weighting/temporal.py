"""The temporal weight matrix: class weight times sentence weight times token weight, for each token.

Keras' `fit` takes the result as `sample_weight`. Its `class_weight` is no replacement: it refuses one-hot
sequences and reads integer labels along the wrong axis (Keras 3.15).
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from seqlab.arrays import BoolArray, FloatArray
from seqlab.errors import WeightsError
from seqlab.weighting.token_classes import number_array, token_classes
from seqlab.weighting.weight_checks import (
    check_per_class,
    check_per_sentence,
    check_per_token,
    check_product,
    check_used_classes,
)


def temporal_weights(
    labels: npt.ArrayLike,
    class_weights: npt.ArrayLike,
    *,
    sentence_weights: npt.ArrayLike | None = None,
    token_weights: npt.ArrayLike | None = None,
    mask: npt.ArrayLike | None = None,
    normalise: bool = True,
) -> FloatArray:
    """Weight each token by its class; padding gets weight 0.

    labels: (N, T, C), one-hot, an all-zero row is padding; or int (N, T), class ids, with a mask.
    class_weights: float (C,), relative cost of a mistake on each class.
    sentence_weights: float (N,), relative cost of a mistake in each sentence.
    token_weights: float (N, T), relative cost of a mistake on each token; values on padding are ignored.
    mask: bool (N, T), True on real tokens; class ids on padding are ignored. With one-hot labels a mask may
        leave tokens out, but must be False on padding.
    normalise: scale the weights to mean 1 over real tokens, including tokens of weight 0.
    Returns float32 (N, T), the product of the three weights, for Keras' `sample_weight`.
    Raises WeightsError when shapes do not fit, a row has more than one 1, a class that occurs has weight <= 0,
    a sentence or token weight is negative or not finite, or a product is too large for float32.

    >>> temporal_weights([[0, 1, 1]], [1, 3], mask=[[True, True, False]]).tolist()
    [[0.5, 1.5, 0.0]]
    """
    array = number_array(labels, "labels")
    if isinstance(class_weights, Mapping):
        order = "in the order of the classes, [weights[tag] for tag in tags]"
        raise WeightsError(f"class weights are a mapping; give them {order}")
    per_class = number_array(class_weights, "class weights")
    ids, real = token_classes(array, mask)
    check_per_class(per_class, array.shape)
    check_used_classes(per_class, ids)
    weights = np.zeros(real.shape, dtype=np.float32)
    with np.errstate(over="ignore", invalid="ignore"):  # the product is checked below
        weights[real] = per_class.astype(np.float32)[ids]
        if sentence_weights is not None:
            per_sentence = number_array(sentence_weights, "sentence weights")
            check_per_sentence(per_sentence, real.shape, classes=len(per_class))
            weights *= per_sentence.astype(np.float32)[:, np.newaxis]
        if token_weights is not None:
            per_token = number_array(token_weights, "token weights")
            check_per_token(per_token, real)
            weights[real] *= per_token[real].astype(np.float32)
    check_product(weights)
    return _mean_one(weights, real) if normalise else weights


def _mean_one(weights: FloatArray, real: BoolArray) -> FloatArray:
    # Scales in place. The sum is in float64, because a float32 sum over millions of tokens is inexact.
    tokens = np.count_nonzero(real)
    total = weights.sum(dtype=np.float64)
    if tokens == 0:
        return weights
    if not (np.isfinite(total) and total > 0):
        fact = f"the weights of all {tokens} tokens add up to {total}, so their mean can't be 1"
        advice = "give at least one token a weight above 0, or pass normalise=False"
        raise WeightsError(f"{fact}; {advice}")
    weights *= np.float32(tokens / total)
    return weights
