"""Answers to a collapse: decisions on given alarms, and their effect in the loop on a tiny corpus."""

import json
from dataclasses import replace

import keras
import numpy as np
import pytest

from seqlab.corpus.schemes import Scheme
from seqlab.corpus.sentence import Sentence
from seqlab.scoring.score import score
from seqlab.training.collapse_answers import (
    AnswerRules,
    CollapseAnswer,
    find_answers,
    weight_factors,
)
from seqlab.training.loop import optimizer_state, train_network
from seqlab.training.task import TrainingPlan, TrainingTask
from tests.reporting.records import alarm
from tests.training.small import encode, make_batcher, word_network

pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept:DeprecationWarning"
)


def answers(on_collapse, alarms, past=(), *, best_f1=None, **rules):
    found = {"PER": 0.6, "LOC": 0.6} if best_f1 is None else best_f1
    return find_answers(
        on_collapse, alarms, past, best_epoch=1, best_f1=found, rules=AnswerRules(**rules)
    )


@pytest.mark.parametrize("on_collapse", ["warn", "stop", "restore", "reweight"])
def test_without_an_alarm_there_is_no_answer(on_collapse):
    assert answers(on_collapse, []) == ()


def test_warn_does_nothing():
    assert answers("warn", [alarm()]) == ()


def test_stop_ends_training_at_the_first_alarm():
    (answer,) = answers("stop", [alarm("PER"), alarm("LOC")])
    assert (answer.action, answer.name, answer.to_epoch) == ("stop", "PER", 1)
    assert answer.message() == "class 'PER' collapses: training ends, epoch 1 is kept"


def test_restore_goes_back_a_limited_number_of_times():
    past = []
    for epoch in range(2, 6):
        past += answers("restore", [alarm(epoch=epoch)], past, restores=2)
    assert [(answer.epoch, answer.to_epoch) for answer in past] == [(2, 1), (3, 1)]
    assert past[0].message() == "class 'PER' collapses: back to the weights of epoch 1"


def forgotten(train_tokens=5):
    return replace(alarm(), rule="forgotten", loss=None, f1=0.2, train_tokens=train_tokens)


@pytest.mark.parametrize(("old", "count"), [({"PER": 0.3}, 1), ({"PER": 0.1}, 0), ({}, 0)])
def test_restore_compares_a_forgotten_class_on_the_old_data(old, count):
    found = find_answers(
        "restore", [forgotten()], (), best_epoch=1, best_f1={"PER": 0.9}, best_old_f1=old
    )
    assert len(found) == count


def test_reweight_helps_a_forgotten_class_only_if_training_has_it():
    assert [answer.factor for answer in answers("reweight", [forgotten()])] == [1.5]
    assert answers("reweight", [forgotten(train_tokens=0)]) == ()


def test_a_class_with_two_alarms_is_reweighted_once():
    assert [a.factor for a in answers("reweight", [alarm(), forgotten()])] == [1.5]


@pytest.mark.parametrize("best_f1", [{"PER": 0.0}, {}])
def test_restore_does_not_go_back_to_an_epoch_without_the_class(best_f1):
    assert answers("restore", [alarm()], best_f1=best_f1) == ()


def test_reweight_raises_by_a_factor_up_to_its_limit():
    past = []
    for epoch in range(2, 8):
        past += answers("reweight", [alarm(epoch=epoch)], past)
    assert [answer.factor for answer in past] == [1.5, 2.25, 3.375, 4.0]
    assert weight_factors(past) == {"PER": 4.0}


def test_reweight_counts_each_class_separately():
    past = answers("reweight", [alarm("PER")])
    past += answers("reweight", [alarm("PER", epoch=3), alarm("LOC", epoch=3)], past)
    assert weight_factors(past) == {"PER": 2.25, "LOC": 1.5}


def test_an_answer_as_json_and_in_words():
    answer = CollapseAnswer(action="reweight", name="PER", epoch=2, factor=1.5)
    message = "class 'PER' has 1.5 times its initial weight from the next epoch on"
    assert answer.to_json() == {
        "action": "reweight",
        "name": "PER",
        "epoch": 2,
        "factor": 1.5,
        "message": message,
    }


# The word 'h' is always X; 'g' is X in 30 sentences, Z in 18: so X is likelier, and Z is never predicted.
LOSING = [
    Sentence(tokens=("a", "h", "g"), tags=("Y", "X", "X" if n % 8 < 5 else "Z")) for n in range(48)
]
# Here each word has one tag, and no class collapses.
EASY = [Sentence(tokens=("a", "g", "h"), tags=("Y", "X", "Z")) for _ in range(20)]


def trained(sentences, on_collapse, *, epochs=14, rate=0.05, scripted=None):
    """A network of words only, its history and its state after training."""
    batcher = make_batcher(sentences, size=10)
    counts = {tag: sum(s.tags.count(tag) for s in sentences) for tag in "XYZ"}
    tags = sorted("XYZ", key=lambda tag: (-counts[tag], tag))
    assert encode(sentences).tag_counts().tolist() == [counts[tag] for tag in tags]
    gold = [s.tags for s in sentences]
    given = iter(scripted or ())

    def figures(predictions):
        said = [[tags[number - 1] for number in row] for row in predictions]
        return score(gold, next(given) if scripted else said, Scheme.PLAIN, classes=tuple("XYZ"))

    task = TrainingTask(
        train=batcher,
        valid=batcher,
        class_weights=np.ones(3, np.float32),
        class_names=tags,
        score=figures,
    )
    plan = TrainingPlan(
        epochs=epochs,
        patience=99,
        select="macro_f1",
        seed=1,
        clip_norm=5.0,
        on_collapse=on_collapse,
    )
    network, seen = word_network(keras.optimizers.Adam(rate)), []
    watch = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: seen.append(state_of(network)),
        on_epoch_end=lambda epoch, logs: seen.append(state_of(network)),
    )
    result = train_network(network, task, plan, callbacks=[watch])
    return result, network, seen


def state_of(network):
    """Weights and optimizer state, without the learning rate."""
    optimizer = [keras.ops.convert_to_numpy(v).copy() for v in optimizer_state(network)]
    return [*network.get_weights(), *optimizer]


def same(ours, theirs):
    return all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))


def lines(result):
    """history.jsonl without the times, as text."""
    found = [record.to_json() for record in result.history]
    for line in found:
        for measured in ("seconds", "evaluation_seconds", "train_tokens_per_second"):
            del line[measured]
    return json.dumps(found)


def test_reweight_saves_a_class_that_warn_loses():
    warned, _, _ = trained(LOSING, "warn")
    assert warned.history[-1].figures.classes["Z"].f1 == 0
    assert [a.name for a in warned.history[-1].alarms] == ["Z"]
    assert all(record.answers == () for record in warned.history)
    saved, _, _ = trained(LOSING, "reweight")
    best = saved.history[saved.best_epoch - 1].figures
    assert best.classes["Z"].recall == 1
    assert best.macro_f1 > max(record.figures.macro_f1 for record in warned.history)
    raised = [a.factor for record in saved.history for a in record.answers]
    assert raised[:2] == [1.5, 2.25]
    first, last = saved.history[0].train.weights, saved.history[-1].train.weights
    ratio = (last["Z"] / last["X"]) / (first["Z"] / first["X"])
    assert ratio == pytest.approx(raised[-1])
    valid = saved.history[-1].valid.weights  # the validation loss stays comparable
    assert valid["Z"] == pytest.approx(valid["X"])


@pytest.mark.bits("repeated")
@pytest.mark.parametrize("on_collapse", ["stop", "restore", "reweight"])
def test_without_a_collapse_the_history_equals_that_of_warn_byte_for_byte(on_collapse):
    warned, network, _ = trained(EASY, "warn", epochs=6, rate=0.5)
    assert all(record.alarms == () for record in warned.history)
    answered, other, _ = trained(EASY, on_collapse, epochs=6, rate=0.5)
    assert lines(answered) == lines(warned)
    assert same(network.get_weights(), other.get_weights())


@pytest.mark.bits("copied")
def test_stop_ends_with_the_best_epoch():
    result, network, seen = trained(LOSING, "stop")
    assert len(result.history) == 5  # never found in 5 epochs
    assert [a.action for a in result.history[-1].answers] == ["stop"]
    weights = network.get_weights()
    assert same(weights, seen[2 * result.best_epoch - 1][: len(weights)])


@pytest.mark.bits("copied")
def test_restore_brings_back_weights_and_optimizer_of_the_best_epoch():
    gold = [s.tags for s in EASY]
    lost = [tuple("X" if tag == "Z" else tag for tag in tags) for tags in gold]
    script = [gold, lost, lost, lost]
    result, _, seen = trained(EASY, "restore", epochs=4, scripted=script)
    begins, ends = seen[0::2], seen[1::2]
    assert [len(record.answers) for record in result.history] == [0, 1, 1, 0]
    assert not same(ends[1], ends[0])
    assert same(begins[2], ends[0])
    assert same(begins[3], ends[0])
    assert result.history[1].answers[0].to_epoch == result.best_epoch == 1
