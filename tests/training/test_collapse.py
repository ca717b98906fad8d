"""The collapse rules on short histories: alarms, no alarms, recovery and limits."""

import json
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.scoring.figures import Figures, ItemCounts, summarise
from seqlab.training.collapse import (
    CollapseRules,
    LossFall,
    find_alarms,
    find_forgotten,
    loss_fall,
    start_of_last_run,
)


@dataclass(frozen=True)
class Epoch:
    figures: Figures
    valid_loss: float | None
    train_loss: float | None


def epoch(valid_loss=1.0, train_loss=None, **classes):
    """One epoch; a class is (correct, predicted, support)."""
    summary = summarise({name: ItemCounts(*counts) for name, counts in classes.items()})
    figures = Figures(
        micro_f1=summary.micro_f1,
        macro_f1=summary.macro_f1,
        token_accuracy=None,
        classes=summary.classes,
        classes_never_found=summary.classes_never_found,
        strict=None,
    )
    return Epoch(figures, valid_loss, train_loss)


def history(*counts, losses=None):
    """Epochs of one class 'A', by default with a loss that falls by 1 per epoch."""
    losses = losses or [float(len(counts) - index) for index in range(len(counts))]
    return [epoch(loss, A=count) for loss, count in zip(losses, counts, strict=True)]


def fired(epochs, **rules):
    """The rule of the only alarm, or None."""
    alarms = find_alarms(epochs, CollapseRules(**rules))
    assert len(alarms) <= 1
    return alarms[0].rule if alarms else None


FINE = (8, 10, 10)  # F1 0.8
GONE = (0, 0, 10)


class TestVanished:
    def test_it_fires_with_all_its_facts(self):
        (alarm,) = find_alarms(history((7, 10, 10), FINE, FINE, (0, 0, 10), (1, 0, 10)))
        assert (alarm.rule, alarm.name, alarm.epoch) == ("vanished", "A", 5)
        assert (alarm.since, alarm.before) == (4, 3)
        assert (alarm.support, alarm.predicted) == (10, 0)
        assert (alarm.best_f1, alarm.best_epoch) == (pytest.approx(0.8), 2)
        assert alarm.loss == LossFall("valid loss", 3.0, 1.0)  # since the epoch before it vanished

    def test_its_message(self):
        (alarm,) = find_alarms(history(FINE, GONE, losses=[0.51234, 0.4]))
        assert alarm.message() == (
            "class 'A' has vanished since epoch 2: 0 predicted for 10 gold, F1 0.800 at epoch 1, "
            "now 0.000; meanwhile valid loss fell from 0.5123 to 0.4000. Try --crf-loss marginal, on which "
            "class weights act, or more training examples of it"
        )

    def test_its_message_names_a_valid_weight(self):
        epochs = history(FINE, GONE, losses=[0.51234, 0.4])
        (alarm,) = find_alarms(epochs, weights={"A": 3.4567, "B": 1.0})
        assert alarm.weight == 3.4567
        assert alarm.message().endswith(
            "Try --class-weight A=6.913, twice its weight of 3.457, another --class-weights, or more "
            "training examples of it"
        )

    @pytest.mark.parametrize("tens", [1, 3, 7, 29, 57, 1000, 1023, 123456])
    def test_predictions_of_a_tenth_of_the_gold_are_enough(self, tens):
        assert fired(history((tens, tens, tens), (0, tens, tens * 10))) is None
        assert fired(history((tens, tens, tens), (0, tens, tens * 10 + 1))) == "vanished"

    def test_a_class_never_predicted_has_not_vanished(self):
        assert fired(history(GONE, GONE, GONE)) is None

    def test_a_class_that_recovers_raises_no_alarm(self):
        assert fired(history(FINE, GONE, FINE)) is None

    def test_a_class_that_vanishes_again_counts_from_the_second_time(self):
        (alarm,) = find_alarms(history(FINE, GONE, FINE, GONE))
        assert (alarm.since, alarm.before) == (4, 3)

    def test_a_class_never_correct_cannot_vanish(self):
        assert fired(history((0, 5, 10), GONE)) is None
        assert fired(history((1, 5, 10), GONE)) == "vanished"

    def test_wrong_predictions_count_as_predictions(self):
        assert fired(history(FINE, (0, 10, 10))) is None  # predicted, but wrong: halved, later


class TestHalved:
    def test_it_fires_with_all_its_facts(self):
        (alarm,) = find_alarms(history(FINE, (3, 10, 10), (2, 10, 10)))
        assert (alarm.rule, alarm.since, alarm.before, alarm.epoch) == ("halved", 2, 1, 3)
        assert (alarm.f1, alarm.best_f1) == (pytest.approx(0.2), pytest.approx(0.8))
        assert alarm.loss == LossFall("valid loss", 3.0, 1.0)

    def test_its_message(self):
        (alarm,) = find_alarms(history(FINE, (3, 10, 10), (2, 10, 10)))
        assert alarm.message() == (
            "class 'A' has lost more than half of its F1 since epoch 2: 0.800 at epoch 1, now "
            "0.200; meanwhile valid loss fell from 3.0000 to 1.0000. Try --select f1:A to keep "
            "its best epoch, or a smaller --learning-rate"
        )

    def test_one_epoch_is_not_enough(self):
        assert fired(history(FINE, (3, 10, 10))) is None
        assert fired(history(FINE, (3, 10, 10), FINE, (3, 10, 10))) is None

    def test_exactly_half_raises_no_alarm(self):
        assert fired(history(FINE, (4, 10, 10), (4, 10, 10))) is None
        assert fired(history(FINE, (4, 10, 10), (3, 10, 10))) is None  # only one epoch below

    def test_recovery_ends_the_alarm(self):
        low = (3, 10, 10)
        assert fired(history(FINE, low, low)) == "halved"
        assert fired(history(FINE, low, low, (5, 10, 10))) is None

    def test_low_epochs_before_the_best_do_not_count(self):
        low = (1, 10, 10)
        assert fired(history(low, low, FINE)) is None
        assert fired(history(low, low, FINE, low)) is None
        assert fired(history(low, low, FINE, low, low)) == "halved"

    def test_the_threshold_is_a_setting(self):
        epochs = history(FINE, (6, 10, 10))
        assert fired(epochs, halved_share=0.8, halved_epochs=1) == "halved"
        assert fired(epochs, halved_share=0.7, halved_epochs=1) is None


class TestNeverFound:
    def test_it_fires_in_the_fifth_epoch(self):
        assert fired(history(*[GONE] * 4)) is None
        (alarm,) = find_alarms(history(*[GONE] * 5))
        assert (alarm.rule, alarm.since, alarm.before, alarm.epoch) == ("never-found", 1, 1, 5)
        assert alarm.loss == LossFall("valid loss", 5.0, 1.0)

    def test_its_message(self):
        (alarm,) = find_alarms(history(*[(0, 3, 10)] * 5))
        assert alarm.message() == (
            "class 'A' was never found in 5 epochs: 3 predicted for 10 gold; meanwhile valid loss "
            "fell from 5.0000 to 1.0000. Try --crf-loss marginal, on which class weights act, or more "
            "training examples of it"
        )

    def test_one_correct_prediction_prevents_the_alarm(self):
        for place in range(5):
            counts = [(0, 3, 10)] * 5
            counts[place] = (1, 3, 10)
            assert fired(history(*counts)) in {None, "halved"}

    def test_patience_is_a_setting(self):
        assert fired(history(GONE, GONE), never_found_epochs=2) == "never-found"
        assert fired(history(GONE), never_found_epochs=1) is None  # a single loss cannot fall


class TestLosses:
    COLLAPSES = (
        [FINE, GONE],
        [FINE, (3, 10, 10), (3, 10, 10)],
        [GONE] * 5,
    )

    @pytest.mark.parametrize("counts", COLLAPSES)
    def test_without_a_falling_loss_there_is_no_alarm(self, counts):
        rising = [float(index) for index in range(len(counts))]
        assert fired(history(*counts)) is not None
        assert fired(history(*counts, losses=rising)) is None
        assert fired(history(*counts, losses=[1.0] * len(counts))) is None

    @pytest.mark.parametrize("counts", COLLAPSES)
    @pytest.mark.parametrize("valid", ["rising", "missing"])
    def test_the_training_loss_counts_if_the_validation_loss_did_not_fall(self, counts, valid):
        epochs = [
            epoch(float(i) if valid == "rising" else None, train_loss=9.0 - i, A=count)
            for i, count in enumerate(counts)
        ]
        (alarm,) = find_alarms(epochs)
        assert alarm.loss == LossFall("train loss", 9.0, 9.0 - (len(counts) - 1))

    def test_only_the_losses_since_the_collapse_count(self):
        assert fired(history(FINE, FINE, GONE, losses=[9.0, 1.0, 2.0])) is None
        assert fired(history(FINE, FINE, GONE, losses=[0.5, 2.0, 1.0])) == "vanished"

    def test_without_losses_there_is_no_alarm(self):
        one = epoch(None, A=FINE)
        assert loss_fall(one, one) is None
        assert find_alarms([one, epoch(None, A=GONE)]) == ()
        assert find_alarms([epoch(1.0, A=FINE), epoch(float("nan"), A=GONE)]) == ()


def test_a_class_without_gold_is_not_watched():
    assert find_alarms(history((0, 5, 0), (0, 0, 0))) == ()
    assert find_alarms(history(*[(0, 5, 0)] * 9)) == ()


def test_without_epochs_there_is_no_alarm():
    assert find_alarms([]) == ()
    assert find_alarms(history(GONE)) == ()


def test_classes_are_judged_independently():
    counts = [
        {"A": FINE, "B": GONE, "C": FINE, "D": (90, 100, 100)},
        {"A": GONE, "B": GONE, "C": (3, 10, 10), "D": (90, 100, 100)},
        {"A": GONE, "B": GONE, "C": (3, 10, 10), "D": (90, 100, 100)},
    ]
    epochs = [epoch(3.0 - index, **each) for index, each in enumerate(counts)]
    found = find_alarms(epochs, CollapseRules(never_found_epochs=3))
    assert [(alarm.name, alarm.rule) for alarm in found] == [
        ("A", "vanished"), ("B", "never-found"), ("C", "halved"),
    ]  # fmt: skip


def test_an_alarm_as_json():
    for counts in TestLosses.COLLAPSES:
        (alarm,) = find_alarms(history(*counts))
        written = json.loads(json.dumps(alarm.to_json(), allow_nan=False))
        assert written["rule"] == alarm.rule
        assert written["message"] == alarm.message()
        assert written["loss"]["name"] == "valid loss"
        assert {"name", "epoch", "since", "support", "predicted", "f1", "best_f1"} <= set(written)


@given(st.lists(st.booleans(), max_size=8))
def test_the_last_run_equals_a_text_search(flags):
    text = "".join("ab"[not flag] for flag in flags)
    assert start_of_last_run(flags) == len(text.rstrip("a"))


def test_a_rule_without_a_falling_loss_does_not_stop_the_next_rule():
    """A wrong prediction in epoch 4 and a small rise of the loss in epoch 5: still never found."""
    counts = [(0, 0, 10), (0, 0, 10), (0, 0, 10), (0, 3, 10), (0, 0, 10)]
    (alarm,) = find_alarms(history(*counts, losses=[1.0, 0.9, 0.8, 0.7, 0.75]))
    assert alarm.rule == "never-found"
    assert alarm.loss == LossFall("valid loss", 1.0, 0.75)


def forgotten(*after, before=(8, 10, 10), **rules):
    """The alarms for class 'A' of the old validation data."""
    figures = [epoch(A=counts).figures for counts in after]
    start = epoch(A=before).figures
    return find_forgotten(figures, start, CollapseRules(**rules), train_tokens={"A": 7})


class TestForgotten:
    def test_it_fires_with_all_its_facts(self):
        (alarm,) = forgotten(FINE, (3, 10, 10), (2, 8, 10))
        assert (alarm.rule, alarm.since, alarm.before, alarm.best_epoch) == ("forgotten", 2, 0, 0)
        assert (alarm.support, alarm.predicted, alarm.train_tokens) == (10, 8, 7)
        assert alarm.fact() == (
            "class 'A' is forgotten since epoch 2: on the old validation data F1 was 0.800 before training, "
            "now 0.222, with 10 gold"
        )
        assert alarm.message() == (
            f"{alarm.fact()}. Try --replay with the old training data, --freeze bilstm, or a smaller --learning-rate"
        )
        entry = json.loads(json.dumps(alarm.to_json()))
        assert (entry["loss"], entry["train_tokens"], entry["rule"]) == (None, 7, "forgotten")

    def test_a_class_without_training_examples_is_filled_in_first(self):
        start, now = (epoch(A=counts).figures for counts in (FINE, GONE))
        (alarm,) = find_forgotten([now], start, train_tokens={})
        assert alarm.message().endswith(
            ". Try --fill-old, as training has no example of it, --replay with the old training data, "
            "--freeze bilstm, or a smaller --learning-rate"
        )

    def test_half_of_the_start_is_not_less_than_half(self):
        assert forgotten((4, 10, 10)) == ()  # F1 0.4 of 0.8
        assert len(forgotten((4, 11, 10))) == 1

    def test_it_ends_when_the_class_comes_back(self):
        assert forgotten((0, 0, 10), FINE) == ()

    def test_nine_gold_items_are_too_few(self):
        assert forgotten((0, 0, 9), before=(9, 9, 9)) == ()
        assert len(forgotten((0, 0, 9), before=(9, 9, 9), forgotten_support=9)) == 1

    def test_a_class_that_the_old_tagger_never_found_cannot_be_forgotten(self):
        assert forgotten((0, 0, 10), before=(0, 0, 10)) == ()

    def test_a_class_that_is_never_predicted_before_or_after(self):
        assert forgotten((0, 0, 0), before=(0, 0, 0)) == ()


class TestEnoughGold:
    """Alarms need enough gold to mean something."""

    @pytest.mark.parametrize(("gold", "rule"), [(4, None), (5, "vanished")])
    def test_vanished_needs_five(self, gold, rule):
        assert fired(history((gold, gold, gold), (0, 0, gold))) == rule

    @pytest.mark.parametrize(("gold", "rule"), [(4, None), (5, "never-found")])
    def test_never_found_needs_five(self, gold, rule):
        assert fired(history(*[(0, 0, gold)] * 5)) == rule

    @pytest.mark.parametrize(("gold", "rule"), [(9, None), (10, "halved")])
    def test_halved_needs_ten(self, gold, rule):
        assert fired(history((gold, gold, gold), (2, gold, gold), (2, gold, gold))) == rule

    def test_a_slot_corpus_with_one_or_two_gold_spans_a_class_is_silent(self):
        """80 classes: 82 alarms before, each '0 predicted for 1 gold'."""
        rare = {f"slot_{number}": (0, 0, 1 + number % 2) for number in range(77)}
        epochs = [epoch(6.0 - n, **rare, city=(0, 0, 40), time=(30, 40, 40)) for n in range(6)]
        assert [alarm.name for alarm in find_alarms(epochs)] == ["city"]
