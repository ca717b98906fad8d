"""A path is legal by its transitions exactly if `repair` would not change it."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.corpus.schemes import Scheme, repair
from seqlab.deciding.transitions import legal_transitions
from tests.strategies import LETTERS, TYPES, span_schemes, span_tags


def keeps_the_rules(tags, known, scheme):
    legal = legal_transitions(known, scheme)
    ids = [known.index(tag) for tag in tags]
    pairs = all(legal.pairs[a, b] for a, b in itertools.pairwise(ids))
    return bool(pairs and legal.start[ids[0]] and legal.end[ids[-1]])


@given(scheme=span_schemes, data=st.data())
def test_a_path_is_legal_if_nothing_needs_repair(scheme, data):
    tags = data.draw(span_tags(scheme, min_size=1, max_size=5))
    known = ["O", *(f"{letter}-{kind}" for letter in LETTERS[scheme] for kind in TYPES)]
    assert keeps_the_rules(tags, known, scheme) == (repair(tags, scheme)[1] == 0)
    assert keeps_the_rules(repair(tags, scheme)[0], known, scheme)


@pytest.mark.parametrize("scheme", list(LETTERS))
def test_every_short_path_of_two_types(scheme):
    known = ["O", *(f"{letter}-{kind}" for letter in LETTERS[scheme] for kind in ("X", "Y"))]
    for length in (1, 2, 3):
        for tags in itertools.product(known, repeat=length):
            assert keeps_the_rules(tags, known, scheme) == (repair(tags, scheme)[1] == 0)


def test_plain_tags_have_no_rules():
    assert legal_transitions(("NOUN", "I-X"), Scheme.PLAIN) is None


@pytest.mark.bits("copied")
def test_arrays_follow_the_order_of_the_tags():
    legal = legal_transitions(("I-X", "O", "B-X"), Scheme.IOB2)
    assert legal.start.tolist() == [False, True, True]
    assert legal.end.tolist() == [True, True, True]
    np.testing.assert_array_equal(legal.pairs[:, 0], [True, False, True])
