"""Viterbi decoding against brute force over all paths."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.corpus.schemes import Scheme, repair
from seqlab.deciding.transitions import LegalTransitions, legal_transitions
from seqlab.deciding.viterbi import decode, is_legal, viterbi
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
    assert paths.dtype == np.int32
    for n, length in enumerate(lengths):
        best, best_path = -np.inf, ()
        for path in itertools.product(range(classes), repeat=length):
            pairs = all(legal.pairs[a, b] for a, b in itertools.pairwise(path))
            total = sum(scores[n, t, y] for t, y in enumerate(path))
            if pairs and legal.start[path[0]] and legal.end[path[-1]] and total > best:
                best, best_path = total, path
        assert totals[n] == pytest.approx(best)
        if best_path:
            assert tuple(paths[n, :length]) == best_path


@given(
    scheme=span_schemes,
    seed=st.integers(0, 10**6),
    lengths=st.lists(st.integers(1, 5), min_size=1, max_size=4),
)
def test_the_decoded_path_is_the_best_legal_one(scheme, seed, lengths):
    tags = ["O", *(f"{letter}-X" for letter in LETTERS[scheme])]
    random, sizes = np.random.default_rng(seed), np.array(lengths)
    scores = random.normal(0, 3, (len(lengths), max(lengths) + 1, len(tags))).astype(np.float32)
    tag_ids = decode(scores, sizes, legal_transitions(tags, scheme))
    for n, length in enumerate(lengths):
        decoded = [tags[y] for y in tag_ids[n, :length]]
        assert repair(decoded, scheme)[1] == 0

        def total(path, n=n):
            return sum(scores[n, t, y] for t, y in enumerate(path))

        every = itertools.product(range(len(tags)), repeat=length)
        legal = [path for path in every if repair([tags[y] for y in path], scheme)[1] == 0]
        assert total(tag_ids[n, :length]) == pytest.approx(max(map(total, legal)), abs=1e-4)


@pytest.mark.bits("copied")
@given(scheme=span_schemes, seed=st.integers(0, 10**6))
def test_a_sentence_is_decoded_alone_as_in_a_batch(scheme, seed):
    tags = ["O", *(f"{letter}-{kind}" for letter in LETTERS[scheme] for kind in ("X", "Y"))]
    legal = legal_transitions(tags, scheme)
    scores = np.random.default_rng(seed).normal(0, 3, (3, 9, len(tags)))
    tag_ids = decode(scores, np.array([9, 4, 1]), legal)
    for n, length in enumerate((9, 4, 1)):
        alone = decode(scores[n : n + 1, :length], np.array([length]), legal)
        np.testing.assert_array_equal(alone[0], tag_ids[n, :length])


@pytest.mark.bits("copied")
def test_without_rules_each_token_gets_its_best_tag():
    scores = np.random.default_rng(1).normal(size=(2, 3, 4))
    np.testing.assert_array_equal(decode(scores, np.array([3, 2]), None), scores.argmax(axis=-1))


def test_without_a_legal_path_each_token_keeps_its_best_tag():
    legal = legal_transitions(("B-X", "E-X"), Scheme.IOBES)
    tag_ids = decode(np.array([[[1.0, 2.0]] * 3] * 2), np.array([3, 2]), legal)
    assert tag_ids[0].tolist() == [1, 1, 1]
    assert tag_ids[1, :2].tolist() == [0, 1]


@pytest.mark.parametrize(("path", "whole"), [("O B", False), ("B E", True), ("O O", True)])
def test_a_path_must_also_end_legally(path, whole):
    """In IOBES a span of one token is S: B cannot end a sentence, although nothing follows it."""
    tags = ("O", "B-X", "E-X", "S-X")
    ids = [["O", "B", "E", "S"].index(tag) for tag in path.split()]
    rules = legal_transitions(tags, Scheme.IOBES)
    # The token behind the end is padding.
    rows = np.array([[*ids, 2]], np.int32)
    assert is_legal(rows, np.array([2]), rules).tolist() == [whole]


def test_sentences_without_tokens():
    legal = legal_transitions(("O", "B-X", "I-X"), Scheme.IOB2)
    assert decode(np.zeros((2, 0, 3)), np.array([0, 0]), legal).shape == (2, 0)
    assert decode(np.zeros((2, 1, 3)), np.array([0, 1]), legal).shape == (2, 1)


@given(scheme=span_schemes, seed=st.integers(0, 10**6), lengths=st.lists(st.integers(0, 5)))
def test_a_path_is_legal_whatever_stands_on_padding(scheme, seed, lengths):
    tags = ["O", *(f"{letter}-X" for letter in LETTERS[scheme])]
    tag_ids = np.random.default_rng(seed).integers(0, len(tags), (len(lengths), 6))
    legal = is_legal(
        tag_ids.astype(np.int32), np.array(lengths, np.int64), legal_transitions(tags, scheme)
    )
    expected = [
        repair([tags[y] for y in row[:length]], scheme)[1] == 0
        for row, length in zip(tag_ids, lengths, strict=True)
    ]
    assert legal.tolist() == expected
