"""Word vectors: what they cover and how they start the embedding, against counts and rows by hand."""

import numpy as np
import pytest

from seqlab.corpus.sentence import Sentence
from seqlab.encoding.encoder import fit_encoder
from seqlab.encoding.vectors import (
    Coverage,
    WordVectors,
    coverage,
    describe_coverage,
    embedding_start,
    vector_spellings,
)

ROWS = {"the": (1.0, -2.5, 0.25), "Paris": (3.0, 4.0, 5.5), "paris": (0.5, 0.5, 8.0)}


@pytest.fixture
def vectors():
    return WordVectors(
        {word: row for row, word in enumerate(ROWS)}, np.array(list(ROWS.values()), np.float32)
    )


def test_coverage_by_hand(vectors):
    #        exact  exact    lower  lower  exact    none   none
    tokens = ["the", "Paris", "The", "THE", "paris", "dog", "1984", "the"]
    assert coverage(tokens, vectors) == Coverage(exact=4, lower=2, unknown=2)
    assert coverage(set(tokens), vectors) == Coverage(exact=3, lower=2, unknown=2)
    assert coverage(tokens, vectors).total == 8
    assert str(coverage(tokens, vectors)) == "50.0% exact, 25.0% lower-case, 25.0% unknown"
    assert str(coverage([], vectors)) == "nothing to cover"


def test_a_normalised_spelling_counts_with_lower_case():
    years = WordVectors({"0000": 0}, np.ones((1, 2), np.float32))
    assert years.find("1984") == "0000"
    assert years.find("198") is None
    assert coverage(["1984", "0000"], years) == Coverage(exact=1, lower=1, unknown=0)


def test_coverage_of_a_split_in_one_line(vectors):
    split = [Sentence(tokens=("the", "the", "The", "dog")), Sentence(tokens=("dog",))]
    assert describe_coverage("valid", split, vectors) == (
        "valid by token: 40.0% exact, 20.0% lower-case, 40.0% unknown; "
        "by type: 33.3% exact, 33.3% lower-case, 33.3% unknown"
    )


def test_an_entry_takes_its_own_spelling_else_the_most_frequent_of_training():
    known = WordVectors(
        {word: row for row, word in enumerate(("paris", "PARIS", "Rome", "ROME"))},
        np.zeros((4, 2), np.float32),
    )
    train = [Sentence(tokens=("PARIS", "PARIS", "ROME", "ROME", "Rome", "Oslo", "Xyz"))]
    assert vector_spellings(train, known) == {"paris": "paris", "rome": "ROME"}


@pytest.mark.bits("repeated")
def test_the_embedding_starts_with_the_rows_of_the_file(vectors):
    train = [Sentence(tokens=("the", "The", "Paris", "dog", "dog"), tags=("O",) * 5)]
    found = vector_spellings(train, vectors)
    words = fit_encoder(train, min_word_count=2, keep_words=found).words
    start = embedding_start(words, found, vectors, seed=3)
    assert start.shape == (len(words), 3)
    assert start.dtype == np.float32
    assert start[words.ids["the"]].tolist() == list(ROWS["the"])
    assert start[words.ids["paris"]].tolist() == list(ROWS["paris"])
    assert not start[0].any()
    assert start[1].all()  # the unknown word and those without a vector: random, and not alike
    assert start[words.ids["dog"]].all()
    assert start[1].tolist() != start[words.ids["dog"]].tolist()
    np.testing.assert_array_equal(embedding_start(words, found, vectors, seed=3), start)
    assert embedding_start(words, found, vectors, seed=4)[1].tolist() != start[1].tolist()


def test_a_word_that_fell_out_of_the_vocabulary_is_no_fault(vectors):
    train = [Sentence(tokens=("the", "the", "Paris"), tags=("O",) * 3)]
    words = fit_encoder(train, min_word_count=2).words
    found = {"the": "the", "paris": "paris"}
    assert embedding_start(words, found, vectors, seed=1).shape == (3, 3)


def test_words_without_a_vector_start_with_the_spread_of_the_others(vectors):
    many = [Sentence(tokens=tuple("ab" + chr(0x4E00 + i) for i in range(3000)))]
    words = fit_encoder(many, min_word_count=1).words
    start = embedding_start(words, {}, vectors, seed=1)
    assert start[1:].std() == pytest.approx(np.std(list(ROWS.values())), rel=0.05)
