"""Weights by length: the right ones and two mistakes, worked out by hand; shares of the loss by a loop."""

import numpy as np
import pytest

from tests import tiny
from tests.questions.scripts import load, printed

pytestmark = tiny.KERAS_NOISE
script = load("length_weights")


def test_three_loops_by_hand():
    assert script.right([2, 8, 4]).tolist() == [0.25, 1, 0.5]
    assert script.longest_so_far([2, 8, 4]).tolist() == [1, 1, 0.5]
    assert script.again_and_again([2, 8, 4]).tolist() == [1 / 8 / 4, 1 / 4, 1]


def test_with_the_longest_first_the_mistake_hides():
    lengths = [9, 2, 5, 9]
    assert script.longest_so_far(lengths).tolist() == script.right(lengths).tolist()


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


def test_dependence_on_the_order():
    lengths = list(range(1, 20))
    assert script.dependence(script.right, lengths, seed=1) == 0
    assert script.dependence(script.longest_so_far, lengths, seed=1) > 0.3


def findings(right, *, none=0.3, wrong=0.5, order=0.7):
    shares = {"none": none, "right": right, "longest so far": wrong, "again and again": wrong}
    weights = {name: np.array([0.5, 1.0]) for name in shares}
    weights["longest so far"] = np.array([1.0, 1.0])
    return script.Findings(
        weights=weights,
        shares={name: np.array([0, 1 - share, share]) for name, share in shares.items()},
        order=dict.fromkeys(shares, order) | {"none": 0.0, "right": 0.0},
    )


def test_the_conclusion_says_what_the_figures_say():
    first, second = script.conclusion(findings(0.6))
    assert first == (
        "Right length weights raise the share of the loss that sentences of 16 and more tokens carry "
        "(30.0% to 60.0%), and do not depend on the order of the file."
    )
    assert "'longest so far' gets 50% of the weights wrong (50.0% of the loss; a shuffle" in second
    assert "'again and again' gets 0% of the weights wrong" in second
    assert second.endswith("divide after the loop.")


def test_the_conclusion_turns_with_the_figures():
    first, second = script.conclusion(findings(0.2, order=0.0))
    assert "weights lower the share" in first
    assert "no shuffle matters" in second
    assert second.endswith("here it makes no difference.")
    assert "weights leave the share" in script.conclusion(findings(0.3))[0]


def test_the_script_prints_two_lines(monkeypatch, capsys):
    text, (first, second) = printed(
        script, monkeypatch, capsys, "--sentences", "80", "--epochs", "1"
    )
    rows = [line.split() for line in text.split("\n")[1:9]]
    lengths = [int(row[1]) for row in rows]
    longest = round(lengths[0] / float(rows[0][3]))
    for row, length in zip(rows, lengths, strict=True):
        assert float(row[3]) == pytest.approx(length / longest, rel=0.02)
    assert first.startswith("Right length weights raise")
    assert second.endswith("divide after the loop.")
