"""Ids of padding, unknown and known symbols; the order depends only on the counts."""

import copy
import itertools
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.encoding.vocabulary import PADDING, UNKNOWN, Vocabulary, fit_vocabulary

counts = st.dictionaries(st.text("abcdefgh", min_size=1, max_size=3), st.integers(1, 5))


def test_padding_is_0_and_unknown_1():
    words = Vocabulary(("cat", "sat"))
    assert (PADDING, UNKNOWN) == (0, 1)
    assert words.ids == {"cat": 2, "sat": 3}
    assert [words.id(word) for word in ("cat", "sat", "dog", "")] == [2, 3, 1, 1]
    assert (len(words), words.id_count) == (2, 4)
    assert list(words) == ["cat", "sat"]
    assert "cat" in words
    assert "dog" not in words


def test_tags_have_padding_and_no_unknown():
    tags = Vocabulary(("B-PER", "O"), has_unknown=False)
    assert tags.ids == {"B-PER": 1, "O": 2}
    assert tags.id("B-LOC") == 0
    assert (len(tags), tags.id_count) == (2, 3)


@given(counts, st.booleans())
def test_symbol_undoes_id(counted, has_unknown):
    vocabulary = fit_vocabulary(counted, has_unknown=has_unknown)
    assert {vocabulary.symbol(vocabulary.id(symbol)) for symbol in counted} == set(counted)
    assert max(vocabulary.ids.values(), default=vocabulary.first_id - 1) == vocabulary.id_count - 1


@given(counts, st.booleans(), st.lists(st.text("abcdefghi", max_size=3)))
def test_find_equals_id(counted, has_unknown, asked):
    vocabulary = fit_vocabulary(counted, has_unknown=has_unknown)
    found = vocabulary.find([*counted, *asked])
    assert found.dtype == np.int32
    assert found.tolist() == [vocabulary.id(symbol) for symbol in [*counted, *asked]]


def test_symbols_with_the_same_hash_have_their_own_ids(monkeypatch):
    monkeypatch.setattr(
        "seqlab.encoding.vocabulary.python_hashes", lambda s: np.zeros(len(s), np.int64)
    )
    assert Vocabulary(("cat", "sat")).find(["sat", "dog", "cat"]).tolist() == [3, 1, 2]


def test_a_copy_for_another_process_has_no_hashes():
    words = Vocabulary(("cat", "sat"))
    words.find(["cat"])
    other = copy.deepcopy(words)
    assert other == words
    assert "hashes" not in vars(other)
    assert other.find(["sat"]).tolist() == [3]


@pytest.mark.parametrize("number", [-1, 0, 1, 4])
def test_padding_unknown_and_numbers_past_the_end_have_no_symbol(number):
    with pytest.raises(IndexError):
        Vocabulary(("cat", "sat")).symbol(number)


@given(counts, st.randoms(use_true_random=False))
def test_the_order_depends_on_counts_alone(counted, random):
    shuffled = list(counted.items())
    random.shuffle(shuffled)
    symbols = fit_vocabulary(counted).symbols
    assert fit_vocabulary(dict(shuffled)).symbols == symbols
    for before, after in itertools.pairwise(symbols):
        assert counted[before] > counted[after] or (
            counted[before] == counted[after] and before < after
        )


@given(counts, st.integers(1, 6), st.sets(st.text("abcdefgh", min_size=1, max_size=3)))
def test_rare_symbols_are_left_out_unless_kept(counted, minimum, keep):
    expected = {symbol for symbol in counted if counted[symbol] >= minimum or symbol in keep}
    assert set(fit_vocabulary(counted, minimum=minimum, keep=keep).symbols) == expected


def test_an_uncounted_symbol_is_not_kept():
    assert fit_vocabulary(Counter("aab"), minimum=2, keep=["b", "z"]).symbols == ("a", "b")
