"""Frequency as a weight: the weights, the audit's warning, and a conclusion that follows the figures."""

import numpy as np
import pytest
from sklearn.utils.class_weight import compute_class_weight

from tests import tiny
from tests.questions.scripts import load, printed

pytestmark = tiny.KERAS_NOISE
script = load("frequency_is_not_a_weight")

COUNTS = {"O": 70, "PER": 20, "LAW": 7, "MED": 3}


def course(*f1, losses=(0.5, 0.1), lost=()):
    return script.Course(losses=losses, rare_f1=f1, never_found=lost, alarmed=())


def conclude(frequency, none, balanced, warning=None):
    courses = {"frequency": frequency, "none": none, "balanced": balanced}
    return script.conclusion(courses, ["MED", "LAW", "PER"], warning)


def test_balanced_weights_are_those_of_scikit_learn_and_frequencies_their_opposite():
    found = script.weightings(COUNTS)
    labels = np.repeat(list(COUNTS), list(COUNTS.values()))
    expected = compute_class_weight("balanced", classes=np.array(list(COUNTS)), y=labels)
    assert list(found["balanced"].values()) == pytest.approx(expected.tolist())
    assert found["frequency"] == {"O": 0.7, "PER": 0.2, "LAW": 0.07, "MED": 0.03}
    assert set(found["none"].values()) == {1.0}


def test_the_rarest_classes():
    assert script.rarest(COUNTS) == ["MED", "LAW", "PER"]


def test_the_conclusion_says_what_the_figures_say():
    first, second = conclude(course(0.0, 0.0, lost=("MED",)), course(0, 0.7), course(0.5, 0.8), "x")
    assert "validation loss falls (0.500 to 0.100)" in first
    assert "(MED, LAW, PER) end at a mean F1 of 0.000, with 1 of 3 never found. " in first
    assert first.endswith("That is worse than with balanced weights (0.800).")
    assert (
        second == "Balanced weights are better than no weights (+0.100). seqlab.audit warns: 'x'."
    )


def test_other_figures_change_the_conclusion():
    wrong = course(0.0, 0.9, losses=(0.1, 0.5))
    first, second = conclude(wrong, course(0, 0.8), course(0.5, 0.6))
    assert "validation loss does not fall (0.100 to 0.500)" in first
    assert "0 of 3 never found. That is no worse than with no weights (0.800)." in first
    assert "worse than no weights (-0.200)" in second
    assert second.endswith("seqlab.audit does not warn of weights by frequency.")


def test_the_audit_warns_of_weights_by_frequency_only():
    data = script.prepare(150, seed=1)
    by_name = script.weightings(data.counts)
    assert script.audit_warning(data, by_name["frequency"]).startswith(
        "class weights follow frequency"
    )
    assert script.audit_warning(data, by_name["balanced"]) is None
    share = len(data.valid) / (len(data.valid) + len(data.train))
    assert share == pytest.approx(0.3, abs=0.02)


def test_the_script_prints_every_epoch_and_two_lines(monkeypatch, capsys):
    text, (first, second) = printed(
        script, monkeypatch, capsys, "--sentences", "150", "--epochs", "2"
    )
    rows = [line.split() for line in text.split("\n") if line[:1] in {"1", "2"}]
    assert [len(row) for row in rows] == [7, 7]
    assert first.startswith("With weights by frequency the validation loss")
    assert f"({rows[0][1]} to {rows[1][1]})" in first
    assert f"end at a mean F1 of {rows[1][2]}" in first
    assert f"({float(rows[1][6]) - float(rows[1][4]):+.3f})" in second
