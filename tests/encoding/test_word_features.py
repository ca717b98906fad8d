"""Word features: symbols by hand, and vocabularies that depend only on the training split."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given

from seqlab.corpus.sentence import Sentence
from seqlab.encoding.encoder import fit_encoder
from seqlab.encoding.word_features import (
    CASES,
    FEATURE_INPUTS,
    READERS,
    case_pattern,
    fit_word_features,
    word_feature_vocabulary,
)
from tests.strategies import corpora, texts

EVERY = ("case", "prefix", "suffix", "shape")


@pytest.mark.parametrize(
    ("token", "pattern"),
    [
        ("dog", "lower"),
        ("don't", "lower"),
        ("Dog", "capitalised"),
        ("I", "capitalised"),
        ("O'neil", "capitalised"),
        ("NATO", "upper"),
        ("U.S.", "upper"),
        ("iPod", "mixed"),
        ("McDonald", "mixed"),
        ("東京", "mixed"),  # letters without case
        ("42", "number"),
        ("-3.5%", "number"),
        ("12/31/99", "number"),
        ("B52", "with digits"),
        ("3rd", "with digits"),
        ("...", "other"),
        ("\u200b", "other"),
        ("½", "other"),
    ],
)
def test_every_pattern(token, pattern):
    assert case_pattern(token) == pattern


@given(texts)
def test_every_pattern_is_a_known_one(token):
    assert case_pattern(token) in CASES


@pytest.mark.parametrize(
    ("token", "prefixes", "suffixes", "shape"),
    [
        ("Boeing-747", ("bo", "boe"), ("00", "000"), "Xxx-00"),
        ("B52", ("b0", "b00"), ("00", "b00"), "X00"),
        ("NATO", ("na", "nat"), ("to", "ato"), "XX"),
        ("it", ("it", "it"), ("it", "it"), "xx"),
        ("A", ("a", "a"), ("a", "a"), "X"),
        ("McDonald's", ("mc", "mcd"), ("'s", "d's"), "XxXxx'x"),
        ("......", ("..", "..."), ("..", "..."), ".."),
        ("$3.50", ("$0", "$0."), ("00", ".00"), "$0.00"),
        ("東京", ("東京", "東京"), ("東京", "東京"), "xx"),
        ("٣²½", ("0²", "0²½"), ("²½", "0²½"), "00½"),
        ("", ("", ""), ("", ""), ""),
    ],
)
def test_ends_and_shape_by_hand(token, prefixes, suffixes, shape):
    assert tuple(READERS[name](token) for name in FEATURE_INPUTS["prefix"]) == prefixes
    assert tuple(READERS[name](token) for name in FEATURE_INPUTS["suffix"]) == suffixes
    assert READERS["shape"](token) == shape


@given(texts)
def test_a_shape_is_its_own_shape_and_has_no_run_of_three(token):
    found = READERS["shape"](token)
    assert READERS["shape"](found) == found
    assert all(len(set(found[i : i + 3])) > 1 for i in range(len(found) - 2))


def test_ids_by_hand():
    tokens = ("Walking", "talking", "Talked", "to", "12", "bees")
    train = [Sentence(tokens=tokens, tags=("X",) * 6)]
    encoder = fit_encoder(train, word_features=EVERY)
    known = {name: found.symbols for name, found in encoder.word_features.items()}
    assert known == {
        "case": CASES,
        "prefix_2": ("ta",),  # talking and Talked; all others once
        "prefix_3": ("tal",),
        "suffix_2": ("ng",),
        "suffix_3": ("ing",),
        "shape": ("xx", "Xxx"),  # talking, to, bees; Walking, Talked
    }
    unseen = [Sentence(tokens=("Taking", "TALES", "7", "to"))]
    table = encoder.encode(unseen).distinct_words.features
    assert {name: ids.tolist() for name, ids in table.items()} == {
        "case": [2, 3, 5, 1],
        "prefix_2": [2, 2, 1, 1],
        "prefix_3": [1, 2, 1, 1],
        "suffix_2": [2, 1, 1, 1],
        "suffix_3": [2, 1, 1, 1],
        "shape": [3, 1, 1, 2],
    }


@given(corpora(tokens=texts))
def test_vocabularies_are_those_of_a_count_over_training_tokens(train):
    encoder = fit_encoder(train, word_features=EVERY)
    for name, vocabulary in encoder.word_features.items():
        counts = Counter(READERS[name](token) for s in train for token in s.tokens)
        expected = CASES if name == "case" else {s for s, n in counts.items() if n >= 2}
        assert set(vocabulary.symbols) == set(expected)
        assert vocabulary.id_count == len(expected) + (1 if name == "case" else 2)


@pytest.mark.bits("copied")
@given(corpora(tokens=texts), corpora(tokens=texts))
def test_padding_is_0_and_no_token_is(train, sentences):
    padded = fit_encoder(train, word_features=EVERY).encode(sentences).padded(9, 3)
    assert list(padded.features) == list(READERS)
    for ids in padded.features.values():
        np.testing.assert_array_equal(ids > 0, padded.mask)


def test_a_symbol_is_read_once_per_spelling(monkeypatch):
    """The number of tokens has no influence."""
    seen = []
    readers = {"shape": lambda token: seen.append(token) or token}
    monkeypatch.setattr("seqlab.encoding.word_features.READERS", readers)
    corpus = [Sentence(tokens=("a", "b") * 500, tags=("X",) * 1000)] * 3
    encoder = fit_encoder(corpus, word_features=("shape",))
    assert seen == ["a", "b"]
    encoder.encode(corpus).padded()
    assert seen == ["a", "b"] * 2


def test_none_is_no_input_and_stored_symbols_are_the_same_vocabulary():
    counts = {"Ada": 2, "saw": 2}
    assert fit_word_features(counts, ("none",)) == {}
    for name, vocabulary in fit_word_features(counts, EVERY).items():
        assert word_feature_vocabulary(name, list(vocabulary.symbols)) == vocabulary
