"""N-grams compared with gensim's, which follow fastText's."""

import numpy as np
import pytest
from gensim.models.fasttext import ft_ngram_hashes
from hypothesis import given
from hypothesis import strategies as st

from seqlab.encoding.ngrams import Ngrams, ngram_rows


@given(st.text(max_size=9), st.integers(1, 4), st.integers(0, 6), st.integers(1, 10**6))
def test_rows_are_gensims(word, shortest, longest, buckets):
    word = word.encode("utf-8", "replace").decode()
    expected = ft_ngram_hashes(word, shortest, longest, buckets)
    found = ngram_rows(word, shortest=shortest, longest=longest, buckets=buckets)
    assert found == expected


def ngrams(**options):
    vectors = np.random.default_rng(1).normal(size=(50, 4)).astype(np.float32)
    sizes = {"shortest": 3, "longest": 4, "spelling": "normalised"}
    return Ngrams(vectors=vectors, **(sizes | options))


def test_a_vector_is_the_mean_of_its_parts():
    own, known = np.ones(4, np.float32), ngrams()
    rows = ngram_rows("ab", shortest=3, longest=4, buckets=50)
    assert len(rows) == 3  # <ab, ab>, <ab>
    parts = known.vectors[rows]
    np.testing.assert_allclose(known.compose("ab"), parts.mean(axis=0), rtol=1e-5)
    expected = np.concatenate([parts, [own]]).mean(axis=0)
    np.testing.assert_allclose(known.compose("ab", own), expected, rtol=1e-5)
    assert known.compose("ab").dtype == known.compose("ab", own).dtype == np.float32


def test_a_word_without_n_grams_gets_zeros():
    assert ngrams(shortest=9, longest=9).compose("ab").tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("spelling", "expected"),
    [("as written", "Boeing-747"), ("lower case", "boeing-747"), ("normalised", "boeing-000")],
)
def test_spelling(spelling, expected):
    assert ngrams(spelling=spelling).spelt("Boeing-747") == expected
