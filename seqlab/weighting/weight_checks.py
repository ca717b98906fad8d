"""Check that weights fit the labels, and say what to give instead.

For such mistakes Keras reports an error about data cardinality that does not mention weights, or silently
uses wrong weights.
"""

import numpy as np

from seqlab.arrays import AnyArray, AnyIntArray, BoolArray
from seqlab.errors import WeightsError


def check_per_class(weights: AnyArray, labels: tuple[int, ...]) -> None:
    """Raise WeightsError unless class weights hold one number per class.

    weights: (C,).
    labels: the labels' shape, (N, T, C); or (N, T) of class ids, where C is unknown.
    """
    sentences, classes = labels[0], labels[2:]
    if weights.ndim == 1 and (not classes or weights.shape == classes):
        return
    fact = f"class weights have shape {weights.shape}"
    if weights.ndim == 1 and len(weights) == sentences:
        advice = "give one weight per class, and give these as sentence_weights="
        raise WeightsError(f"{fact}, one per sentence; labels have {classes[0]} classes; {advice}")
    if weights.shape[:2] == labels[:2]:
        meaning = "one per token" if weights.ndim == 2 else "one per token and class"
        advice = ", and give these as token_weights=" if weights.ndim == 2 else ""
        raise WeightsError(f"{fact}, {meaning}; give one weight per class, shape (C,){advice}")
    if not classes or weights.ndim != 1:
        raise WeightsError(f"{fact}; give one weight per class, shape (C,)")
    raise WeightsError(f"{fact}, but labels have {classes[0]} classes; give one weight per class")


def check_used_classes(weights: AnyArray, used: AnyIntArray) -> None:
    """Raise WeightsError when a class that occurs has no weight, or a weight that is not above 0 and finite.

    weights: (C,).
    used: int (M,), class ids of the real tokens.
    """
    if used.size == 0:
        return
    lowest, highest = int(used.min()), int(used.max())
    if lowest < 0 or highest >= len(weights):
        wrong = lowest if lowest < 0 else highest
        fact = f"labels hold class id {wrong}, but class weights have shape {weights.shape}"
        raise WeightsError(f"{fact}; give one weight per class and a mask that excludes padding")
    usable = np.isfinite(weights) & (weights > 0)
    if not usable.all():
        occurs = np.zeros(len(weights), dtype=np.bool_)
        occurs[used] = True
        if (occurs & ~usable).any():
            index = np.flatnonzero(occurs & ~usable)[0]
            fact = f"class {index} occurs in the labels, but its weight is {weights[index]}"
            advice = "give a weight above 0 (to leave tokens out, give them a token weight of 0)"
            raise WeightsError(f"{fact}; {advice}")


def check_per_sentence(weights: AnyArray, tokens: tuple[int, ...], *, classes: int) -> None:
    """Raise WeightsError when sentence weights are not of shape (N,), or are negative or not finite.

    weights: (N,).
    tokens: the shape (N, T) of the tokens.
    """
    fact = f"sentence weights have shape {weights.shape}"
    if weights.shape == tokens:
        raise WeightsError(f"{fact}, one per token; give them as token_weights=")
    if weights.shape == (classes,) and classes != tokens[0]:
        raise WeightsError(f"{fact}, one per class; give them as class_weights")
    if weights.shape != tokens[:1]:
        advice = "give one weight per row of the same split"
        source = "`padded.sentence_weights` when long sentences became several rows"
        raise WeightsError(f"{fact}, but labels have {tokens[0]} rows; {advice} ({source})")
    check_each_weight(weights, "sentence_weights")


def check_per_token(weights: AnyArray, real: BoolArray) -> None:
    """Raise WeightsError when token weights are not of shape (N, T), or a real token's is negative or not finite.

    weights: (N, T).
    real: bool (N, T), True on real tokens.
    """
    fact = f"token weights have shape {weights.shape}"
    if weights.shape == real.shape[:1]:
        raise WeightsError(f"{fact}, one per sentence; give them as sentence_weights=")
    if weights.shape != real.shape:
        labels = f"labels have {real.shape[0]} sentences of {real.shape[1]} tokens"
        raise WeightsError(f"{fact}, but {labels}; give one weight per token of the same split")
    check_each_weight(weights, "token_weights", real)


def check_each_weight(weights: AnyArray, name: str, real: BoolArray | bool = True) -> None:
    """Raise WeightsError when a weight is negative or not finite.

    name: the name of the weights in the error.
    real: bool, in the shape of the weights; False on weights that are not checked.
    """
    wrong = real & ~(np.isfinite(weights) & (weights >= 0))
    if wrong.any():
        index = np.argwhere(wrong)[0].tolist()
        fact = f"{name}{index} is {weights[tuple(index)]}"  # a list reads as an index: [3, 0]
        raise WeightsError(f"{fact}; expected a finite number, 0 or more")


def check_product(weights: AnyArray) -> None:
    """Raise WeightsError when the product of the weights of a token is too large for their type.

    weights: float32 (N, T).
    """
    wrong = ~np.isfinite(weights)
    if wrong.any():
        index = np.argwhere(wrong)[0].tolist()
        fact = (
            f"the weights of token {index} multiply to more than {np.finfo(weights.dtype).max:.2g}"
        )
        raise WeightsError(f"{fact}; give smaller weights")
