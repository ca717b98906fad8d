"""The spelling that each word takes, and the initial embedding, against rows written by hand."""

import numpy as np
import pytest

from seqlab.corpus.sentence import Sentence
from seqlab.encoding.encoder import fit_encoder
from seqlab.encoding.vectors import WordVectors, embedding_start, vector_spellings

ROWS = {"the": (1.0, -2.5, 0.25), "Paris": (3.0, 4.0, 5.5), "paris": (0.5, 0.5, 8.0)}


@pytest.fixture
def vectors():
    return WordVectors(
        {word: row for row, word in enumerate(ROWS)}, np.array(list(ROWS.values()), np.float32)
    )


def test_an_entry_takes_its_own_spelling_else_the_most_frequent_of_training():
    known = WordVectors(
        {word: row for row, word in enumerate(("paris", "PARIS", "Rome", "ROME"))},
        np.zeros((4, 2), np.float32),
    )
    train = [Sentence(tokens=("PARIS", "PARIS", "ROME", "ROME", "Rome", "Oslo", "Xyz"))]
    assert vector_spellings(train, known) == {"paris": "paris", "rome": "ROME"}


def test_digits_take_the_most_frequent_number_that_the_file_has():
    """The entry of numbers, 0000, is in such files a rare word whose vector is none of a year."""
    kept = WordVectors(
        {word: row for row, word in enumerate(("0000", "1998", "2015", "0th"))},
        np.zeros((4, 2), np.float32),
    )
    train = [Sentence(tokens=("2015", "2015", "1998", "7th", "Rome-5"))]
    assert vector_spellings(train, kept) == {"0000": "2015", "0th": "0th"}


@pytest.mark.bits("repeated")
def test_the_embedding_starts_with_the_rows_of_the_file(vectors):
    train = [Sentence(tokens=("the", "The", "Paris", "dog", "dog"), tags=("O",) * 5)]
    found = vector_spellings(train, vectors)
    words = fit_encoder(train, min_word_count=2, keep_words=found).words
    start = embedding_start(words, found, vectors, seed=3)
    assert start.shape == (words.id_count, 3)
    assert start.dtype == np.float32
    assert start[words.ids["the"]].tolist() == list(ROWS["the"])
    assert start[words.ids["paris"]].tolist() == list(ROWS["paris"])
    assert not start[0].any()
    assert start[1].all()  # the unknown word and those without a vector: random, and not alike
    assert start[words.ids["dog"]].all()
    assert start[1].tolist() != start[words.ids["dog"]].tolist()
    np.testing.assert_array_equal(embedding_start(words, found, vectors, seed=3), start)
    assert embedding_start(words, found, vectors, seed=4)[1].tolist() != start[1].tolist()


def test_a_word_outside_the_vocabulary_is_skipped(vectors):
    train = [Sentence(tokens=("the", "the", "Paris"), tags=("O",) * 3)]
    words = fit_encoder(train, min_word_count=2).words
    found = {"the": "the", "paris": "paris"}
    assert embedding_start(words, found, vectors, seed=1).shape == (3, 3)


def test_words_without_a_vector_start_with_the_spread_of_the_others(vectors):
    many = [Sentence(tokens=tuple("ab" + chr(0x4E00 + i) for i in range(3000)))]
    words = fit_encoder(many, min_word_count=1).words
    start = embedding_start(words, {}, vectors, seed=1)
    assert start[1:].std() == pytest.approx(np.std(list(ROWS.values())), rel=0.05)
