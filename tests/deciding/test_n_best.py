"""The n best paths against brute force over all paths."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.corpus.schemes import Scheme
from seqlab.deciding import n_best as module
from seqlab.deciding.n_best import PathScores, check_paths, indices_of_largest, n_best
from seqlab.deciding.transitions import LegalTransitions, legal_transitions
from seqlab.deciding.viterbi import decode
from seqlab.errors import UserError


def softmax(classes):
    """Path scores that add nothing."""
    none = np.zeros(classes)
    return PathScores(start=none, transitions=np.zeros((classes, classes)), end=none)


def by_brute_force(scores, path_scores, legal):
    """Every legal path of one sentence with its log-probability among all paths, best first."""
    length, classes = scores.shape
    legal_paths, totals = [], []
    for path in itertools.product(range(classes), repeat=length):
        total = path_scores.start[path[0]] + path_scores.end[path[-1]]
        total += sum(scores[t, y] for t, y in enumerate(path))
        total += sum(path_scores.transitions[a, b] for a, b in itertools.pairwise(path))
        totals.append(total)
        pairs = legal is None or all(legal.pairs[a, b] for a, b in itertools.pairwise(path))
        if legal is None or (pairs and legal.start[path[0]] and legal.end[path[-1]]):
            legal_paths.append((path, total))
    whole = np.log(np.exp(totals).sum())
    return sorted(((path, total - whole) for path, total in legal_paths), key=lambda pair: -pair[1])


def check(scores, lengths, path_scores, *, n, legal):
    paths, logs = n_best(scores, lengths, path_scores, n=n, legal=legal)
    assert paths.dtype == np.int32
    for row, length in enumerate(lengths):
        expected = by_brute_force(scores[row, :length], path_scores, legal)
        probability = dict(expected)
        kept = np.isfinite(logs[row])
        kept_paths = [tuple(path[:length]) for path in paths[row, kept].tolist()]
        assert len(set(kept_paths)) == len(kept_paths) == min(n, len(expected))
        np.testing.assert_allclose(
            logs[row, kept], [log for _, log in expected[:n]], rtol=1e-9, atol=1e-9
        )
        for path, log in zip(kept_paths, logs[row, kept], strict=True):
            assert log == pytest.approx(probability[path])


@given(
    seed=st.integers(0, 10**6),
    lengths=st.lists(st.integers(1, 5), min_size=1, max_size=4),
    classes=st.integers(1, 4),
    n=st.integers(1, 40),
    density=st.floats(0.2, 1),
    bound=st.booleans(),
    chained=st.booleans(),
    ties=st.booleans(),
)
def test_it_equals_brute_force(seed, lengths, classes, n, density, bound, chained, ties):
    """With and without rules; `ties` draws few distinct scores, so that many paths are equally probable."""
    random = np.random.default_rng(seed)

    def drawn(*shape):
        return random.integers(-1, 2, shape) * 1.0 if ties else random.normal(0, 2, shape)

    path_scores = softmax(classes)
    if chained:
        start, end, transitions = drawn(classes), drawn(classes), drawn(classes, classes)
        path_scores = PathScores(start=start, transitions=transitions, end=end)
    legal = LegalTransitions(
        start=random.random(classes) < density,
        pairs=random.random((classes, classes)) < density,
        end=random.random(classes) < density,
    )
    scores = drawn(len(lengths), max(lengths) + 1, classes)
    check(scores, np.array(lengths), path_scores, n=n, legal=legal if bound else None)


def test_all_paths_together_have_probability_1():
    random = np.random.default_rng(2)
    path_scores = PathScores(
        start=random.normal(size=3),
        transitions=random.normal(size=(3, 3)),
        end=random.normal(size=3),
    )
    _, logs = n_best(random.normal(size=(1, 4, 3)), np.array([4]), path_scores, n=1000)
    assert logs.shape == (1, 81)
    assert np.exp(logs).sum() == pytest.approx(1)


def test_the_first_path_of_a_softmax_is_the_decoded_one():
    tags = ("O", "B-X", "I-X", "B-Y", "I-Y")
    legal = legal_transitions(tags, Scheme.IOB2)
    scores, lengths = np.random.default_rng(1).normal(0, 2, (30, 7, 5)), np.arange(30) % 7 + 1
    paths, _ = n_best(scores, lengths, softmax(5), n=3, legal=legal)
    said = decode(scores, lengths, legal)
    for row, length in enumerate(lengths):
        assert paths[row, 0, :length].tolist() == said[row, :length].tolist()


@pytest.mark.bits("copied")
def test_blocks_of_sentences_give_the_same_paths(monkeypatch):
    random = np.random.default_rng(3)
    scores, lengths = random.normal(size=(7, 6, 4)), random.integers(1, 7, 7)
    whole = n_best(scores, lengths, softmax(4), n=9)
    monkeypatch.setattr(module, "MAX_CANDIDATES", 1)
    for one, other in zip(whole, n_best(scores, lengths, softmax(4), n=9), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_long_sentence_neither_overflows_nor_loses_precision():
    """2,000 tokens: path probabilities far below what a number holds, their ratios exact."""
    scores = np.zeros((1, 2000, 3))
    scores[0, 1000] = [0.0, -1.0, -5.0]
    scores[0, :1000, 0] = scores[0, 1001:, 0] = 40.0
    _, logs = n_best(scores, np.array([2000]), softmax(3), n=3)
    np.testing.assert_allclose(np.diff(logs[0]), [-1.0, -4.0], atol=1e-8)
    assert logs[0, 0] == pytest.approx(-np.log(1 + np.exp(-1) + np.exp(-5)), abs=1e-8)


@pytest.mark.parametrize("n", [0, -1, 1001, 2.0, True, "3"])
def test_a_number_of_paths_that_is_refused(n):
    with pytest.raises(UserError) as caught:
        check_paths(n)
    assert str(caught.value) == f"n_best is {n!r}: expected a whole number from 1 to 1000"


def test_one_to_a_thousand_paths():
    check_paths(1)
    check_paths(1000)


def test_equal_values_keep_their_order():
    values = np.array([[1.0, 0.0] * 20])
    expected = [*range(0, 40, 2), *range(1, 40, 2)]
    assert indices_of_largest(values, 40).tolist() == [expected]


def test_scores_that_are_no_numbers_have_no_paths():
    _, logs = n_best(np.full((1, 2, 3), np.nan), np.array([2]), softmax(3), n=2)
    assert not np.isfinite(logs).any()
