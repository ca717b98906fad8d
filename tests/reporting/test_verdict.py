"""The verdict: its texts for each kind of run, and that it claims only what the figures bear."""

import re
import shlex
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.reporting.run_details import AuditFinding, ChangedSetting, ClassDetails, RunDetails
from seqlab.reporting.run_values import ENOUGH_GOLD
from seqlab.reporting.verdict import verdict
from seqlab.scoring.figures import ItemCounts, summarise

COMMAND = "python -m seqlab.train --train 'my train.conll' --epochs 9"


def split_of(confusion=None, **sums):
    """A split of metrics.json; a class is (correct, predicted, support)."""
    summary = summarise({name: ItemCounts(*counts) for name, counts in sums.items()})
    split = {
        "micro_f1": summary.micro_f1,
        "macro_f1": summary.macro_f1,
        "classes": {name: row.to_json() for name, row in summary.classes.items()},
    }
    return split | ({"confusion": confusion} if confusion else {})


def history_of(*epochs, alarms=()):
    """Lines of history.jsonl; an epoch is {class: (correct, predicted, support)}."""
    return [
        {
            "epoch": number,
            "learning_rate": 0.002,
            "classes": split_of(**sums)["classes"],
            "alarms": [alarm for alarm in alarms if alarm["epoch"] == number],
        }
        for number, sums in enumerate(epochs, start=1)
    ]


def metrics_of(kept, reason="patience", **splits):
    return {"best_epoch": kept, "end_reason": reason, "splits": splits}


def details_of(items=None, weights=1.0, **changes):
    items = items or {"PER": 400, "LAW": 40, "VES": 30, "LOC": 90}
    classes = {
        name: ClassDetails(tokens=2 * count, items=count, weight=weights, why="")
        for name, count in items.items()
    }
    details = RunDetails(
        title="t", finished="", command=COMMAND, inputs=(), changed={}, versions={},
        plain=False, scheme="iob2", classes=classes,
    )  # fmt: skip
    return replace(details, **changes)


FINE = {"PER": (30, 40, 50), "LAW": (5, 9, 12)}
LOST = {"PER": (30, 40, 50), "LAW": (0, 3, 12)}


def test_one_lost_class_with_its_weight_doubled():
    found = verdict(
        metrics_of(3, valid=split_of(**LOST), test=split_of(**LOST)),
        history_of(FINE, LOST, LOST, LOST),
        details_of(weights=25.1),
    )
    assert found.result == (
        "Epoch 3 of 4 is kept, with macro F1 0.333 and micro F1 0.571 on test; "
        "LAW (12 gold, since epoch 2) is lost in validation."
    )
    assert found.advice == (
        "Try --class-weight LAW=50.2, twice the weight of LAW, because the loss hardly counts it."
    )
    assert found.command == f"{COMMAND} --class-weight LAW=50.2"
    assert found.text() == f"{found.result}\n{found.advice}\n  {found.command}"


def test_a_class_that_no_epoch_found_and_intervals():
    test = split_of(**LOST) | {"macro_f1_interval": [0.1, 0.5], "micro_f1_interval": [0.25, 0.75]}
    found = verdict(metrics_of(2, valid=split_of(**LOST), test=test), history_of(LOST, LOST, LOST))
    assert found.result == (
        "Epoch 2 of 3 is kept, with macro F1 0.333 (0.100 to 0.500) and micro F1 0.571 (0.250 to 0.750) on test; "
        "LAW (12 gold, no epoch found it) is lost in validation."
    )
    assert (found.advice, found.command) == (
        "Try a larger --class-weight for LAW, because it is lost.",
        None,
    )
    later = verdict(metrics_of(2, valid=split_of(**LOST)), history_of(LOST, LOST, FINE))
    assert later.result.endswith("LAW (12 gold, no epoch up to 2 found it) is lost in validation.")


def test_no_alarm_and_a_test_split():
    found = verdict(
        metrics_of(1, valid=split_of(**FINE), test=split_of(**FINE)),
        history_of(FINE, FINE),
        details_of(changed={"seed": ChangedSetting(7, 1)}, command=f"{COMMAND} --seed 7"),
    )
    assert found.result.endswith("; no class with 5 gold items or more is lost.")
    assert found.advice == (
        "Train again with --seed 8, because one training does not show how much is chance."
    )
    assert found.command == f"{COMMAND} --seed 8"


def test_no_test_split():
    found = verdict(metrics_of(1, valid=split_of(**FINE)), history_of(FINE, FINE), details_of())
    assert "on validation; " in found.result
    assert found.advice == (
        "Score the tagger on a test split, because validation chose the epoch, so its figures are a little too high."
    )
    assert found.command == f"{COMMAND} --test-share 0.15"


def test_an_unfinished_run():
    found = verdict(
        metrics_of(1, None, valid=split_of(**FINE)), history_of(FINE, FINE), path="runs/my run"
    )
    assert found.result.startswith("So far, epoch 1 of 2 is the best, with macro F1 ")
    assert found.advice == "Let the training end, or resume it, before you judge these figures."
    assert found.command == "python -m seqlab.train --resume 'runs/my run'"


def test_many_classes():
    sums = {"PER": (30, 40, 50)} | {f"slot_{n:02}": (0, 0, 5 + n) for n in range(40)}
    details = details_of(items=dict.fromkeys(sums, 100))
    found = verdict(metrics_of(1, valid=split_of(**sums)), history_of(sums, sums), details)
    assert found.result.endswith(
        "; 40 classes are lost in validation: slot_39 (44 gold, no epoch found it), "
        "slot_38 (43 gold, no epoch found it), slot_37 (42 gold, no epoch found it) and 37 more."
    )
    assert found.advice == (
        "Try --class-weights sqrt-inverse, which raises the weight of rare classes, because 40 classes are lost."
    )
    assert found.command == f"{COMMAND} --class-weights sqrt-inverse"
    weighted = replace(details, changed={"class_weights": ChangedSetting("balanced", "none")})
    found = verdict(metrics_of(1, valid=split_of(**sums)), history_of(sums, sums), weighted)
    assert found.command == f"{COMMAND} --decide macro_f1"
    few = details_of(items=dict.fromkeys(sums, 3))
    found = verdict(metrics_of(1, valid=split_of(**sums)), history_of(sums, sums), few)
    assert found.advice == (
        "Label more examples, because 40 of the 40 lost classes have fewer than 20 in training."
    )


def test_a_corpus_with_too_little_gold_to_judge_any_class():
    sums = {"A": (0, 0, 4), "B": (1, 1, 2)}
    found = verdict(metrics_of(1, valid=split_of(**sums)), history_of(sums, sums), details_of())
    assert found.result.endswith("; no class has 5 gold items, so none can be judged.")
    assert "A" not in found.advice.split()


def test_plain_tags_that_are_confused():
    confusion = {"names": ["NOUN", "VERB", "X"], "counts": [[90, 10, 0], [5, 45, 0], [9, 3, 1]]}
    sums = {"NOUN": (90, 104, 100), "VERB": (45, 58, 50), "X": (1, 1, 13)}
    found = verdict(
        metrics_of(1, valid=split_of(confusion, **sums), test=split_of(**sums)),
        history_of(sums, sums),
        details_of(plain=True, scheme="plain"),
    )
    assert found.advice == (
        "Compare X with NOUN in the error browser, because 69.2% of the tokens of X are tagged NOUN."
    )
    assert found.command is None


def test_the_last_epoch_is_the_best():
    found = verdict(
        metrics_of(2, "all_epochs", valid=split_of(**LOST)),
        history_of(LOST, LOST),
        details_of(),
        path="runs/a",
    )
    assert found.advice == (
        "Train for up to 4 epochs, because the last epoch was the best one, and no epoch found LAW yet."
    )
    assert found.command == "python -m seqlab.train --resume runs/a --epochs 4"


WNUT = {
    "person": (150, 300, 470), "location": (30, 90, 74), "product": (5, 10, 114), "creative-work": (2, 3, 104),
    "group": (1, 2, 39), "event": (1, 9, 34), "corporation": (0, 0, 34),
}  # fmt: skip


def test_lost_classes_come_first_then_at_most_three_at_risk():
    metrics = metrics_of(2, "all_epochs", valid=split_of(**WNUT))
    found = verdict(metrics, history_of(WNUT, WNUT), details_of())
    assert found.result.partition("; ")[2] == (
        "corporation (34 gold, no epoch found it) is lost in validation; "
        "creative-work (F1 0.037, 104 gold), event (F1 0.047, 34 gold), group (F1 0.049, 39 gold) and 1 more "
        "are at risk in validation."
    )
    assert found.advice.endswith(
        "the last epoch was the best one, and no epoch found corporation yet."
    )


def test_a_class_lost_in_test_and_one_at_risk_in_validation():
    valid = {"NOUN": (90, 104, 100), "SYM": (0, 0, 3), "X": (1, 1, 24)}
    test = {"NOUN": (90, 104, 100), "SYM": (0, 0, 6), "X": (2, 2, 9)}
    metrics = metrics_of(1, "all_epochs", valid=split_of(**valid), test=split_of(**test))
    found = verdict(metrics, history_of(valid), details_of())
    assert found.result.partition("; ")[2] == (
        "SYM (6 gold) is lost in test; X (F1 0.080, 24 gold) is at risk in validation."
    )
    assert found.advice == (
        "Train for up to 2 epochs, because the last epoch was the best one, and SYM is lost in test."
    )


def test_classes_of_different_splits_name_their_split():
    valid = {"A": (0, 0, 9), "B": (9, 9, 9), "C": (1, 1, 24), "D": (5, 5, 5)}
    test = {"A": (0, 0, 5), "B": (0, 0, 8), "C": (0, 0, 4), "D": (1, 40, 30)}
    metrics = metrics_of(1, valid=split_of(**valid), test=split_of(**test))
    assert verdict(metrics, history_of(valid, valid)).result.partition("; ")[2] == (
        "2 classes are lost: A (validation, 9 gold, no epoch found it) and B (test, 8 gold); "
        "C (validation, F1 0.080, 24 gold) and D (test, F1 0.029, 30 gold) are at risk."
    )


@pytest.mark.parametrize(
    ("epochs", "reason"),
    [
        ([FINE, FINE], ""),
        ([FINE, LOST], ", and LAW is lost since epoch 2"),
        ([{"A": (0, 0, 9), "B": (0, 0, 9)}], ", and no epoch found 2 of the classes yet"),
        ([{"A": (1, 1, 9), "B": (0, 0, 9)}, {"A": (0, 0, 9), "B": (0, 0, 9)}], ", and 2 classes are lost"),
        ([{"A": (1, 1, 24)}], ", and the F1 of A in validation is still below 0.1"),
        ([{"A": (1, 1, 24), "B": (1, 1, 24)}], ", and 2 classes still have an F1 below 0.1"),
        ([{"A": (0, 0, 4)}], ""),
    ],
)  # fmt: skip
def test_the_reason_to_train_longer_names_the_class(epochs, reason):
    last = len(epochs)
    metrics = metrics_of(last, "all_epochs", valid=split_of(**epochs[-1]))
    assert verdict(metrics, history_of(*epochs)).advice == (
        f"Train for up to {2 * last} epochs, because the last epoch was the best one{reason}."
    )


def test_a_class_without_acting_weights_and_one_with_few_examples():
    metrics, lines = metrics_of(1, valid=split_of(**LOST)), history_of(LOST, LOST)
    assert verdict(metrics, lines, details_of(weights=None)).command == (
        f"{COMMAND} --crf-loss marginal --class-weight LAW=2"
    )
    assert verdict(metrics, lines, details_of(items={"LAW": 2})).advice == (
        "Label more examples of LAW, because training has only 2 examples of it."
    )


def test_a_diverged_training_and_leaking_corpora():
    metrics = metrics_of(1, "diverged", valid=split_of(**FINE))
    found = verdict(metrics, history_of(FINE, FINE), details_of())
    assert found.command == f"{COMMAND} --learning-rate 0.0005"
    finding = AuditFinding(
        severity="problem", text="9 sentences of valid are also in train", rule="leak", value=0.2
    )
    found = verdict(
        metrics_of(1, valid=split_of(**FINE)), history_of(FINE, FINE), details_of(audit=(finding,))
    )
    assert found.advice == (
        "First repair the corpora, because scored sentences are also in training: "
        "9 sentences of valid are also in train."
    )


def test_a_class_that_an_earlier_epoch_found_twice_as_well():
    alarm = {
        "epoch": 2,
        "rule": "halved",
        "name": "LAW",
        "best_f1": 0.6,
        "best_epoch": 1,
        "f1": 0.25,
    }
    found = verdict(
        metrics_of(2, valid=split_of(**FINE)),
        history_of(FINE, FINE, FINE, alarms=[alarm]),
        details_of(),
    )
    assert found.advice == (
        "Try --select f1:LAW, because epoch 1 found LAW with F1 0.600 and the kept epoch with 0.250."
    )


NAMES = ["PER", "LAW", "VES", "LOC"]


@st.composite
def counts(draw):
    support = draw(st.integers(0, 12))
    predicted = draw(st.integers(0, 12))
    return draw(st.integers(0, min(support, predicted))), predicted, support


epoch_sums = st.fixed_dictionaries({name: counts() for name in NAMES})


@given(
    epochs=st.lists(epoch_sums, min_size=1, max_size=5),
    kept=st.integers(1, 5),
    test=st.none() | epoch_sums,
    reason=st.sampled_from(["patience", "all_epochs", "diverged", None]),
    known=st.booleans(),
    items=st.integers(0, 40),
)
def test_it_claims_only_what_the_figures_bear(epochs, kept, test, reason, known, items):
    kept = min(kept, len(epochs))
    splits = {"valid": split_of(**epochs[kept - 1])}
    splits |= {} if test is None else {"test": split_of(**test)}
    details = details_of(items=dict.fromkeys(NAMES, items)) if known else None
    found = verdict(metrics_of(kept, reason, **splits), history_of(*epochs), details)
    assert f"poch {kept} of {len(epochs)}" in found.result
    shown = list(splits.values())[-1]
    for name in ("macro", "micro"):
        value = shown[f"{name}_f1"]
        assert f"{name} F1 {'–' if value is None else f'{value:.3f}'}" in found.result
    clause = found.result.partition("; ")[2]
    both = [epochs[kept - 1], *([] if test is None else [test])]
    judged = {n: [one[n] for one in both if one[n][2] >= ENOUGH_GOLD] for n in NAMES}
    lost = {n for n in NAMES if any(not row[0] for row in judged[n])}
    risky = {n for n in NAMES if any(2 * row[0] < 0.1 * (row[1] + row[2]) for row in judged[n])}
    risky -= lost
    lost_part, _, risk_part = clause.partition("; ") if lost else ("", "", clause)
    for part, names in ((lost_part, lost), (risk_part, risky)):
        shown = set(re.findall(r"([A-Z]{3}) \(", part))
        assert shown <= names
        assert len(shown) == min(len(names), 3)
        assert (" and 1 more" in part) == (len(names) > 3)
    assert ("at risk" in clause) == bool(risky)
    assert clause.endswith("is lost.") == (any(judged.values()) and not lost | risky)
    for name, start in re.findall(r"([A-Z]{3}) \([^)]*since epoch (\d+)\)", clause):
        assert epochs[int(start) - 2][name][0] > 0
        assert not any(one[name][0] for one in epochs[int(start) - 1 : kept])
    for name in re.findall(r"([A-Z]{3}) \([^)]*no epoch found it\)", clause):
        assert not any(one[name][0] for one in epochs)
    if found.command and known:
        assert shlex.split(found.command)[:5] == shlex.split(COMMAND)[:5]
    for name in NAMES:
        if name in found.advice:
            assert judged[name]


@pytest.mark.parametrize("name", ["A B", "it's", "--x", "a=b"])
def test_odd_names_are_quoted_for_the_shell(name):
    sums = {name: (0, 0, 9)}
    found = verdict(
        metrics_of(1, valid=split_of(**sums)), history_of(sums, sums), details_of({name: 40})
    )
    assert shlex.split(found.command)[-2:] == ["--class-weight", f"{name}=2"]
