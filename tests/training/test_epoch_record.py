"""Losses from sums compared with a loop over tokens, and the line of history.jsonl."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.scoring.figures import Figures, ItemCounts, summarise
from seqlab.training.collapse import Alarm, LossFall
from seqlab.training.epoch_record import EpochRecord
from seqlab.training.split_losses import Losses, losses_from

NAMES = ["PER", "PER", "LOC", "O"]  # the classes of B-PER, I-PER, B-LOC and O


def sums_of(tokens):
    """float64 (5, 4), by a loop. tokens: (tag id, weight, loss) each."""
    sums = np.zeros((5, 4))
    for tag, weight, loss in tokens:
        sums[tag] += weight * loss, weight, loss, 1
    return sums


one_token = st.tuples(st.integers(0, 4), st.floats(0.01, 9), st.floats(0.01, 9))


@given(st.lists(one_token))
def test_losses_equal_a_loop_over_tokens(tokens):
    losses = losses_from(sums_of(tokens), NAMES)
    real = [
        token for token in tokens if token[0]
    ]  # row 0 is for tokens without a class, which never count
    if not real:
        assert (losses.weighted, losses.unweighted) == (None, None)
        assert losses.weights == losses.shares == {}
        assert not any(losses.tokens.values())
        return
    total = sum(weight for _, weight, _ in real)
    cost = sum(weight * loss for _, weight, loss in real)
    assert losses.weighted == pytest.approx(cost / total)
    assert losses.unweighted == pytest.approx(sum(loss for *_, loss in real) / len(real))
    present = {NAMES[tag - 1] for tag, *_ in real}
    assert set(losses.weights) == present
    for name in present:
        own = [(weight, loss) for tag, weight, loss in real if NAMES[tag - 1] == name]
        mean = sum(weight for weight, _ in own) / len(own)
        assert losses.weights[name] == pytest.approx(mean)
        share = sum(weight * loss for weight, loss in own) / cost
        assert losses.shares[name] == pytest.approx(share)
    assert sum(losses.shares.values()) == pytest.approx(1)


def test_losses_by_hand():
    losses = losses_from(sums_of([(0, 9, 9), (1, 3, 2), (2, 1, 4), (4, 0.5, 1)]), NAMES)
    assert losses.weighted == pytest.approx(10.5 / 4.5)
    assert losses.unweighted == pytest.approx(7 / 3)
    assert losses.weights == pytest.approx({"PER": 2, "O": 0.5})
    assert losses.shares == pytest.approx({"PER": 10 / 10.5, "LOC": 0, "O": 0.5 / 10.5})


def test_without_any_weight_the_weighted_loss_is_undefined():
    losses = losses_from(sums_of([(1, 0, 2), (4, 0, 1)]), NAMES)
    assert (losses.weighted, losses.unweighted) == (None, 1.5)
    assert (losses.weights, losses.shares) == ({"PER": 0, "O": 0}, {})
    assert sum(losses.tokens.values()) == 2


def test_names_must_fit_the_sums():
    with pytest.raises(ValueError, match="longer"):
        losses_from(np.ones((5, 4)), NAMES[:3])


def record(**sums):
    summary = summarise({name: ItemCounts(*counts) for name, counts in sums.items()})
    alarm = Alarm(
        rule="vanished", name="PER", epoch=3, since=3, before=2, support=4, predicted=0,
        f1=0.0, best_f1=0.5, best_epoch=2, loss=LossFall("valid loss", 1.5, 1.25),
    )  # fmt: skip
    return EpochRecord(
        epoch=3,
        train=Losses(
            weighted=0.5,
            unweighted=0.75,
            weights={"PER": 2.0},
            shares={"PER": 1.0},
            tokens={"PER": 7},
        ),
        valid=Losses(weighted=None, unweighted=None, weights={}, shares={}, tokens={}),
        figures=Figures(
            micro_f1=summary.micro_f1,
            macro_f1=summary.macro_f1,
            token_accuracy=None,
            classes=summary.classes,
            classes_never_found=summary.classes_never_found,
            strict=None,
        ),
        selected=None,
        best=False,
        learning_rate=0.001,
        seconds=2.0,
        evaluation_seconds=1.0,
        train_tokens_per_second=100.0,
        alarms=(alarm,),
    )


def test_the_line_of_history_has_every_key_and_null_for_undefined():
    line = json.dumps(record(PER=(0, 0, 4), LOC=(0, 0, 0)).to_json(), allow_nan=False)
    found = json.loads(line)
    assert found.keys() == {
        "epoch", "train_loss", "train_loss_unweighted", "valid_loss", "valid_loss_unweighted",
        "selected", "best", "learning_rate", "seconds", "evaluation_seconds",
        "train_tokens_per_second", "micro_f1", "macro_f1", "token_accuracy", "classes",
        "classes_never_found", "strict", "weights", "train_tokens", "loss_shares", "valid_loss_shares",
        "alarms", "answers",
    }  # fmt: skip
    assert found["classes"] == {
        "PER": {"precision": None, "recall": 0.0, "f1": 0.0, "support": 4, "predicted": 0},
        "LOC": {"precision": None, "recall": None, "f1": None, "support": 0, "predicted": 0},
    }
    undefined = ("valid_loss", "valid_loss_unweighted", "selected", "token_accuracy")
    assert [found[name] for name in undefined] == [None] * 4
    assert (found["train_loss"], found["train_loss_unweighted"]) == (0.5, 0.75)
    assert (found["weights"], found["loss_shares"]) == ({"PER": 2.0}, {"PER": 1.0})
    (alarm,) = found["alarms"]
    assert alarm["rule"] == "vanished"
    assert alarm["loss"] == {"name": "valid loss", "before": 1.5, "now": 1.25}
    assert alarm["message"].startswith("class 'PER' has vanished since epoch 3")


def test_a_loss_of_nan_or_infinity_is_null():
    nan, infinity = float("nan"), float("inf")
    exploded = Losses(
        weighted=nan, unweighted=infinity, weights={"A": 1.0}, shares={"A": nan}, tokens={}
    )
    line = json.dumps(replace(record(A=(0, 0, 4)), train=exploded).to_json(), allow_nan=False)
    found = json.loads(line)
    assert found["train_loss"] is found["train_loss_unweighted"] is None
    assert (found["weights"], found["loss_shares"]) == ({"A": 1.0}, {"A": None})


def test_the_collapse_rules_read_the_weighted_losses():
    assert record(PER=(0, 0, 4)).train_loss == 0.5
    assert record(PER=(0, 0, 4)).valid_loss is None
