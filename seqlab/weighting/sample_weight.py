"""Check `sample_weight` before it is given to Keras' `fit`.

For a wrong shape Keras reports an error about data cardinality that does not mention weights, or accepts it
silently.
"""

import numpy as np
import numpy.typing as npt

from seqlab.errors import WeightsError
from seqlab.weighting.token_classes import number_array
from seqlab.weighting.weight_checks import check_each_weight


def check_sample_weight(weights: npt.ArrayLike, labels: npt.ArrayLike) -> None:
    """Raise WeightsError when Keras' `fit` would misread `weights` as `sample_weight` of these labels.

    weights: (N, T), such as the result of `temporal_weights`.
    labels: (N, T, C), one-hot; or (N, T), class ids, where padding is not checked.
    """
    array, expected = number_array(weights, "sample_weight"), number_array(labels, "labels")
    if expected.ndim not in (2, 3):
        fact = f"labels have shape {expected.shape}"
        raise WeightsError(f"{fact}; give one-hot (N, T, C) or class ids (N, T)")
    tokens = expected.shape[:2]
    if array.shape != tokens:
        fact = f"sample_weight has shape {array.shape}{_meaning(array.shape, expected.shape)}"
        needed = f"fit needs one weight per token, shape {tokens}"
        raise WeightsError(f"{fact}; {needed}; {_correct_call(array.shape, expected.shape)}")
    check_each_weight(array, "sample_weight")
    if expected.ndim == 3 and array[~expected.any(axis=-1)].any():
        row, column = np.argwhere((array != 0) & ~expected.any(axis=-1))[0]
        fact = f"sample_weight[{row}, {column}] is {array[row, column]} on padding"
        call = "call temporal_weights(labels, class_weights) with these labels"
        raise WeightsError(f"{fact} (an all-zero label); {call}")


def _meaning(weights: tuple[int, ...], labels: tuple[int, ...]) -> str:
    # What an array of the weights' shape probably is, given the labels' shape.
    sentences, tokens = labels[:2]
    if weights == (sentences,):
        return ", one weight per sentence"
    if len(weights) == 1:
        return ", one weight per class" if weights == labels[2:] else ""
    if weights[:2] == (sentences, tokens):
        return ", one weight per token and class"
    if len(weights) == 2 and weights[1] == tokens:
        return f", which fits a split of {weights[0]} sentences"
    if len(weights) == 2 and weights[0] == sentences:
        return f", which fits sentences of {weights[1]} tokens"
    return ""


def _correct_call(weights: tuple[int, ...], labels: tuple[int, ...]) -> str:
    arguments = ["labels", "class_weights"]
    if weights == labels[:1]:
        arguments.append("sentence_weights=...")
    if len(labels) == 2:
        arguments.append("mask=...")
    return f"call temporal_weights({', '.join(arguments)}) with these labels"
