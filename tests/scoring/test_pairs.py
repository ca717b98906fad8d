"""Tag pairs: ids, sentence starts, accuracy and errors."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.errors import UserError
from seqlab.scoring.pairs import pair_tags

EXPECTED = "give a list of sentences, each a list of tags"

sentences = st.lists(st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from("ABC"))))


@given(sentences)
def test_the_arrays_hold_the_tags_in_order(pairs):
    gold = [[a for a, _ in sentence] for sentence in pairs]
    predicted = [[b for _, b in sentence] for sentence in pairs]
    paired = pair_tags(gold, predicted)
    assert [paired.names[i] for i in paired.gold] == [tag for s in gold for tag in s]
    assert [paired.names[i] for i in paired.predicted] == [tag for s in predicted for tag in s]
    firsts = [position == 0 for sentence in gold for position in range(len(sentence))]
    assert paired.first.tolist() == firsts
    assert paired.gold.dtype == paired.predicted.dtype == np.int32


def test_accuracy_is_undefined_without_tokens():
    assert pair_tags([["A", "B"], ["C"]], [["A", "A"], ["C"]]).accuracy() == 2 / 3
    assert pair_tags([[]], [[]]).accuracy() is None


@pytest.mark.parametrize(
    ("gold", "predicted", "message"),
    [
        ([["O"]], [], "1 gold sentences, 0 predicted; give one of each per sentence"),
        (
            [["O"], ["O", "O"]],
            [["O"], ["O"]],
            "sentence 2 of 2: 2 gold tags, 1 predicted; give one of each per token",
        ),
        (
            ["B-PER", "O"],
            ["B-PER", "O"],
            f"gold sentence 1 is the tag 'B-PER', not a list of tags; {EXPECTED}",
        ),
        (
            [["O"], 3],
            [["O"], ["O"]],
            f"gold sentence 2 is int 3, not a list of tags; {EXPECTED}",
        ),
        (
            [["O"]],
            ["B" * 90],
            f"predicted sentence 1 is the tag '{'B' * 78}…, not a list of tags; {EXPECTED}",
        ),
        (
            [["O"]],
            [None],
            f"predicted sentence 1 is NoneType None, not a list of tags; {EXPECTED}",
        ),
        (
            [["O"], b"O"],
            [["O"], ["O"]],
            f"gold sentence 2 is bytes b'O', not a list of tags; {EXPECTED}",
        ),
        (
            [["O"], {"O"}],
            [["O"], ["O"]],
            f"gold sentence 2 is set {{'O'}}, not a list of tags; {EXPECTED}",
        ),
        (
            [["O"]],
            [iter(["O"])],
            f"predicted sentence 1 is list_iterator <…>, not a list of tags; {EXPECTED}",
        ),
        (None, [["O"]], f"gold is NoneType; {EXPECTED}"),
        ("BIO", [["O"]], f"gold is str; {EXPECTED}"),
        (b"", b"", f"gold is bytes; {EXPECTED}"),
        (np.array(0), [], f"gold is ndarray; {EXPECTED}"),
        ([["O"]], {"O": 1}, f"predicted is dict; {EXPECTED}"),
        (iter([["O"]]), [["O"]], f"gold is list_iterator; {EXPECTED}"),
        (
            [["O"]],
            [[7]],
            f"predicted sentence 1 holds int 7, which is not a tag; {EXPECTED}, as strings",
        ),
        (
            [["O"], ["O", None]],
            [["O"], ["O", "O"]],
            f"gold sentence 2 holds NoneType None, which is not a tag; {EXPECTED}, as strings",
        ),
        (
            [["O"], [["x"]]],
            [["O"], ["x"]],
            f"gold sentence 2 holds list ['x'], which is not a tag; {EXPECTED}, as strings",
        ),
    ],
)
def test_errors_name_what_differs(gold, predicted, message):
    with pytest.raises(UserError) as caught:
        pair_tags(gold, predicted)
    assert re.sub(r"<.*?>", "<…>", str(caught.value)) == message


def test_arrays_of_tags_are_read_as_lists_are():
    gold, predicted = [["O", "B-PER"], ["O", "O"]], [["O", "O"], ["O", "O"]]
    assert pair_tags(np.array(gold), np.array(predicted, object)).names == ("O", "B-PER")
