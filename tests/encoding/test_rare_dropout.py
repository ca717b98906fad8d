"""Rare words are hidden in training with the published probability; nothing else is."""

from collections import Counter

import numpy as np
import pytest

from seqlab.corpus.sentence import Sentence
from seqlab.encoding.batches import Batcher
from seqlab.encoding.encoder import fit_encoder
from seqlab.encoding.rare_dropout import rare_dropout

COUNTS = {"twelve": 12, "four": 4, "one": 1}
SENTENCES = [
    Sentence(tokens=(word,) * 2 if count > 1 else (word,), tags=("X",) * (2 if count > 1 else 1))
    for word, count in COUNTS.items()
    for _ in range(max(1, count // 2))
]
ENCODER = fit_encoder(SENTENCES, min_word_count=1, word_features=("case", "suffix"))
CORPUS = ENCODER.encode(SENTENCES)


def batches(hiding, seeds):
    batcher = Batcher(CORPUS, size=99, hiding=hiding)
    return [batcher.batch(np.arange(len(CORPUS)), seed=seed) for seed in seeds]


def shares_hidden(hiding, trials=400):
    """For each word, the share of its tokens that are read as the unknown word."""
    hidden, (plain,) = Counter(), batches(None, [None])
    for batch in batches(hiding, [(1, 1, number) for number in range(trials)]):
        for word in COUNTS:
            is_word = plain.words == ENCODER.words.ids[word]
            hidden[word] += (batch.words[is_word] == 1).mean() / trials
    return hidden


@pytest.mark.parametrize("alpha", [0.5, 3.0])
def test_a_word_of_n_tokens_is_hidden_with_alpha_over_alpha_plus_n(alpha):
    found = shares_hidden(rare_dropout(CORPUS, alpha))
    for word, count in COUNTS.items():
        assert found[word] == pytest.approx(alpha / (alpha + count), abs=0.06)


@pytest.mark.bits("copied")
def test_words_with_a_vector_and_padding_stay():
    ids = ENCODER.words.ids
    hiding = rare_dropout(CORPUS, 1e9, never=[ids["four"], ids["one"], 99])
    (plain,), (found,) = batches(None, [None]), batches(hiding, [(1, 1, 1)])
    expected = np.where(plain.words == ids["twelve"], 1, plain.words)
    np.testing.assert_array_equal(found.words, expected)
    assert (plain.words == 0).any()


@pytest.mark.bits("copied")
def test_a_batch_depends_on_its_seed_and_without_a_seed_nothing_is_hidden():
    hiding = rare_dropout(CORPUS, 1.0)
    one, same, other, valid = batches(hiding, [(1, 1, 1), (1, 1, 1), (1, 2, 1), None])
    (plain,) = batches(None, [None])
    for name in plain.inputs:
        np.testing.assert_array_equal(one.inputs[name], same.inputs[name])
        np.testing.assert_array_equal(valid.inputs[name], plain.inputs[name])
    assert (one.words != other.words).any()
    for name, ids in plain.features.items():
        np.testing.assert_array_equal(one.features[name], ids)
