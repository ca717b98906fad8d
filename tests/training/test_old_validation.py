"""The old validation data in the loop: figures of every epoch, alarms for forgotten classes, and answers to them."""

import json
from dataclasses import asdict, replace

import numpy as np
import pytest

from seqlab.corpus.schemes import Scheme
from seqlab.scoring.figures import ItemCounts, class_figures
from seqlab.scoring.score import score
from seqlab.training.epoch_record import EndReason
from seqlab.training.loop import train_network
from seqlab.training.task import OldValidation, TrainingPlan, TrainingTask
from seqlab.training.training_state import record_from
from tests.training.small import TAGS, make_batcher, make_corpus, word_network

pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept:DeprecationWarning"
)

TRAIN, VALID, OLD = make_corpus(21, seed=1), make_corpus(8, seed=2), make_corpus(12, seed=3)


def tags_by_count():
    counts = {tag: sum(s.tags.count(tag) for s in TRAIN) for tag in TAGS}
    return sorted(TAGS, key=lambda tag: (-counts[tag], tag))


def scorer(sentences, spoilt=""):
    """A function that scores predictions of these sentences. spoilt: a class whose predictions are replaced."""

    def score_tags(predictions):
        tags = [[tags_by_count()[number - 1] for number in row] for row in predictions]
        tags = [[TAGS[0] if tag == spoilt else tag for tag in row] for row in tags]
        gold = [s.tags for s in sentences]
        return score(gold, tags, Scheme.PLAIN, classes=TAGS)

    return score_tags


def trained(on_collapse="warn", spoilt="Z", epochs=2):
    """Trained with old data of which the class `spoilt` was perfect before, and is never predicted after."""
    perfect = scorer(OLD)([[tags_by_count().index(tag) + 1 for tag in s.tags] for s in OLD])
    task = TrainingTask(
        train=make_batcher(TRAIN),
        valid=make_batcher(VALID, TRAIN, size=3),
        class_weights=np.ones(3, np.float32),
        class_names=tags_by_count(),
        score=scorer(VALID),
        old=OldValidation(
            batcher=make_batcher(OLD, TRAIN, size=5), score=scorer(OLD, spoilt), before=perfect
        ),
    )
    plan = TrainingPlan(
        epochs=epochs, patience=9, select="macro_f1", seed=1, clip_norm=5.0, on_collapse=on_collapse
    )
    return train_network(word_network(), task, plan)


def test_the_old_data_are_scored_after_every_epoch_and_the_forgotten_class_raises_an_alarm():
    result = trained()
    support = sum(s.tags.count("Z") for s in OLD)
    assert support >= 10
    for record in result.history:
        assert record.old_figures.classes["Z"] == class_figures(ItemCounts(0, 0, support))
        assert record.to_json()["old"] == record.old_figures.to_json()
        (alarm,) = (a for a in record.alarms if a.rule == "forgotten" and a.name == "Z")
        assert (alarm.since, alarm.best_f1, alarm.f1, alarm.support) == (1, 1.0, 0.0, support)
        assert alarm.train_tokens == sum(s.tags.count("Z") for s in TRAIN)


def test_stop_ends_the_training():
    result = trained(on_collapse="stop")
    assert (result.end_reason, len(result.history)) == (EndReason.COLLAPSE, 1)


def test_records_with_old_figures_survive_a_checkpoint():
    record = trained(epochs=1).history[0]
    assert record_from(json.loads(json.dumps(asdict(record)))) == record
    without = replace(record, old_figures=None, alarms=())
    assert record_from(json.loads(json.dumps(asdict(without)))) == without
