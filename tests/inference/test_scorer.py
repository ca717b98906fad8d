"""Scoring in batches: a sentence's scores do not depend on its batch or on earlier calls."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from seqlab.corpus.reading import read_corpus
from seqlab.corpus.sentence import Sentence
from seqlab.inference import scorer, spelling_cache
from seqlab.inference.forward import Forward, weight_shapes
from seqlab.inference.scorer import SentenceScorer
from tests import tiny

pytestmark = tiny.KERAS_NOISE


def scores_of(tagger, sentences):
    """Scores (T, C) by sentence index, from a scorer with an empty cache."""
    by_index = {}
    for batch in SentenceScorer(Forward(tagger.architecture, tagger.weights), tagger.encoder).score(
        sentences
    ):
        for row, (number, length) in enumerate(batch.rows()):
            by_index[number] = batch.logits[row, :length]
    return by_index


@pytest.fixture
def given(span_run):
    return list(read_corpus(span_run.settings.test))


def test_a_sentence_gets_the_same_scores_alone_and_in_a_batch(span_run, given, monkeypatch):
    alone = [scores_of(span_run.tagger, [sentence])[0] for sentence in given]
    monkeypatch.setattr(scorer, "BATCH_TOKENS", 16)
    monkeypatch.setattr(scorer, "BATCH_SENTENCES", 3)
    monkeypatch.setattr(scorer, "GROUP_TOKENS", 50)
    together = scores_of(span_run.tagger, given)
    assert sorted(together) == list(range(len(given)))
    for number, expected in enumerate(alone):
        np.testing.assert_allclose(together[number], expected, atol=1e-5)


def test_scores_stay_the_same_when_spellings_are_evicted(span_run, given, monkeypatch):
    expected = scores_of(span_run.tagger, given)
    row = 2 * 4 * 4 * span_run.tagger.architecture.hidden_units
    monkeypatch.setattr(spelling_cache, "MAX_BYTES", 10 * (row + spelling_cache.SPELLING_BYTES))
    fresh = replace(span_run.tagger)
    kept = []
    for number, sentence in enumerate(given):
        (batch,) = fresh.scorer.score([sentence])
        kept.append(set(fresh.scorer.spelling_cache.row_of))
        np.testing.assert_allclose(batch.logits[0], expected[number], atol=1e-5)
    assert max(map(len, kept)) <= max(10, *(len(set(s.tokens)) for s in given))
    assert any(sooner - later for sooner, later in itertools.pairwise(kept))


def test_a_spelling_is_computed_once(span_run, monkeypatch):
    fresh = replace(span_run.tagger)
    asked = []
    table = Forward.gate_inputs
    monkeypatch.setattr(
        Forward, "gate_inputs", lambda self, f: asked.append(len(f.word_ids)) or table(self, f)
    )
    for tokens in (("Ada", "saw", "Ada"), ("saw", "Ada"), ("Ada", "Oslo")):
        list(fresh.scorer.score([Sentence(tokens=tokens)]))
    assert asked == [2, 1]


def test_batches_hold_all_sentences_within_the_limits():
    lengths = np.random.default_rng(1).integers(1, 3000, 400)
    lengths[:2] = 50_000, 1
    order = np.argsort(-lengths, kind="stable")
    parts = scorer.split_by_length(order, lengths)
    assert np.concatenate(parts).tolist() == order.tolist()
    for part in parts:
        padded = len(part) * lengths[part].max()
        assert len(part) == 1 or padded <= scorer.BATCH_TOKENS
        assert len(part) <= scorer.BATCH_SENTENCES
    few = scorer.split_by_length(np.arange(200), np.full(200, 5))
    assert [len(part) for part in few] == [96, 96, 8]


def test_sentences_without_tokens_are_left_out(span_run):
    sentences = [Sentence(tokens=()), Sentence(tokens=("Ada",)), Sentence(tokens=())]
    assert list(scores_of(span_run.tagger, sentences)) == [1]
    assert scores_of(span_run.tagger, [Sentence(tokens=())]) == {}


@pytest.mark.parametrize("name", ["span_run", "plain_run"])
def test_weight_shapes_are_those_of_the_network(request, name):
    tagger = request.getfixturevalue(name).tagger
    shapes = {name: weight.shape for name, weight in tagger.weights.items()}
    assert shapes == weight_shapes(tagger.architecture)


def test_log_softmax_equals_numpy_in_double_precision():
    scores = np.random.default_rng(2).normal(0, 9, (3, 4, 5)).astype(np.float32)
    expected = scores - np.logaddexp.reduce(scores.astype(np.float64), axis=-1, keepdims=True)
    np.testing.assert_allclose(scorer.log_softmax(scores), expected, rtol=1e-5, atol=1e-5)
