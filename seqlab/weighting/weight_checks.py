"""Weights that don't fit the labels: what came, what is needed, what to call.

Keras answers such mix-ups with an error about data cardinality that never mentions weights, or
with weights that are silently wrong. Nothing is computed here.
"""

import numpy as np

from seqlab.arrays import AnyArray, AnyIntArray, BoolArray
from seqlab.errors import WeightsError

Shape = tuple[int, ...]


def check_per_class(weights: AnyArray, labels: Shape) -> None:
    """Refuse class weights that are not one number a class.

    weights: (C,).
    labels: (N, T, C), or (N, T) of class ids, which do not tell C.
    """
    sentences, classes = labels[0], labels[2:]
    if weights.ndim == 1 and (not classes or weights.shape == classes):
        return
    came = f"class weights have shape {weights.shape}"
    if weights.ndim == 1 and len(weights) == sentences:
        raise WeightsError(
            f"{came}, one a sentence; labels have {classes[0]} classes; give one weight per "
            "class, and these as sentence_weights="
        )
    if weights.shape[:2] == labels[:2]:
        what = "one a token" if weights.ndim == 2 else "one a token and class"
        call = ", and these as token_weights=" if weights.ndim == 2 else ""
        raise WeightsError(f"{came}, {what}; give one weight per class, shape (C,){call}")
    if not classes or weights.ndim != 1:
        raise WeightsError(f"{came}; give one weight per class, shape (C,)")
    raise WeightsError(f"{came}, labels have {classes[0]} classes; give one weight per class")


def check_used_classes(weights: AnyArray, used: AnyIntArray) -> None:
    """Refuse a class that occurs but has no weight, or one that is not above 0 and finite.

    weights: (C,).
    used: int (M,), class ids.
    """
    if used.size == 0:
        return
    lowest, highest = int(used.min()), int(used.max())
    if lowest < 0 or highest >= len(weights):
        wrong = lowest if lowest < 0 else highest
        raise WeightsError(
            f"labels hold class id {wrong}, class weights have shape {weights.shape}; "
            "give one weight per class, and let the mask leave out padding"
        )
    usable = np.isfinite(weights) & (weights > 0)
    if not usable.all():
        occurs = np.zeros(len(weights), dtype=np.bool_)
        occurs[used] = True
        if (occurs & ~usable).any():
            index = np.flatnonzero(occurs & ~usable)[0]
            raise WeightsError(
                f"class {index} occurs in the labels and weighs {weights[index]}; a class that "
                "occurs weighs more than 0 (to leave tokens out, give token_weights of 0)"
            )


def check_per_sentence(weights: AnyArray, tokens: Shape, *, classes: int) -> None:
    """Refuse sentence weights of a shape other than (N,), negative or not finite.

    weights: (N,).
    tokens: (N, T).
    """
    came = f"sentence weights have shape {weights.shape}"
    if weights.shape == tokens:
        raise WeightsError(f"{came}, one a token; give them as token_weights=")
    if weights.shape == (classes,) and classes != tokens[0]:
        raise WeightsError(f"{came}, one a class; give them as class_weights")
    if weights.shape != tokens[:1]:
        raise WeightsError(
            f"{came}, labels have {tokens[0]} rows; give one weight per row, "
            "of the same split (`padded.sentence_weights`, where long sentences became several rows)"
        )
    wrong = np.flatnonzero(~(np.isfinite(weights) & (weights >= 0)))
    if wrong.size:
        raise WeightsError(
            f"sentence_weights[{wrong[0]}] is {weights[wrong[0]]}; expected 0 or more, and finite"
        )


def check_per_token(weights: AnyArray, real: BoolArray) -> None:
    """Refuse token weights of a shape other than (N, T); on real tokens, negative or not finite.

    weights: (N, T).
    real: bool (N, T), where the real tokens are.
    """
    came = f"token weights have shape {weights.shape}"
    if weights.shape == real.shape[:1]:
        raise WeightsError(f"{came}, one a sentence; give them as sentence_weights=")
    if weights.shape != real.shape:
        raise WeightsError(
            f"{came}, labels have {real.shape[0]} sentences of {real.shape[1]} tokens; give one "
            "weight per token, of the same split"
        )
    check_each_weight(weights, real, "token_weights")


def check_each_weight(weights: AnyArray, real: BoolArray, name: str) -> None:
    """Refuse a weight of a real token that is negative or not finite.

    weights: (N, T).
    real: bool (N, T).
    """
    wrong = real & ~(np.isfinite(weights) & (weights >= 0))
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise WeightsError(
            f"{name}[{row}, {column}] is {weights[row, column]}; expected 0 or more, and finite"
        )
