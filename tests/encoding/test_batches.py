"""Batches hold each sentence once per epoch, in seeded order, within their size, padded to the longest."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.corpus.mapped_arrays import map_file
from seqlab.corpus.sentence import Sentence
from seqlab.encoding.batches import Batcher
from seqlab.encoding.encoder import fit_encoder
from tests.corpus.test_mapped_arrays import resident
from tests.strategies import corpora, texts

sizes = st.integers(1, 30)


def encoded(lengths):
    """Sentences of these lengths; each has its own token, tag and weights."""
    corpus = [
        Sentence(
            tokens=tuple(f"w{number}{'x' * place}" for place in range(length)),
            tags=tuple("XYZ"[(number + place) % 3] for place in range(length)),
            weight=number + 1.0,
            token_weights=tuple(place + 0.5 for place in range(length)) if number % 2 else None,
        )
        for number, length in enumerate(lengths)
    ]
    return fit_encoder(corpus, min_word_count=1).encode(corpus)


corpus_lengths = st.lists(st.integers(1, 12), min_size=1, max_size=40)


@given(corpus_lengths, sizes, st.booleans(), st.integers(0, 2**32 - 1), st.integers(1, 9))
def test_each_epoch_sees_each_sentence_once(lengths, size, by_tokens, seed, number):
    batcher = Batcher(encoded(lengths), size=size, by_tokens=by_tokens)
    for parts in (batcher.epoch(seed=seed, number=number), batcher.in_order()):
        assert sorted(np.concatenate(parts).tolist()) == list(range(len(lengths)))
        assert all(len(part) for part in parts)


@given(corpus_lengths, sizes)
def test_a_batch_of_sentences_keeps_its_size(lengths, size):
    batcher = Batcher(encoded(lengths), size=size)
    parts = batcher.epoch(seed=1, number=1)
    assert max(map(len, parts)) <= size
    assert len(parts) == -(-len(lengths) // size)


@given(corpus_lengths, sizes)
def test_a_batch_of_tokens_keeps_its_budget_padding_included(lengths, size):
    batcher = Batcher(encoded(lengths), size=size, by_tokens=True)
    for parts in (batcher.epoch(seed=1, number=1), batcher.in_order()):
        for part in parts:
            width = max(lengths[sentence] for sentence in part)
            assert width * len(part) <= size or len(part) == 1


@given(corpus_lengths, sizes)
def test_a_batch_of_tokens_is_filled(lengths, size):
    parts = Batcher(encoded(lengths), size=size, by_tokens=True).in_order()
    for part, following in itertools.pairwise(parts):
        assert (len(part) + 1) * lengths[following[0]] > size  # one more would not have fitted


def test_the_order_is_a_function_of_seed_and_epoch():
    batcher = Batcher(encoded([3] * 50), size=4)

    def order(**which):
        return np.concatenate(batcher.epoch(**which)).tolist()

    first = order(seed=1, number=1)
    assert order(seed=1, number=1) == first
    assert order(seed=1, number=2) != first
    assert order(seed=2, number=1) != first
    assert first != list(range(50))


def test_batches_of_an_epoch_are_not_sorted_by_length():
    batcher = Batcher(encoded(list(range(1, 41))), size=4)
    widths = [batcher.lengths[part].max() for part in batcher.epoch(seed=1, number=1)]
    assert widths != sorted(widths)
    assert sorted(widths) == list(range(4, 41, 4))  # like lengths together: no padding but a few


def test_in_order_is_shortest_first_and_keeps_the_order_of_equals():
    parts = Batcher(encoded([3, 1, 2, 1, 3]), size=2).in_order()
    assert [part.tolist() for part in parts] == [[1, 3], [2, 0], [4]]


@pytest.mark.bits("copied")
@given(corpora(tokens=texts, weighted=True, max_sentences=6), st.integers(1, 4), st.integers(1, 9))
def test_a_batch_equals_the_padded_arrays_cut_to_its_longest(corpus, size, max_chars):
    whole = fit_encoder(corpus, word_features=("case", "suffix")).encode(corpus)
    padded = whole.padded(max_tokens=20, max_chars=max_chars)
    inputs = {"words": padded.words, "chars": padded.chars, **padded.features}
    assert list(inputs)[2:] == ["case", "suffix_2", "suffix_3"]
    batcher = Batcher(whole, size=size, max_chars=max_chars)
    parts = batcher.epoch(seed=1, number=1)
    for part, batch in zip(parts, batcher.batches(parts), strict=True):
        width = whole.lengths[part].max()
        assert list(batch.inputs) == list(inputs)
        for name, found in batch.inputs.items():
            np.testing.assert_array_equal(found, inputs[name][part, :width], err_msg=name)
            assert found.dtype == np.int32
        ids = np.where(padded.labels.any(axis=-1), padded.labels.argmax(axis=-1) + 1, 0)
        np.testing.assert_array_equal(batch.labels, ids[part, :width])
        assert batch.labels.dtype == np.int32
        np.testing.assert_array_equal(batch.sentence_weights, padded.sentence_weights[part])
        if padded.token_weights is None:
            assert batch.token_weights is None
        else:
            np.testing.assert_array_equal(batch.token_weights, padded.token_weights[part, :width])
            assert batch.token_weights.dtype == np.float32
        assert batch.sentences.tolist() == part.tolist()
        assert batch.tokens == padded.mask[part].sum()


@pytest.mark.parametrize("by_tokens", [False, True])
def test_a_corpus_larger_than_one_pool(by_tokens):
    """A pool is 50 batches; this corpus has 120 batches by sentences, 240 by tokens."""
    batcher = Batcher(encoded([1, 2, 3] * 80), size=2, by_tokens=by_tokens)
    seen = np.concatenate(batcher.epoch(seed=3, number=1)).tolist()
    assert sorted(seen) == list(range(240))
    assert seen != np.concatenate(batcher.in_order()).tolist()


class Twice:
    """Draws each even sentence twice and no odd sentence."""

    def __init__(self, count):
        self.count = count

    def draw(self, random):
        return np.repeat(np.arange(0, self.count, 2), 2)


@given(corpus_lengths, sizes, st.booleans())
def test_a_sampler_decides_what_an_epoch_holds(lengths, size, by_tokens):
    drawn = Twice(len(lengths))
    batcher = Batcher(encoded(lengths), size=size, by_tokens=by_tokens, sampler=drawn)
    parts = batcher.epoch(seed=1, number=1)
    assert sorted(np.concatenate(parts).tolist()) == drawn.draw(None).tolist()
    for part in parts:
        width = max(lengths[sentence] for sentence in part)
        assert len(part) <= size if not by_tokens else width * len(part) <= size or len(part) == 1
    assert sorted(np.concatenate(batcher.in_order()).tolist()) == list(range(len(lengths)))


def test_a_pool_of_one_batch_leaves_the_batches_as_they_were_drawn():
    """With one pool for all, each batch of 4 has equal lengths; with a pool of one batch lengths are mixed."""
    corpus = encoded([1, 9] * 40)
    apart = Batcher(corpus, size=4, sampler=Twice(80)).epoch(seed=1, number=1)
    assert all(len(set(corpus.lengths[part])) == 1 for part in apart)
    mixed = Batcher(corpus, size=4, pool=1).epoch(seed=1, number=1)
    assert any(len(set(corpus.lengths[part])) == 2 for part in mixed)
    assert [len(part) for part in mixed] == [4] * 20


@pytest.mark.bits("copied")
def test_a_batch_leaves_no_page_of_a_mapped_corpus_in_memory(tmp_path):
    corpus = encoded([2, 3])
    names = ("spelling_ids", "tags", "offsets", "token_weights")
    for name in names:
        getattr(corpus, name).tofile(tmp_path / name)
    arrays = {name: map_file(tmp_path / name, getattr(corpus, name).dtype.name) for name in names}
    found = Batcher(replace(corpus, **arrays), size=1).batch(np.array([1]))
    assert [resident(tmp_path / name) for name in names] == [0, 0, 0, 0]
    expected = Batcher(corpus, size=1).batch(np.array([1]))
    for name in ("words", "labels", "token_weights"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))
