"""Weights that do not fit the labels: the exact error, with what to give instead."""

import numpy as np
import pytest

from seqlab.errors import WeightsError
from seqlab.weighting.temporal import temporal_weights

IDS = np.array([[0, 2, 1], [3, 0, 0]])
MASK = np.array([[True, True, True], [True, True, False]])
LABELS = np.eye(4, dtype=np.float32)[IDS] * MASK[..., np.newaxis]


def refusal(*arguments, **options):
    with pytest.raises(WeightsError) as caught:
        temporal_weights(*arguments, **options)
    return str(caught.value)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (
            np.ones(7),
            "class weights have shape (7,), but labels have 4 classes; give one weight per class",
        ),
        (
            np.ones(2),
            "class weights have shape (2,), one per sentence; labels have 4 classes; "
            "give one weight per class, and give these as sentence_weights=",
        ),
        (
            np.ones((2, 3, 4)),
            "class weights have shape (2, 3, 4), one per token and class; "
            "give one weight per class, shape (C,)",
        ),
        (
            np.ones((2, 3)),
            "class weights have shape (2, 3), one per token; "
            "give one weight per class, shape (C,), and give these as token_weights=",
        ),
        (np.ones((4, 1)), "class weights have shape (4, 1); give one weight per class, shape (C,)"),
        (3.0, "class weights have shape (); give one weight per class, shape (C,)"),
        (
            {"O": 1.0},
            "class weights are a mapping; give them in the order of the classes, [weights[tag] for tag in tags]",
        ),
        (
            [1, 1, 0, 1],
            "class 2 occurs in the labels, but its weight is 0; give a weight above 0 "
            "(to leave tokens out, give them a token weight of 0)",
        ),
        (
            [1, 1, np.inf, 1],
            "class 2 occurs in the labels, but its weight is inf; give a weight above 0 "
            "(to leave tokens out, give them a token weight of 0)",
        ),
        (
            [1, 1, np.nan, 1],
            "class 2 occurs in the labels, but its weight is nan; give a weight above 0 "
            "(to leave tokens out, give them a token weight of 0)",
        ),
    ],
)
def test_class_weights(weights, message):
    assert refusal(LABELS, weights) == message


def test_weights_that_are_no_numbers():
    wrong = "got list; give an array of numbers"
    assert refusal(LABELS, ["x"]) == f"class weights: {wrong}"
    assert refusal(LABELS, np.ones(4), sentence_weights=["x"]) == f"sentence weights: {wrong}"
    assert refusal(LABELS, np.ones(4), token_weights=["x"]) == f"token weights: {wrong}"


def test_class_weights_of_integer_labels():
    assert refusal(IDS, np.ones((2, 3, 4)), mask=MASK) == (
        "class weights have shape (2, 3, 4), one per token and class; "
        "give one weight per class, shape (C,)"
    )


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (
            np.ones((2, 3)),
            "sentence weights have shape (2, 3), one per token; give them as token_weights=",
        ),
        (
            np.ones(4),
            "sentence weights have shape (4,), one per class; give them as class_weights",
        ),
        (
            np.ones(5),
            "sentence weights have shape (5,), but labels have 2 rows; give one weight per row of the same "
            "split (`padded.sentence_weights` when long sentences became several rows)",
        ),
        ([1, np.nan], "sentence_weights[1] is nan; expected a finite number, 0 or more"),
        ([-2.0, 1], "sentence_weights[0] is -2.0; expected a finite number, 0 or more"),
    ],
)
def test_sentence_weights(weights, message):
    assert refusal(LABELS, np.ones(4), sentence_weights=weights) == message


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (
            np.ones(2),
            "token weights have shape (2,), one per sentence; give them as sentence_weights=",
        ),
        (
            np.ones((5, 3)),
            "token weights have shape (5, 3), but labels have 2 sentences of 3 tokens; "
            "give one weight per token of the same split",
        ),
        ([[1, 1, 1], [-1, 1, 1]], "token_weights[1, 0] is -1; expected a finite number, 0 or more"),
        (
            [[1, 1, np.inf], [1, 1, 1]],
            "token_weights[0, 2] is inf; expected a finite number, 0 or more",
        ),
    ],
)
def test_token_weights(weights, message):
    assert refusal(LABELS, np.ones(4), token_weights=weights) == message


@pytest.mark.parametrize("sentence", [3e38, 1e300])
def test_a_product_that_float32_cannot_hold_is_refused(sentence):
    fact = "the weights of token [1, 0] multiply to more than 3.4e+38; give smaller weights"
    assert refusal(LABELS, np.full(4, 2.0), sentence_weights=[1, sentence]) == fact
