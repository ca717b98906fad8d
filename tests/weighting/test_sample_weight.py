"""The check before `fit`: correct weights pass, and each mistake has its exact error."""

import numpy as np
import pytest

from seqlab.errors import WeightsError
from seqlab.weighting.sample_weight import check_sample_weight
from seqlab.weighting.temporal import temporal_weights

IDS = np.array([[0, 2, 1], [3, 0, 0]])
MASK = np.array([[True, True, True], [True, True, False]])
LABELS = np.eye(4, dtype=np.float32)[IDS] * MASK[..., np.newaxis]
NEEDED = "fit needs one weight per token, shape (2, 3)"
CALL = "call temporal_weights(labels, class_weights) with these labels"


def refusal(weights, labels=LABELS):
    with pytest.raises(WeightsError) as caught:
        check_sample_weight(weights, labels)
    return str(caught.value)


def test_temporal_weights_pass():
    weights = temporal_weights(LABELS, [1, 2, 3, 4])
    assert check_sample_weight(weights, LABELS) is None
    assert check_sample_weight(weights, IDS) is None


@pytest.mark.parametrize(
    ("shape", "meaning"),
    [
        ((4,), ", one weight per class"),
        ((9,), ""),
        ((2, 3, 4), ", one weight per token and class"),
        ((7, 3), ", which fits a split of 7 sentences"),
        ((2, 9), ", which fits sentences of 9 tokens"),
        ((7, 9), ""),
    ],
)
def test_a_wrong_shape_is_explained(shape, meaning):
    message = f"sample_weight has shape {shape}{meaning}; {NEEDED}; {CALL}"
    assert refusal(np.ones(shape)) == message


def test_sentence_weights_get_advice():
    assert refusal(np.ones(2)) == (
        f"sample_weight has shape (2,), one weight per sentence; {NEEDED}; "
        "call temporal_weights(labels, class_weights, sentence_weights=...) with these labels"
    )


def test_class_ids_need_a_mask():
    assert refusal(np.ones(4), IDS) == (
        f"sample_weight has shape (4,); {NEEDED}; "
        "call temporal_weights(labels, class_weights, mask=...) with these labels"
    )


@pytest.mark.parametrize("value", [np.nan, -1.0])
def test_illegal_values(value):
    weights = np.ones((2, 3))
    weights[1, 0] = value
    assert (
        refusal(weights) == f"sample_weight[1, 0] is {value}; expected a finite number, 0 or more"
    )


def test_weight_on_padding():
    assert refusal(np.ones((2, 3))) == (
        "sample_weight[1, 2] is 1.0 on padding (an all-zero label); "
        "call temporal_weights(labels, class_weights) with these labels"
    )


def test_wrong_types():
    assert refusal({0: 1.0}) == "sample_weight: got dict; give an array of numbers"
    assert refusal(np.ones(2), "B-PER") == "labels: got str; give an array of numbers"
    assert refusal(np.ones(2), np.ones(2)) == (
        "labels have shape (2,); give one-hot (N, T, C) or class ids (N, T)"
    )
