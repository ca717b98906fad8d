"""Decisions in words: why there is no bias, missed recall, and classes that are no longer predicted."""

from seqlab.reporting.decisions import decisions_text


def row(support, predicted, recall):
    return {"support": support, "predicted": predicted, "recall": recall}


def view(classes):
    return {
        "micro_f1": 0.5,
        "macro_f1": 0.5,
        "min_f1": 0.5,
        "calibration_error": 0.1,
        "classes": classes,
        "reliability": {},
    }


def report(how, *, bias=None, before=None, after=None, **others):
    """The decisions of a run. Without `after`, the figures do not change."""
    before = before or {"MISC": row(16, 4, 0.25)}
    part = {"before": view(before), "after": view(after or before)}
    return {
        "decide": how,
        "tuned_on": "valid",
        "shown_on": "test",
        "temperature": 1.0,
        "tau": None,
        "bias": bias or {"MISC": 0.0},
        "found": bool(bias),
        "recalls": {"MISC": 0.8} if how == "recall" else {},
        "trust": None,
        "tuning": part,
        "shown": part,
    } | others


def trust(share):
    return {"share": share, "folds": 5, "before": [0.5], "after": [0.5]}


def test_a_wanted_recall_that_is_not_reached_is_said():
    text = decisions_text(report("recall", bias={"MISC": 3.5}, after={"MISC": row(16, 40, 0.625)}))
    assert "decide recall: bias MISC +3.50\n" in text
    assert ("  recall of MISC on valid is 0.625 with 16 in gold: below the wanted 0.8\n") in text


def test_a_class_without_gold_in_the_tuned_half_is_not_reached():
    text = decisions_text(report("recall", recalls={"LAW": 0.5}))
    assert "recall of LAW on valid is – with 0 in gold: below the wanted 0.5\n" in text


def test_no_bias_says_why():
    reached = report("recall", before={"MISC": row(10, 12, 0.9)})
    assert "bias none (the wanted recall is reached without one)\n" in decisions_text(reached)
    assert "below the wanted" not in decisions_text(reached)
    assert "bias none (no bias was better)\n" in decisions_text(report("recall"))
    text = decisions_text(report("macro_f1", trust=trust(0.0)))
    assert "decide macro_f1: bias none (no bias was better)\n" in text
    text = decisions_text(report("macro_f1", trust=trust(0.0), found=True))
    assert "bias none (the tuned bias did not help on held-out sentences)\n" in text
    assert "share of the bias kept: none" in text


def test_an_older_run_says_no_more_than_it_knows():
    old = {k: v for k, v in report("macro_f1").items() if k not in ("found", "recalls")}
    assert "decide macro_f1: bias none\n" in decisions_text(old)


def test_a_class_that_is_never_said_any_more_is_named():
    text = decisions_text(
        report(
            "macro_f1",
            bias={"MISC": -3.0},
            before={"MISC": row(16, 4, 0.25), "PER": row(9, 0, 0.0)},
            after={"MISC": row(16, 0, 0.0), "PER": row(9, 0, 0.0)},
        )
    )
    assert "\n  found before on test, never predicted now: MISC\n" in text


def calibration(**others):
    return {
        "fitted": 0.5, "share": 0.75, "doubt": 1 / 402, "folds": 5, "before": 0.25, "after": 0.2,
    } | others  # fmt: skip


def first_lines(**others):
    return decisions_text(report("none", calibrate="auto", **others)).splitlines()[:3]


def test_how_much_of_the_temperature_is_confirmed_is_said():
    assert first_lines(temperature=0.595, calibration=calibration()) == [
        "temperature 0.595, fitted on valid",
        "  on held-out folds (5): loss 0.2500 -> 0.2000; share of the fitted temperature 0.500 kept: 75%",
        "  doubt 0.0025, for 400 tokens: no probability is 0 or 1",
    ]
    assert first_lines(calibration=calibration(share=0.0, after=0.25))[1] == (
        "  on held-out folds (5): loss 0.2500 -> 0.2500; share of the fitted temperature 0.500 kept: none"
    )
    alone = calibration(folds=0, share=0.0, before=None, after=None, doubt=1 / 12)
    assert first_lines(calibration=alone)[:2] == [
        "temperature 1.000, fitted on valid: too few sentences to confirm another",
        "  doubt 0.083, for 10 tokens: no probability is 0 or 1",
    ]


def test_without_calibration_nothing_is_fitted():
    text = decisions_text(report("none", calibrate="none", calibration=None))
    assert text.splitlines()[0] == "no calibration: the probabilities are the network's own"
