"""Deferred re-weighting: class weights that act from a given epoch on."""

import numpy as np
import pytest

from seqlab.corpus.schemes import Scheme
from seqlab.scoring.score import score
from seqlab.training.loop import train_network
from seqlab.training.task import TrainingPlan, TrainingTask
from tests.training.small import TAGS, make_batcher, make_corpus, word_network


@pytest.fixture
def task():
    sentences = [
        type(s)(tokens=s.tokens, tags=s.tags) for s in make_corpus(12)
    ]  # class weights only
    batcher = make_batcher(sentences)
    gold = [s.tags for s in sentences]

    def figures(predictions):
        symbols = sorted(TAGS)
        tags = [[symbols[number - 1] for number in row] for row in predictions]
        return score(gold, tags, Scheme.PLAIN)

    return TrainingTask(
        train=batcher,
        valid=batcher,
        class_weights=np.array([1, 2, 4], np.float32),
        class_names=["a", "b", "c"],
        score=figures,
        reweight_from=3,
    )


def test_before_that_epoch_all_classes_have_the_same_weight(task):
    plan = TrainingPlan(epochs=4, patience=9, select="valid_loss", seed=1, clip_norm=5.0)
    history = train_network(word_network(), task, plan).history
    for record in history[:2]:
        assert record.train.weights == pytest.approx({"a": 1, "b": 1, "c": 1})
        assert record.train.weighted == pytest.approx(record.train.unweighted)
    for record in history[2:]:
        weights = record.train.weights
        assert weights["b"] / weights["a"] == pytest.approx(2)
        assert weights["c"] / weights["a"] == pytest.approx(4)


def test_the_validation_loss_is_weighted_in_every_epoch(task):
    plan = TrainingPlan(epochs=1, patience=9, select="valid_loss", seed=1, clip_norm=5.0)
    (record,) = train_network(word_network(), task, plan).history
    assert record.valid.weights["c"] / record.valid.weights["a"] == pytest.approx(4)
