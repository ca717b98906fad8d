"""The best path against brute force over all paths."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.corpus.schemes import Scheme, repair
from seqlab.deciding.transitions import LegalTransitions, legal_transitions
from seqlab.deciding.viterbi import decode, viterbi
from tests.strategies import LETTERS, span_schemes


@given(
    seed=st.integers(0, 10**6),
    lengths=st.lists(st.integers(1, 6), min_size=1, max_size=4),
    classes=st.integers(2, 5),
    density=st.floats(0.2, 1),
)
def test_viterbi_equals_brute_force_under_any_rules(seed, lengths, classes, density):
    random, sizes = np.random.default_rng(seed), np.array(lengths)
    scores = random.normal(0, 3, (len(lengths), max(lengths), classes))
    legal = LegalTransitions(
        start=random.random(classes) < density,
        pairs=random.random((classes, classes)) < density,
        end=random.random(classes) < density,
    )
    paths, totals = viterbi(scores, sizes, legal)
    for n, length in enumerate(lengths):
        best, found = -np.inf, ()
        for path in itertools.product(range(classes), repeat=length):
            pairs = all(legal.pairs[a, b] for a, b in itertools.pairwise(path))
            total = sum(scores[n, t, y] for t, y in enumerate(path))
            if pairs and legal.start[path[0]] and legal.end[path[-1]] and total > best:
                best, found = total, path
        assert totals[n] == pytest.approx(best)
        if found:
            assert tuple(paths[n, :length]) == found


@given(
    scheme=span_schemes,
    seed=st.integers(0, 10**6),
    lengths=st.lists(st.integers(1, 5), min_size=1, max_size=4),
)
def test_what_is_said_is_legal_and_the_best_that_is(scheme, seed, lengths):
    tags = ["O", *(f"{letter}-X" for letter in LETTERS[scheme])]
    random, sizes = np.random.default_rng(seed), np.array(lengths)
    scores = random.normal(0, 3, (len(lengths), max(lengths) + 1, len(tags))).astype(np.float32)
    found = decode(scores, sizes, legal_transitions(tags, scheme))
    for n, length in enumerate(lengths):
        said = [tags[y] for y in found[n, :length]]
        assert repair(said, scheme)[1] == 0

        def total(path, n=n):
            return sum(scores[n, t, y] for t, y in enumerate(path))

        every = itertools.product(range(len(tags)), repeat=length)
        legal = [path for path in every if repair([tags[y] for y in path], scheme)[1] == 0]
        assert total(found[n, :length]) == pytest.approx(max(map(total, legal)), abs=1e-4)


@pytest.mark.bits("copied")
@given(scheme=span_schemes, seed=st.integers(0, 10**6))
def test_a_sentence_is_tagged_alone_as_in_company(scheme, seed):
    tags = ["O", *(f"{letter}-{kind}" for letter in LETTERS[scheme] for kind in ("X", "Y"))]
    legal = legal_transitions(tags, scheme)
    scores = np.random.default_rng(seed).normal(0, 3, (3, 9, len(tags)))
    found = decode(scores, np.array([9, 4, 1]), legal)
    for n, length in enumerate((9, 4, 1)):
        alone = decode(scores[n : n + 1, :length], np.array([length]), legal)
        np.testing.assert_array_equal(alone[0], found[n, :length])


@pytest.mark.bits("copied")
def test_without_rules_it_is_the_best_tag_of_each_token():
    scores = np.random.default_rng(1).normal(size=(2, 3, 4))
    np.testing.assert_array_equal(decode(scores, np.array([3, 2]), None), scores.argmax(axis=-1))


def test_where_no_path_is_legal_each_token_keeps_its_best_tag():
    legal = legal_transitions(("B-X", "E-X"), Scheme.IOBES)
    found = decode(np.array([[[1.0, 2.0]] * 3] * 2), np.array([3, 2]), legal)
    assert found[0].tolist() == [1, 1, 1]
    assert found[1, :2].tolist() == [0, 1]


def test_sentences_without_tokens():
    legal = legal_transitions(("O", "B-X", "I-X"), Scheme.IOB2)
    assert decode(np.zeros((2, 0, 3)), np.array([0, 0]), legal).shape == (2, 0)
    assert decode(np.zeros((2, 1, 3)), np.array([0, 1]), legal).shape == (2, 1)
