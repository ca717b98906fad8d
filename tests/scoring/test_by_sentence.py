import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.corpus.schemes import Scheme
from seqlab.errors import UserError
from seqlab.scoring.by_sentence import sentence_counts
from seqlab.scoring.score import score

TAGS = st.sampled_from(["O", "B-PER", "I-PER", "E-PER", "S-LOC", "B-LOC", "I-LOC", "LAW", ""])
PAIRS = st.lists(st.lists(st.tuples(TAGS, TAGS), max_size=6), max_size=7)


def sides(pairs):
    return [[g for g, _ in row] for row in pairs], [[p for _, p in row] for row in pairs]


def as_scored(figures):
    return {n: (f.correct, f.predicted, f.support) for n, f in figures.classes.items()}


@given(PAIRS, st.sampled_from(Scheme))
def test_sentences_add_up_to_the_figures_of_the_split(pairs, scheme):
    gold, predicted = sides(pairs)
    result = sentence_counts(gold, predicted, scheme)
    assert result.counts.shape == (len(gold), len(result.names), 3)
    totals = dict(zip(result.names, map(tuple, result.counts.sum(axis=0).tolist()), strict=True))
    assert totals == as_scored(score(gold, predicted, scheme))


@given(PAIRS, st.sampled_from(Scheme))
def test_each_sentence_is_counted_separately(pairs, scheme):
    gold, predicted = sides(pairs)
    result = sentence_counts(gold, predicted, scheme)
    for row, ours, theirs in zip(result.counts, gold, predicted, strict=True):
        alone = as_scored(score([ours], [theirs], scheme, strict=False))
        counted = dict(zip(result.names, map(tuple, row.tolist()), strict=True))
        assert {name: sums for name, sums in counted.items() if any(sums)} == alone


@pytest.mark.bits("copied")
def test_counts_are_aligned_with_other_names():
    result = sentence_counts([["B-B", "B-A"]], [["B-B", "O"]], Scheme.IOB2)
    assert result.names == ("A", "B")
    wanted = result.aligned(("A", "AB", "B"))
    np.testing.assert_array_equal(wanted, [[[0, 0, 1], [0, 0, 0], [1, 1, 1]]])


def test_lengths_that_differ_are_refused():
    with pytest.raises(UserError, match="sentence 1 of 1: 1 gold tags, 2 predicted"):
        sentence_counts([["O"]], [["O", "O"]], Scheme.IOB2)


def test_plain_tokens_of_a_scheme_by_name():
    result = sentence_counts([["X", "Y"], [], ["X"]], [["X", "X"], [], ["Y"]], "plain")
    assert result.names == ("X", "Y")
    assert result.counts.tolist() == [
        [[1, 2, 1], [0, 0, 1]],
        [[0, 0, 0], [0, 0, 0]],
        [[0, 0, 1], [0, 1, 0]],
    ]
