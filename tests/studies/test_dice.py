"""The two definitions of dice loss: values by hand, and the slope for a token that is surely wrong."""

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

from tests import tiny

pytestmark = tiny.KERAS_NOISE
FOLDER = Path(__file__).resolve().parents[2] / "scripts" / "studies"
GOLD = np.eye(3, dtype=np.float32)[[0, 0, 1]]
SURE = np.array([[0.8, 0.1, 0.1], [0.6, 0.2, 0.2], [0.5, 0.3, 0.2]], np.float32)


@pytest.fixture
def study(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    yield importlib.import_module("dice")
    sys.modules.pop("dice", None)


def test_over_the_batch_it_is_one_minus_a_soft_f1(study):
    """Class 0: 2 * (.8 + .6) + 1 over (.8 + .6 + .5) + 2 + 1. Class 2 has no gold token."""
    soft = [(2 * 1.4 + 1) / (1.9 + 2 + 1), (2 * 0.3 + 1) / (0.6 + 1 + 1), 1 / (0.5 + 1)]
    loss = float(study.dice_of_batch(GOLD, SURE, alpha=0.0))
    assert loss == pytest.approx(1 - np.mean(soft), rel=1e-6)


def test_per_token_it_is_a_sum_over_classes(study):
    total = 0.0
    for gold, row in zip(GOLD, SURE.astype(np.float64), strict=True):
        q = (1 - row) ** 0.5 * row
        total += sum(1 - (2 * q * gold + 1) / (q + gold + 1))
    assert float(study.dice_of_tokens(GOLD, SURE, alpha=0.5)) == pytest.approx(total / 3, rel=1e-5)


def pulls(loss, score):
    """The pull of 10 rare tokens on the score of their class, as a share of the push of 190 tokens of class 0.

    score: of class 0 for every token; the other classes have 0.
    """
    import tensorflow as tf

    gold = np.eye(3, dtype=np.float32)[[0] * 190 + [1] * 10]
    scores = tf.constant(np.tile([score, 0.0, 0.0], (200, 1)), tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(scores)
        value = loss(gold, tf.nn.softmax(scores))
    slope = tape.gradient(value, scores).numpy()[:, 1]
    return -slope[190:].sum() / slope[:190].sum()


def test_rare_tokens_pull_less_the_surer_the_network_is_with_the_loss_of_tokens_alone(study):
    start, surer = (
        {name: pulls(loss, score) for name, loss in study.LOSSES.items()} for score in (0.0, 2.0)
    )
    assert start["cross-entropy"] == pytest.approx(10 / 190 * 2, rel=1e-4)  # (1 - 1/3) / (1/3)
    assert surer["cross-entropy"] > 4 * start["cross-entropy"]
    for alpha in ("0.01", "1"):
        token, batch = f"per token, alpha {alpha}", f"over the batch, alpha {alpha}"
        assert surer[token] < 0.5 * start[token]
        assert start[batch] > 3 * start[token]
    assert surer["over the batch, alpha 0.01"] > start["over the batch, alpha 0.01"]


def test_the_page_holds_the_figures(study):
    page = study.page({"cross-entropy": [0.5, 0.25, 0.125]})
    assert "| cross-entropy | 0.500 | 0.250 | 0.125 |" in page


@pytest.mark.slow
def test_each_loss_is_trained_from_each_start(study):
    figures = study.figures(number=1000, epochs=1, seeds=1)
    assert {name: len(values) for name, values in figures.items()} == dict.fromkeys(study.LOSSES, 3)
