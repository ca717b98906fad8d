"""What `fit` reports with weights, against a mean in numpy; the reply to each wrong call."""

from dataclasses import replace

import numpy as np
import pytest

from tests import tiny
from tests.questions.scripts import load, printed

pytestmark = tiny.KERAS_NOISE
script = load("what_do_weights_touch")

SEED = 3
CHANGED = {name: set(names) for name, names in script.DOCUMENTED.items()}


@pytest.fixture(scope="module")
def toy():
    return script.make_toy(7, 5, SEED)


@pytest.fixture(scope="module")
def found(toy):
    return script.trials(toy, seed=SEED)


def by_hand(words, labels, weights):
    """Loss over N * T, accuracy, and accuracy over the sum of weights, token by token."""
    scores = script.frozen_network(SEED).predict(words, verbose=0)
    loss = right = heavy = 0.0
    for place in np.ndindex(words.shape):
        gold = labels[place].argmax()
        hit = float(scores[place].argmax() == gold)
        loss -= weights[place] * np.log(scores[place][gold])
        right, heavy = right + hit, heavy + weights[place] * hit
    return loss / words.size, right / words.size, heavy / weights.sum()


def test_figures_are_those_of_a_loop(toy, found):
    plain, trials = found
    random = {trial.argument: trial.logs for trial in trials if trial.values == "random"}
    by_token = script.make_weights("random", toy.words.shape, SEED)
    per_class = script.make_weights("random", (script.CLASSES,), SEED)
    ones = np.ones(toy.words.shape)
    train, valid = (toy.words, toy.labels), (toy.valid_words, toy.valid_labels)
    expected = {
        ("sample_weight", ""): (*train, by_token),
        ("class_weight", ""): (*train, per_class[toy.ids]),
        ("validation weights", "val_"): (*valid, by_token),
        ("sample_weight", "val_"): (*valid, ones),
        ("validation weights", ""): (*train, ones),
    }
    for (argument, prefix), arrays in expected.items():
        names = [prefix + name for name in ("loss", "metric", "weighted")]
        assert [random[argument][n] for n in names] == pytest.approx(by_hand(*arrays), rel=1e-4), (
            argument
        )
    assert plain["loss"] == pytest.approx(by_hand(*train, ones)[0], rel=1e-5)


def test_weights_of_1_change_nothing_and_of_0_the_loss(found):
    for trial in found[1]:
        if trial.values == "1":
            assert not trial.changed
        if trial.values == "0":
            loss = "val_loss" if trial.argument == "validation weights" else "loss"
            assert trial.logs[loss] == 0
    assert script.summary(found[1]) == CHANGED


def test_wrong_calls(toy):
    found = {call.call: call for call in script.wrong_calls(toy, seed=SEED)}
    assert all(call.right for call in found.values())
    assert found["class_weight, one-hot (N, T, C)"].keras.startswith("TypeError")
    both = found["class_weight and sample_weight"]
    assert both.keras.startswith("ValueError: You cannot")
    square = found["class_weight, ids (N, T), T sentences per batch"]
    assert square.silent
    assert "the weight of sentence t on token t" in square.keras
    assert "one weight per class" in found["sample_weight (C,), one per class"].seqlab
    assert "fits sentences of 4 tokens" in found["sample_weight (N, T - 1)"].seqlab
    text = " ".join(call.keras for call in found.values())
    assert "cardinality" in text


def test_wrong_weights_are_counted(toy):
    per_class = np.arange(1, script.CLASSES + 1, dtype=np.float32)
    text, right = script.computed(toy, per_class, per_class[toy.ids] + (toy.ids == 0))
    assert not right
    assert f"right on {(toy.ids != 0).sum()} of {toy.ids.size}" in text


def wrong_call(*, silent, right):
    return script.WrongCall(call="a call", keras="", silent=silent, seqlab="", right=right)


def test_the_conclusion_says_what_was_measured():
    failures = [wrong_call(silent=True, right=True), wrong_call(silent=False, right=True)]
    first, second = script.conclusion(CHANGED, failures, "3.99")
    assert first == (
        "Keras 3.99 behaves as documented. Training weights do not affect validation figures. "
        "Validation weights do affect val_loss."
    )
    assert second == (
        "On sequences Keras rejects 1 of 2 calls and silently accepts 1 (a call). seqlab gives the "
        "right weights or a one-line error in 2."
    )


def test_other_figures_change_the_conclusion():
    measured = CHANGED | {"sample_weight": {"loss", "val_loss"}, "validation weights": set()}
    failures = [replace(wrong_call(silent=False, right=True), right=False)]
    first, second = script.conclusion(measured, failures, "3.99")
    assert "sample_weight changed loss, val_loss; documented: loss, weighted" in first
    assert "validation weights changed nothing; documented: val_loss, val_weighted" in first
    assert "Training weights do affect validation figures. Validation weights do not" in first
    assert "rejects 1 of 1 calls and silently accepts 0. " in second
    assert second.endswith("in 0.")


def test_the_script_prints_two_lines(monkeypatch, capsys):
    text, (first, second) = printed(
        script, monkeypatch, capsys, "--sentences", "9", "--tokens", "4"
    )
    assert text.count("*") > 6
    assert first.startswith("Keras 3")
    assert second.startswith("On sequences Keras rejects")
