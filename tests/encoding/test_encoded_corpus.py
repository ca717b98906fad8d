"""Padded arrays compared with naive loops, and windows that hold each token once."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.corpus.sentence import Sentence
from seqlab.encoding import distinct_words as distinct_words_module
from seqlab.encoding.distinct_words import ragged_indices
from seqlab.encoding.encoded_corpus import one_hot
from seqlab.encoding.encoder import fit_encoder
from seqlab.encoding.word_features import CASES, case_pattern
from seqlab.text.spelling import normalise
from tests.strategies import corpora, texts

corpus_lists = corpora(tokens=texts | st.just("incomprehensibilities"), weighted=True)


@pytest.fixture(scope="module")
def sentences():
    """Sentences of 1 to 150 tokens with every oddity: long words, unknown tags, weights."""
    random = np.random.default_rng(7)
    known = ["a", "Paris", "1984", "internationalisation", "x" * 500, "fifteenletters!", "ß"]
    out = []
    for length in (1, 150, 7, 149, 2):
        tokens = tuple(str(random.choice(known)) for _ in range(length))
        tags = tuple(str(random.choice(["O", "B-PER", "I-PER"])) for _ in range(length))
        out.append(Sentence(tokens=tokens, tags=tags, weight=float(length)))
    weighted = Sentence(
        tokens=("unseen", "a", "ω"), tags=("B-LOC", "O", "O"), token_weights=(2.0, 0.5, 0.0)
    )
    return [*out, weighted]


def cut(token, max_chars):
    """The first and last characters of a long word, which the network reads."""
    if len(token) <= max_chars:
        return token
    head = (max_chars + 1) // 2
    return token[:head] + token[len(token) - (max_chars - head) :]


def test_shortened_words_by_hand():
    assert [cut("abcdefgh", size) for size in (5, 2, 1)] == ["abcgh", "ah", "a"]


def naive(encoder, sentences, max_tokens, max_chars):
    """Padded arrays by loops over sentences, tokens and characters that all fit."""
    shape, classes = (len(sentences), max_tokens), len(encoder.tags.symbols)
    words, cases, mask = (np.zeros(shape, int) for _ in range(3))
    chars, labels = np.zeros((*shape, max_chars), int), np.zeros((*shape, classes))
    weights = np.zeros(shape)
    for n, s in enumerate(sentences):
        for t, (token, tag) in enumerate(zip(s.tokens, s.tags, strict=True)):
            words[n, t] = encoder.words.id(normalise(token))
            cases[n, t] = CASES.index(case_pattern(token)) + 1
            mask[n, t] = 1
            for w, letter in enumerate(cut(token, max_chars)):
                chars[n, t, w] = encoder.characters.id(letter)
            if tag in encoder.tags.symbols:
                labels[n, t, encoder.tags.symbols.index(tag)] = 1
            weights[n, t] = 1.0 if s.token_weights is None else s.token_weights[t]
    return {
        "words": words, "case": cases, "mask": mask, "chars": chars, "labels": labels,
        "token_weights": weights.astype(np.float32),
    }  # fmt: skip


@pytest.mark.bits("copied")
def test_padded_arrays_equal_a_loop(sentences):
    encoder = fit_encoder(sentences[:-1], word_features=("case",))
    padded = encoder.encode(sentences).padded()
    found = {**vars(padded), **padded.features}
    for name, expected in naive(encoder, sentences, 150, 15).items():
        np.testing.assert_array_equal(found[name], expected, err_msg=name)
    assert padded.words.shape == found["case"].shape == padded.mask.shape == (6, 150)
    assert padded.chars.shape == (6, 150, 15)
    assert padded.labels.shape == (6, 150, 3)
    assert (padded.words.dtype, padded.chars.dtype) == (np.int32, np.int32)
    assert (padded.labels.dtype, padded.mask.dtype) == (np.float32, np.bool_)
    assert padded.sentence_weights.tolist() == [1, 150, 7, 149, 2, 1]


def test_padding_and_unknown_tags_are_rows_of_zeros(sentences):
    padded = fit_encoder(sentences[:-1]).encode(sentences).padded()
    assert not padded.labels[~padded.mask].any()
    assert not padded.words[~padded.mask].any()
    assert not padded.chars[~padded.mask].any()
    assert padded.mask[5, 0]
    assert not padded.labels[5, 0].any()  # B-LOC does not occur in training
    assert padded.labels.sum() == padded.mask.sum() - 1


@pytest.mark.bits("copied")
@given(corpus_lists, st.integers(1, 6), st.integers(1, 8))
def test_padded_equals_a_loop_over_windows(corpus, max_tokens, max_chars):
    encoder = fit_encoder(corpus, word_features=("case",))
    encoded = encoder.encode(corpus)
    parts, owners = [], []
    for owner, s in enumerate(
        corpus
    ):  # cut as the windows are; what they must hold is tested below
        pieces = -(-len(s) // max_tokens)
        edges = [number * len(s) // pieces for number in range(pieces + 1)]
        for start, stop in itertools.pairwise(edges):
            weights = None if s.token_weights is None else s.token_weights[start:stop]
            owners.append(owner)
            parts.append(
                Sentence(
                    tokens=s.tokens[start:stop],
                    tags=s.tags[start:stop],
                    weight=s.weight,
                    token_weights=weights,
                )
            )
    padded = encoded.padded(max_tokens, max_chars)
    expected = naive(encoder, parts, max_tokens, max_chars)
    if padded.token_weights is None:
        del expected["token_weights"]
    found = {**vars(padded), **padded.features}
    for name, array in expected.items():
        np.testing.assert_array_equal(found[name], array, err_msg=name)
    assert padded.sentence_weights.tolist() == [np.float32(part.weight) for part in parts]
    assert padded.sentences.tolist() == owners


@given(corpus_lists, st.integers(1, 9))
def test_windows_hold_each_token_once(corpus, max_tokens):
    encoded = fit_encoder(corpus).encode(corpus)
    windows = encoded.windows(max_tokens)
    for name in ("spelling_ids", "tags", "tag_labels", "token_weights"):
        assert getattr(windows, name) is getattr(encoded, name)
    assert (windows.offsets[0], windows.offsets[-1]) == (0, encoded.tokens)
    assert (np.diff(windows.offsets) >= 1).all()
    assert windows.lengths.max() <= max_tokens
    assert set(encoded.offsets.tolist()) <= set(
        windows.offsets.tolist()
    )  # none spans two sentences
    position = 0
    for s in corpus:
        pieces = []
        while sum(pieces) < len(s):
            assert windows.sentence_weights[position] == np.float32(s.weight)
            pieces.append(int(windows.lengths[position]))
            position += 1
        assert sum(pieces) == len(s)
        assert len(pieces) == -(-len(s) // max_tokens)  # no more than needed
        assert max(pieces) - min(pieces) <= 1
    assert position == len(windows)


def test_short_sentences_stay_as_they_are(sentences):
    encoded = fit_encoder(sentences).encode(sentences)
    assert encoded.windows(150) is encoded
    assert len(encoded.windows(149)) == len(encoded) + 1


def test_empty_sentences_stay_in_their_place():
    corpus = [Sentence(tokens=(), tags=()), Sentence(tokens=("a",) * 5, tags=("X",) * 5)]
    windows = fit_encoder(corpus).encode(corpus).windows(2)
    assert windows.lengths.tolist() == [0, 1, 2, 2]


@given(corpora(tokens=texts.map(lambda text: text * 4)), st.integers(1, 17), st.integers(1, 20))
def test_words_padded_equals_a_loop_over_words(corpus, max_chars, block):
    encoder = fit_encoder(corpus)
    encoded = encoder.encode(corpus)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(distinct_words_module, "BLOCK", block)
        rows = encoded.distinct_words.padded(max_chars)
    tokens = [token for s in corpus for token in s.tokens]
    assert rows.shape == (len(set(tokens)), max_chars)
    assert rows.dtype == encoded.distinct_words.characters.dtype
    for token, spelling_id in zip(tokens, encoded.spelling_ids, strict=True):
        expected = [encoder.characters.id(letter) for letter in cut(token, max_chars)]
        assert rows[spelling_id].tolist() == expected + [0] * (max_chars - len(expected))


def test_tag_counts_equal_a_count(sentences):
    encoder = fit_encoder(sentences[:-1])
    tags = [tag for s in sentences for tag in s.tags]
    counts = encoder.encode(sentences).tag_counts()
    assert counts.tolist() == [tags.count(tag) for tag in encoder.tags]


def test_gather_says_where_the_tokens_lie(sentences):
    encoded = fit_encoder(sentences).encode(sentences)
    positions, mask = encoded.gather(np.array([2, 0]))
    assert positions.shape == mask.shape == (2, 7)
    assert positions[mask].tolist() == [*range(151, 158), 0]
    assert mask.sum(axis=1).tolist() == [7, 1]


def test_one_hot_equals_a_loop():
    ids = np.array([[1, 0, 3], [2, 2, 0]], np.int32)
    expected = [[[float(number == c) for c in (1, 2, 3, 4)] for number in row] for row in ids]
    assert one_hot(ids, 4).tolist() == expected
    assert one_hot(ids, 4).dtype == np.float32


@given(st.lists(st.integers(0, 4)))
def test_ragged_indices_equal_a_loop(lengths):
    pairs = [(row, column) for row, length in enumerate(lengths) for column in range(length)]
    rows, columns = ragged_indices(np.array(lengths, np.int64))
    assert list(zip(rows.tolist(), columns.tolist(), strict=True)) == pairs
