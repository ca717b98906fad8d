"""Tag probabilities from JSON: what is read, and the exact words of each refusal."""

import numpy as np
import pytest

from seqlab.encoding.soft_labels import read_probabilities, soft_batch

COLUMNS = {"O": 0, "B-PER": 1, "I-PER": 2}
TOKENS = ("Ada", "ran")


def test_rounded_probabilities_are_scaled_to_a_sum_of_1():
    rows = read_probabilities([{"O": 0.33, "B-PER": 0.66}, {"O": 1}], TOKENS, COLUMNS)
    np.testing.assert_allclose(rows, [[1 / 3, 2 / 3, 0], [1, 0, 0]], rtol=1e-6)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([{"O": 1}], "tag_probabilities has 1 entries; expected one object per token, 2"),
        ({"O": 1}, "tag_probabilities has no list; expected one object per token, 2"),
        (
            [{"O": 1}, 1],
            "tag_probabilities of token 2 ('ran'): expected an object of probabilities by tag",
        ),
        (
            [{"B-PERS": 1}, {}],
            "tag_probabilities of token 1 ('Ada'): tag 'B-PERS' is not among the 3 training tags; nearest: 'B-PER'",
        ),
        (
            [{"O": 1.5}, {}],
            "tag_probabilities of token 1 ('Ada'): 'O' has 1.5; expected a number from 0 to 1",
        ),
        (
            [{"O": True}, {}],
            "tag_probabilities of token 1 ('Ada'): 'O' has True; expected a number from 0 to 1",
        ),
        (
            [{"O": 0.5}, {"O": 1}],
            "tag_probabilities of token 1 ('Ada'): they sum to 0.5; expected 1",
        ),
    ],
)
def test_refusals(value, message):
    with pytest.raises(ValueError, match="tag_probabilities") as caught:
        read_probabilities(value, TOKENS, COLUMNS)
    assert str(caught.value) == message


def test_padding_has_no_soft_labels():
    labels = np.array([[0.25, 0.75], [0.5, 0.5]], np.float16)
    positions, mask = np.array([[0, 1], [1, 0]]), np.array([[True, True], [True, False]])
    found = soft_batch(labels, positions, mask)
    assert found.dtype == np.float32
    assert found.tolist() == [[[0.25, 0.75], [0.5, 0.5]], [[0.5, 0.5], [0, 0]]]
