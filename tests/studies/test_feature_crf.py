"""The ablation of the feature CRF: its counts are those of seqeval, and each variant leaves out what its name says."""

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.comparing.hand import gold_tags, guesses

FOLDER = Path(__file__).resolve().parents[2] / "scripts" / "studies"
WORDS = ("Loan", "agreement", "of", "SILICIUM", "SAS")
GOLD = gold_tags(80)
CLASSES = ["LAW", "LOC", "PER"]


@pytest.fixture
def script(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    yield importlib.import_module("feature_crf")
    for name in ("feature_crf", "sec_filings"):
        sys.modules.pop(name, None)


def test_the_figures_are_those_of_seqeval(script):
    from seqeval.metrics import f1_score

    predicted = guesses(GOLD, right=0.7, seed=4)
    counted = script.counts(GOLD, predicted, CLASSES)
    assert script.micro(counted.sum(0)) == pytest.approx(f1_score(GOLD, predicted))
    each = f1_score(GOLD, predicted, average=None)
    assert script.f1(counted.sum(0)) == pytest.approx(each)


def test_a_difference_has_an_interval_around_it_and_none_from_itself(script):
    better, worse = (
        script.counts(GOLD, guesses(GOLD, right=right, seed=3), CLASSES) for right in (0.9, 0.4)
    )
    mean, low, high = script.difference(better, worse)
    assert mean == pytest.approx(script.micro(better.sum(0)) - script.micro(worse.sum(0)))
    assert 0 < low < mean < high
    assert script.difference(better, better) == (0, 0, 0)


@pytest.mark.parametrize(
    ("variant", "without"),
    [
        ("no bigrams", {"before|word", "word|after"}),
        ("no affixes", {f"prefix{n}" for n in (1, 2, 3)} | {f"suffix{n}" for n in (1, 2, 3, 4)}),
        ("not the word itself", {"word", "before|word", "word|after"}),
    ],
)
def test_a_variant_leaves_out_its_features(script, variant, without):
    sentence = [(word, "O") for word in WORDS]
    ((*_, whole),) = script.kept_features([sentence], script.LEFT_OUT["all features"])
    ((*_, part),) = script.kept_features([sentence], script.LEFT_OUT[variant])
    assert set(whole) - set(part) == without
    assert whole["-1:word"] == "silicium"
    assert whole["word|after"] == "sas|<end>"


def test_without_a_window_no_feature_names_another_word(script):
    sentence = [(word, "O") for word in WORDS]
    ((_, second, *_),) = script.kept_features([sentence], script.LEFT_OUT["no window, no bigrams"])
    assert not [name for name in second if ":" in name or "|" in name]


def test_the_page_names_what_is_worse_than_chance_explains(script):
    tagged = {right: guesses(GOLD, right=right, seed=3) for right in (0.9, 0.4)}
    splits = {name: [[("w", tag) for tag in row] for row in GOLD] for name in ("valid", "test")}
    results = {
        name: {"valid": rows, "test": rows}
        for name, rows in (("all features", tagged[0.9]), ("no bigrams", tagged[0.4]))
    }
    text = importlib.import_module("sec_filings").page(splits, results)
    assert "Worse than with all features, by an interval below 0: no bigrams." in text
    spans = int(np.sum(script.counts(GOLD, GOLD, CLASSES)[..., 2]))
    assert f"the 80 test sentences, which have {spans} spans" in text.replace("\n", " ")


def test_spans_that_only_one_of_them_has_are_listed(script):
    page = importlib.import_module("sec_filings")
    sentence = [("Frank", "B-PER"), ("saw", "O"), ("Lille", "B-LOC"), ("again", "O")]
    ours = [["B-ORG", "O", "B-LOC", "O"]]
    theirs = [["B-PER", "O", "B-LOC", "B-ORG"]]
    rows = list(page.error_rows(page.who_finds([sentence], ours, theirs)))
    assert rows == [
        ["right", "LOC", "1", "0", "0"],
        ["right", "PER", "0", "0", "1: Frank (1)"],
        ["wrong", "ORG", "0", "1: Frank (1)", "1: again (1)"],
    ]
