"""The synthetic task: its ambiguity is as stated; its figures agree with scikit-learn."""

from collections import Counter, defaultdict

import numpy as np
import pytest
from sklearn.metrics import f1_score

from tests import tiny
from tests.questions.scripts import load

pytestmark = tiny.KERAS_NOISE
task = load("synthetic_tagging")


def test_a_word_carries_its_tag_as_often_as_stated():
    tags = defaultdict(Counter)
    for sentence in task.make_sentences(400, seed=1, shares={"O": 0.2, "PER": 0.8}):
        for token, tag in zip(sentence.tokens, sentence.tags, strict=True):
            tags[token][tag] += 1
    words = task.words_of("PER")
    for parity, certainty in enumerate(task.CERTAINTIES):
        counts = sum((tags[word] for word in words[parity::2]), Counter())
        assert counts["PER"] / counts.total() == pytest.approx(certainty, abs=0.05)


def test_endings_tell_the_classes_apart():
    endings = {name: {word[-2:] for word in task.words_of(name)} for name in task.SHARES}
    del endings["O"]
    assert all(len(found) == 1 for found in endings.values())
    assert len(set.union(*endings.values())) == len(endings)


def test_the_same_seed_gives_the_same_sentences_of_mixed_lengths():
    first, again, other = (task.make_sentences(60, seed=seed) for seed in (1, 1, 2))
    assert first == again != other
    assert len({len(sentence) for sentence in first}) > 10
    assert min(map(len, first)) >= 3


def test_figures_of_training_are_those_of_scikit_learn():
    sentences = task.make_sentences(90, seed=1, shares={"O": 0.5, "PER": 0.3, "LOC": 0.2})
    data = task.encode(sentences[:60], sentences[60:])
    weights = dict.fromkeys(data.tags, 1.0)
    network, result = task.train_small(data, weights, epochs=2, seed=1)
    gold = np.concatenate([s.tags for s in data.valid])
    scores = np.concatenate(list(task.token_probabilities(network, data.valid_arrays)))
    predicted = np.array(data.tags)[scores.argmax(axis=1)]
    figures = result.history[result.best_epoch - 1].figures
    for name in data.tags:
        expected = f1_score(gold == name, predicted == name)
        assert figures.classes[name].f1 == pytest.approx(expected)
    chosen = scores[np.arange(len(gold)), [data.tags.index(tag) for tag in gold]]
    loss = -np.log(chosen.astype(np.float64)).mean()
    assert result.history[result.best_epoch - 1].valid_loss == pytest.approx(loss, rel=1e-4)
