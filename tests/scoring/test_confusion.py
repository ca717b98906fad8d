"""The confusion matrix against scikit-learn and by hand."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix

from seqlab.corpus.schemes import Scheme
from seqlab.scoring.confusion import ConfusionMatrix, confusion

tags = st.sampled_from(["O", "B-PER", "I-PER", "B-LOC", "I-LOC", "B-ORG"])
tokens = st.lists(st.tuples(tags, tags), min_size=1)


def entity_type(tag):
    return tag if tag == "O" else tag[2:]


def counts_by_sklearn(gold, predicted, names):
    """Counts with one more class, because scikit-learn warns about a matrix of a single class."""
    return confusion_matrix(gold, predicted, labels=[*names, "none"])[:-1, :-1].tolist()


@given(tokens)
def test_plain_tags_equal_sklearn(pairs):
    gold, predicted = map(list, zip(*pairs, strict=True))
    matrix = confusion([gold], [predicted], Scheme.PLAIN)
    assert matrix.counts.tolist() == counts_by_sklearn(gold, predicted, matrix.names)


@given(tokens)
def test_span_tags_are_counted_by_type(pairs):
    gold, predicted = map(list, zip(*pairs, strict=True))
    matrix = confusion([gold], [predicted], Scheme.IOB2)
    types = [[entity_type(tag) for tag in side] for side in (gold, predicted)]
    assert set(matrix.names) == {*types[0], *types[1]}
    assert matrix.counts.tolist() == counts_by_sklearn(*types, matrix.names)
    rows = matrix.counts.sum(axis=1).tolist()
    assert rows == sorted(rows, reverse=True)


def test_the_most_frequent_mistakes_come_first():
    gold = [["A", "A", "A", "B", "B", "C"], ["A"]]
    predicted = [["B", "B", "A", "A", "C", "C"], ["A"]]
    matrix = confusion(gold, predicted, Scheme.PLAIN)
    assert matrix.most_confused(2) == (("A", "B", 2), ("B", "A", 1))
    assert matrix.most_confused(9) == (("A", "B", 2), ("B", "A", 1), ("B", "C", 1))
    assert matrix.most_confused(1)[0].tokens == 2


def test_json_holds_rows_of_numbers():
    matrix = confusion([["A", "B"]], [["A", "A"]], Scheme.PLAIN)
    expected = {"names": ["A", "B"], "counts": [[1, 0], [1, 0]]}
    assert json.loads(json.dumps(matrix.to_json())) == expected


def test_an_empty_corpus_has_no_classes():
    matrix = confusion([], [], Scheme.IOB2)
    assert matrix.names == ()
    assert matrix.counts.shape == (0, 0)
    assert matrix.most_confused(3) == ()


@pytest.mark.bits("copied")
def test_json_round_trip():
    matrix = confusion([["A", "B", "B"]], [["A", "A", "C"]], Scheme.PLAIN)
    again = ConfusionMatrix.from_json(json.loads(json.dumps(matrix.to_json())))
    assert again.names == matrix.names
    assert again.counts.dtype == np.int64
    np.testing.assert_array_equal(again.counts, matrix.counts)


def test_equally_frequent_mistakes_are_sorted_by_name():
    gold, predicted = [["B", "C", "A", "A", "B"]], [["A", "A", "C", "B", "A"]]
    matrix = confusion(gold, predicted, "plain")
    assert matrix.names == ("A", "B", "C")
    assert matrix.most_confused(4) == (("B", "A", 2), ("A", "B", 1), ("A", "C", 1), ("C", "A", 1))


def test_json_round_trip_of_no_classes():
    again = ConfusionMatrix.from_json(confusion([], [], Scheme.IOB2).to_json())
    assert (again.names, again.counts.shape, again.counts.dtype) == ((), (0, 0), np.int64)
