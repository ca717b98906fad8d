"""Weights by length: correct ones and two mistakes, worked out by hand; shares of the loss by a loop."""

import numpy as np
import pytest

from tests import tiny
from tests.questions.scripts import load, printed

pytestmark = tiny.KERAS_NOISE
script = load("length_weights")


def test_three_loops_by_hand():
    assert script.length_weights([2, 8, 4]).tolist() == [0.25, 1, 0.5]
    assert script.longest_so_far([2, 8, 4]).tolist() == [1, 1, 0.5]
    assert script.repeated_division([2, 8, 4]).tolist() == [1 / 8 / 4, 1 / 4, 1]


def test_with_the_longest_first_the_mistake_hides():
    lengths = [9, 2, 5, 9]
    assert script.longest_so_far(lengths).tolist() == script.length_weights(lengths).tolist()


def test_shares_of_the_loss_by_a_loop():
    random = np.random.default_rng(1)
    lengths = random.integers(1, 30, 40)
    losses = [random.uniform(0, 3, length) for length in lengths]
    weights = random.uniform(0.1, 1, 40)
    sums = [0.0, 0.0, 0.0]
    for length, weight, tokens in zip(lengths, weights, losses, strict=True):
        group = 0 if length < 8 else 1 if length < 16 else 2
        sums[group] += sum(weight * loss for loss in tokens)
    expected = [part / sum(sums) for part in sums]
    assert script.loss_shares(weights, losses).tolist() == pytest.approx(expected, rel=1e-5)


def test_change_by_shuffling():
    lengths = list(range(1, 20))
    assert script.shuffle_change(script.length_weights, lengths, seed=1) == 0
    assert script.shuffle_change(script.longest_so_far, lengths, seed=1) > 0.3


def effects(correct, *, none=0.3, wrong=0.5, change=0.7):
    shares = {"none": none, "correct": correct}
    shares |= {"longest so far": wrong, "repeated division": wrong}
    weights = {name: np.array([0.5, 1.0]) for name in shares}
    weights["longest so far"] = np.array([1.0, 1.0])
    return script.MethodEffects(
        weights=weights,
        shares={name: np.array([0, 1 - share, share]) for name, share in shares.items()},
        shuffle_change=dict.fromkeys(shares, change) | {"none": 0.0, "correct": 0.0},
    )


def test_the_conclusion_says_what_the_figures_say():
    first, second = script.conclusion(effects(0.6))
    assert first == (
        "Correct length weights raise the share of the loss from sentences of 16 or more tokens "
        "(30.0% to 60.0%). They do not depend on the order of the file."
    )
    assert second == (
        "Division inside the loop: 'longest so far' gets 50% of the weights wrong (long sentences have "
        "50.0% of the loss; shuffling changes a weight by up to 0.70); 'repeated division' gets 0% of "
        "the weights wrong (long sentences have 50.0% of the loss; shuffling changes a weight by up to "
        "0.70). Divide after the loop."
    )


def test_other_figures_change_the_conclusion():
    first, second = script.conclusion(effects(0.2, change=0.0))
    assert "weights lower the share" in first
    assert "shuffling changes nothing" in second
    assert second.endswith("The order of this file makes no difference.")
    assert "weights hardly change the share" in script.conclusion(effects(0.3))[0]


def test_the_script_prints_two_lines(monkeypatch, capsys):
    text, (first, second) = printed(
        script, monkeypatch, capsys, "--sentences", "80", "--epochs", "1"
    )
    rows = [line.split() for line in text.split("\n")[1:9]]
    lengths = [int(row[1]) for row in rows]
    longest = round(lengths[0] / float(rows[0][3]))
    for row, length in zip(rows, lengths, strict=True):
        assert float(row[3]) == pytest.approx(length / longest, rel=0.02)
    assert first.startswith("Correct length weights raise")
    assert second.endswith("Divide after the loop.")
