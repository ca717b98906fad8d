"""A last look at `sample_weight` before Keras' `fit` gets it.

Keras reports a wrong shape as an error about data cardinality that never mentions weights, and
takes some wrong shapes in silence.
"""

import numpy as np
import numpy.typing as npt

from seqlab.errors import WeightsError
from seqlab.weighting.token_classes import number_array
from seqlab.weighting.weight_checks import Shape, check_each_weight


def check_sample_weight(weights: npt.ArrayLike, labels: npt.ArrayLike) -> None:
    """Refuse what Keras' `fit` would misread as `sample_weight` of these labels.

    weights: (N, T), what `temporal_weights` gives.
    labels: (N, T, C), one-hot; or (N, T), class ids, where padding can't be told.
    Raises WeightsError that says what came, what is needed and what to call.
    """
    array, expected = number_array(weights, "sample_weight"), number_array(labels, "labels")
    if expected.ndim not in (2, 3):
        raise WeightsError(
            f"labels have shape {expected.shape}; give one-hot (N, T, C) or class ids (N, T)"
        )
    tokens = expected.shape[:2]
    if array.shape != tokens:
        raise WeightsError(
            f"sample_weight has shape {array.shape}{_meaning(array.shape, expected.shape)}; fit "
            f"needs one weight per token, shape {tokens}: {_call(array.shape, expected.shape)}"
        )
    check_each_weight(array, np.ones(tokens, dtype=np.bool_), "sample_weight")
    if expected.ndim == 3 and array[~expected.any(axis=-1)].any():
        row, column = np.argwhere((array != 0) & ~expected.any(axis=-1))[0]
        raise WeightsError(
            f"sample_weight[{row}, {column}] is {array[row, column]} on padding, where the label "
            "is an all-zero row; call temporal_weights(labels, class_weights) with these labels"
        )


def _meaning(came: Shape, labels: Shape) -> str:
    """What an array of shape `came` seems to be, given the shape of the labels."""
    sentences, tokens = labels[:2]
    if came == (sentences,):
        return ", one weight a sentence"
    if len(came) == 1:
        return ", one weight a class" if came == labels[2:] else ""
    if came[:2] == (sentences, tokens):
        return ", one weight a token and class"
    if len(came) == 2 and came[1] == tokens:
        return f", as for another split of {came[0]} sentences"
    if len(came) == 2 and came[0] == sentences:
        return f", as for sentences cut to {came[1]} tokens"
    return ""


def _call(came: Shape, labels: Shape) -> str:
    """The call that gives what `fit` needs."""
    arguments = ["labels", "class_weights"]
    if came == labels[:1]:
        arguments.append("sentence_weights=...")
    if len(labels) == 2:
        arguments.append("mask=...")
    return f"call temporal_weights({', '.join(arguments)}) with these labels"
