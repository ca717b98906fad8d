"""Wrong labels and masks: the wording of each error."""

import numpy as np
import pytest

from seqlab.errors import WeightsError
from seqlab.weighting.temporal import temporal_weights

IDS = np.array([[0, 2, 1], [3, 0, 0]])
MASK = np.array([[True, True, True], [True, True, False]])
LABELS = np.eye(4, dtype=np.float32)[IDS] * MASK[..., np.newaxis]
WEIGHTS = np.ones(4)


def changed(row, column, values):
    labels = LABELS.copy()
    labels[row, column] = values
    return labels


ONE_HOT = "give one 1 per token and only zeros on padding"
FORMS = "give one-hot (N, T, C), or integer class ids (N, T) with a mask"
REFUSALS = [
    (changed(1, 2, [1, 0, 1, 0]), None, f"labels[1, 2] holds 2 ones; {ONE_HOT}"),
    (changed(0, 1, 0.25), None, f"labels[0, 1] holds values other than 0 and 1; {ONE_HOT}"),
    (
        changed(0, 1, [1, 0.5, -0.5, 0]),
        None,
        f"labels[0, 1] holds values other than 0 and 1; {ONE_HOT}",
    ),
    (
        changed(0, 1, np.nan),
        None,
        f"labels[0, 1] holds values other than 0 and 1; {ONE_HOT}",
    ),
    (
        LABELS,
        np.ones((2, 3), bool),
        "labels[1, 2] is padding (an all-zero row), but the mask marks it as a token",
    ),
    (
        IDS,
        None,
        "labels of shape (2, 3) are class ids, which do not mark padding; "
        "give mask: bool (N, T), True on real tokens",
    ),
    (
        IDS,
        MASK[:, :2],
        "mask has shape (2, 2) and dtype bool; give bool (2, 3), True on real tokens",
    ),
    (
        LABELS,
        MASK.astype(np.float32),
        "mask has shape (2, 3) and dtype float32; give bool (2, 3), True on real tokens",
    ),
    (IDS, ["x"], "mask: got list; give an array of numbers"),
    (
        changed(0, 1, [0, 0, -1, 0]),
        None,
        f"labels[0, 1] holds values other than 0 and 1; {ONE_HOT}",
    ),
    (IDS.astype(float), MASK, f"labels have shape (2, 3) and dtype float64; {FORMS}"),
    (IDS[0], MASK[0], f"labels have shape (3,) and dtype int64; {FORMS}"),
    (np.zeros((2, 3, 0)), None, f"labels have shape (2, 3, 0) and dtype float64; {FORMS}"),
    ([[0, 1], [0]], None, "labels: rows have different lengths; pad them first"),
    (["B-PER"], None, "labels: got list; give an array of numbers"),
    (
        np.array([[0, 2, 4], [3, 0, 0]]),
        MASK,
        "labels hold class id 4, but class weights have shape (4,); "
        "give one weight per class and a mask that excludes padding",
    ),
    (
        np.array([[0, 2, 7], [3, 0, 0]]),
        MASK,
        "labels hold class id 7, but class weights have shape (4,); "
        "give one weight per class and a mask that excludes padding",
    ),
    (
        np.array([[0, -1, 2], [3, 0, 0]]),
        MASK,
        "labels hold class id -1, but class weights have shape (4,); "
        "give one weight per class and a mask that excludes padding",
    ),
]


@pytest.mark.parametrize(("labels", "mask", "message"), REFUSALS)
def test_wrong_labels_by_the_exact_error(labels, mask, message):
    with pytest.raises(WeightsError) as caught:
        temporal_weights(labels, WEIGHTS, mask=mask)
    assert str(caught.value) == message


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int32, np.uint64])
def test_ids_of_any_integer_type_are_read(dtype):
    weights = temporal_weights(IDS.astype(dtype), [1, 2, 4, 8], mask=MASK, normalise=False)
    assert weights.tolist() == [[1, 4, 2], [8, 1, 0]]
    with pytest.raises(WeightsError, match="class 3 occurs"):
        temporal_weights(IDS.astype(dtype), [1, 2, 4, 0], mask=MASK)
