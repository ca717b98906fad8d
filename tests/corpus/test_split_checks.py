"""The exact wording of notes about splits that do not fit together."""

import numpy as np
import pytest

from seqlab.corpus.schemes import Scheme
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.split_checks import measured_tags, overlong, repeated, scarce, unknown_tags


def sentence(text: str, tags: str, source: str) -> Sentence:
    return Sentence(tokens=tuple(text.split()), tags=tuple(tags.split()), source=source)


TRAIN = (sentence("a b", "B-x O", "t:1"), sentence("c", "O", "t:4"), sentence("a b", "O O", "t:6"))
TRAIN_COUNTS = {"B-x": 1, "O": 4}


def test_tags_that_training_lacks():
    counts = {"train": TRAIN_COUNTS, "valid": {"B-y": 2, "O": 1}, "test": {"S-LOCATION": 1}}
    assert list(unknown_tags(counts)) == [
        "valid: tag 'B-y' (2 tokens) is not one of the 2 training tags; nearest: 'B-x'; "
        "it will be scored as missed",
        "test: tag 'S-LOCATION' (1 token) is not one of the 2 training tags; "
        "it will be scored as missed",
    ]


def test_ten_tags_are_named_and_the_others_counted():
    many = {f"B-z{n}": 1 for n in range(11)} | {"B-z11": 2}
    notes = list(unknown_tags({"train": TRAIN_COUNTS, "valid": many}))
    assert len(notes) == 11
    assert notes[10] == "valid: 2 more such tags (2 tokens)"
    ten = dict.fromkeys([f"B-z{n}" for n in range(10)], 1)
    assert len(list(unknown_tags({"train": TRAIN_COUNTS, "valid": ten}))) == 10


def test_tags_that_measure_are_told():
    for tags in ("0.5 2", "1 0.25", ".5 1", "-1.5 0"):
        assert list(measured_tags(tags.split())) == [
            f"train: all tags are numbers, such as {tags.split()[0]!r}; if the tags are in another column, "
            "give --tag-column, and --token-weight-column for weights"
        ]
    for tags in ("0 2", "1 6", "O 0.5", "B-x O", "1.2.3 2"):
        assert not list(measured_tags(tags.split()))
    assert not list(measured_tags([]))


def test_repeated_sentences_are_counted_and_named():
    splits = {"train": TRAIN, "valid": (sentence("c", "O", "v:1"), sentence("c", "O", "v:3"))}
    assert list(repeated(splits)) == ["valid: 2 sentences are also in train: 'c' (v:1 = t:4)"]
    splits["test"] = (sentence("a b", "O O", "s:1"),)
    assert list(repeated(splits))[1:] == ["test: 1 sentence is also in train: 'a b' (s:1 = t:1)"]


def test_three_are_named():
    many = tuple(sentence(f"w{n}", "O", f"t:{n}") for n in range(9))
    (note,) = repeated({"train": many, "valid": many})
    assert note == (
        "valid: 9 sentences are also in train: 'w0' (t:0 = t:0), 'w1' (t:1 = t:1), 'w2' (t:2 = t:2)"
    )


def test_classes_that_validation_holds_few_of():
    valid = [Sentence(tokens=("a",) * 4, tags=("B-PER", "I-PER", "B-PER", "O"))] * 5
    valid += [Sentence(tokens=("a", "b"), tags=("B-LOC", "I-LOC"))] * 9
    (note,) = scarce(valid, ("PER", "LOC", "LAW"), Scheme.IOB2)  # 10, 9 and 0 spans
    assert note == (
        "valid: fewer than 10 spans of 'LAW' (0), 'LOC' (9): one more or less changes the F1 of such a "
        "class a lot, and so macro and min F1"
    )
    assert not list(scarce(valid, ("PER",), Scheme.IOB2))
    (plain,) = scarce(valid, ("B-LOC", "B-PER"), Scheme.PLAIN)
    assert plain.startswith("valid: fewer than 10 tokens of 'B-LOC' (9): ")
    (many,) = scarce([], ("A", "B", "C", "D", "E"), Scheme.IOB2)
    assert "of 'A' (0), 'B' (0), 'C' (0) and 2 more: " in many


@pytest.mark.parametrize(
    ("lengths", "note"),
    [
        ([3, 3], None),
        ([4] + [3] * 50, None),  # less than 2 %
        ([4] + [3] * 49, "1 sentence (2.0%) is longer than 3 tokens"),
        ([4, 9, 1], "2 sentences (66.7%) are longer than 3 tokens"),
        ([], None),
    ],
)
def test_sentences_longer_than_a_window(lengths, note):
    expected = [f"train: {note}: are sentence breaks missing?"] if note else []
    assert list(overlong(np.array(lengths, np.int64), 3)) == expected


def test_validation_and_test_are_compared_too_and_long_sentences_are_cut():
    words = " ".join(["word"] * 12)
    splits = {
        "valid": (sentence(words, "O " * 12, "v:1"),),
        "other": TRAIN,
        "test": (sentence(words, "O " * 12, "s:1"), sentence(words, "O " * 12, "s:9")),
        "train": TRAIN,
    }
    assert list(repeated(splits)) == [
        "test: 2 sentences are also in valid: 'word word word word word word word word…' (s:1 = v:1)"
    ]
