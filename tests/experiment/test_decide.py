"""Decisions after training, from a trained tagger to a loaded run."""

import json
from dataclasses import replace

import numpy as np
import pytest

from seqlab.deciding.decision_rule import DecisionRule
from seqlab.errors import SettingsError
from seqlab.experiment import decide as deciding
from seqlab.experiment.decide import decide, tuning_split
from seqlab.experiment.prepare import prepare
from seqlab.reporting.decisions import decisions_text
from seqlab.reporting.log import Log
from seqlab.settings.training import make_settings
from seqlab.storing.tagger_files import load_tagger, save_tagger
from seqlab.tuning.calibration import calibrated
from seqlab.tuning.costs import Cost
from tests import tiny

pytestmark = tiny.KERAS_NOISE
SILENT = Log(lambda text: None, None)


@pytest.fixture
def run(tmp_path_factory):
    """Trained without --decide."""
    return tiny.span_run(tmp_path_factory).run


@pytest.fixture
def prepared(run):
    return prepare(replace(run.settings, out=None), SILENT)


@pytest.fixture
def raw(run):
    """The tagger without a decision rule."""
    return replace(run.tagger, decision=DecisionRule())


def asked(prepared, **settings):
    return replace(prepared, settings=replace(prepared.settings, **settings))


def relabelled(sentences):
    """The same sentences with tag S-LOC for every token."""
    return tuple(replace(s, tags=("S-LOC",) * len(s)) for s in sentences)


def tags_of(tagger, sentences):
    return [prediction.tags for prediction in tagger.predict(sentences)]


def test_decide_none_changes_no_tag_and_calibrates_scores(run, raw, prepared):
    """Tags are those of the network. Scores are its softmax at the fitted temperature."""
    decision, test = run.tagger.decision, prepared.splits.test
    assert decision.bias == {}
    assert decision.temperature != 1
    assert tags_of(run.tagger, test) == tags_of(raw, test)
    scores = raw.token_log_probabilities(test)
    for row, found in zip(scores, run.tagger.predict(test), strict=True):
        said = [raw.encoder.tags.symbols.index(tag) for tag in found.tags]
        expected = calibrated(row, decision.temperature, decision.doubt)[np.arange(len(said)), said]
        np.testing.assert_allclose(found.scores, expected, rtol=1e-4)
    found = run.metrics["decisions"]
    assert (found["decide"], found["tuned_on"], found["shown_on"]) == ("none", "valid", "test")
    before, after = (found["tuning"][side] for side in ("before", "after"))
    assert after["negative_log_likelihood"] <= before["negative_log_likelihood"]
    for view in (found["tuning"], found["shown"]):
        assert view["before"]["classes"] == view["after"]["classes"]


def test_without_calibration_the_scores_are_those_of_the_network(raw, prepared):
    tagger, report = decide(asked(prepared, calibrate="none"), raw)
    assert tagger.decision == DecisionRule()
    assert (report["calibrate"], report["calibration"], report["temperature"]) == ("none", None, 1)
    assert report["shown"]["before"] == report["shown"]["after"]


def test_calibrated_scores_are_never_0_or_1(raw, prepared, tmp_path):
    """The weights of the output layer are 1,000 times as large: the network is sure of everything."""
    last = [name for name in raw.weights if name.startswith("logits/")]
    weights = {**raw.weights, **{name: raw.weights[name] * np.float32(1000) for name in last}}
    tagger, report = decide(prepared, replace(raw, weights=weights))
    tokens = sum(len(sentence) for sentence in prepared.splits.valid)
    assert tagger.decision.doubt == report["calibration"]["doubt"] == 1 / (tokens + 2)
    save_tagger(tagger, tmp_path)
    scores = np.concatenate(
        [one.scores for one in load_tagger(tmp_path).predict(prepared.splits.test)]
    )
    assert 1 - scores.max() == pytest.approx(
        tagger.decision.doubt * (1 - 1 / len(raw.encoder.tags)), rel=0.1
    )
    assert scores.min() > 0


def test_a_bias_changes_the_tags_and_scores_are_those_of_the_new_tags(raw, prepared):
    tagger = replace(raw, decision=DecisionRule(temperature=2.0, bias={"S-LOC": 50.0}))
    test = prepared.splits.test
    place = raw.encoder.tags.symbols.index("S-LOC")
    for row, found in zip(raw.token_log_probabilities(test), tagger.predict(test), strict=True):
        assert set(found.tags) == {"S-LOC"}
        np.testing.assert_allclose(found.scores, calibrated(row, 2.0)[:, place], rtol=1e-4)


@pytest.mark.parametrize("how", ["logit-adjust", "macro_f1", "min_f1", "cost", "recall"])
def test_the_reported_effect_is_that_of_the_loaded_run(raw, prepared, tmp_path, how):
    asks = replace(
        asked(prepared, decide=how, costs="x" if how == "cost" else None,
              recall=("LOC=0.9",) if how == "recall" else ()),
        costs={"LOC": Cost(miss=30.0)},
    )  # fmt: skip
    tagger, report = decide(asks, raw)
    json.dumps(report, allow_nan=False)
    save_tagger(tagger, tmp_path)
    again = load_tagger(tmp_path)
    assert again.decision == tagger.decision
    test = prepared.splits.test
    said = tags_of(again, test)
    assert said == tags_of(tagger, test)
    from seqlab.scoring.score import score

    gold = [s.tags for s in test]
    figures = score(gold, said, tagger.scheme, strict=False)
    assert report["shown"]["after"]["micro_f1"] == pytest.approx(figures.micro_f1)
    before = score(gold, tags_of(raw, test), tagger.scheme, strict=False)
    assert report["shown"]["before"]["micro_f1"] == pytest.approx(before.micro_f1)
    tuned = report["tuning"]
    better = {
        "logit-adjust": lambda view: view["macro_f1"],
        "macro_f1": lambda view: view["macro_f1"],
        "min_f1": lambda view: view["min_f1"],
        "cost": lambda view: -view["cost"],
        "recall": lambda view: min(view["classes"]["LOC"]["recall"], 0.9),
    }[how]
    assert better(tuned["after"]) >= better(tuned["before"])
    text = decisions_text(report)
    assert f"decide {how}" in text
    assert report["found"] is any(report["bias"].values()) or report["trust"]["share"] == 0
    assert "test, before -> after: micro F1 " in text


def test_the_test_split_decides_nothing(raw, prepared):
    """With other gold tags in test, the decision stays and the reported effect changes."""
    asks = asked(prepared, decide="macro_f1")
    other = replace(asks, splits=replace(asks.splits, test=relabelled(asks.splits.test)))
    tagger, report = decide(asks, raw)
    again, planted = decide(other, raw)
    assert again.decision == tagger.decision
    assert planted["tuning"] == report["tuning"]
    assert planted["shown"] != report["shown"]
    assert set(planted["shown"]["after"]["classes"]) >= {"LOC"}


def test_without_a_test_split_one_half_of_valid_is_tuned_on_and_the_other_shown(
    raw, prepared, monkeypatch
):
    asks = asked(prepared, decide="macro_f1")
    asks = replace(asks, splits=replace(asks.splits, test=None))
    parts = tuning_split(asks)
    texts = [{s.tokens for s in part} for part in (parts.tuning, parts.shown)]
    assert not texts[0] & texts[1]
    assert len(parts.tuning) + len(parts.shown) == len(asks.splits.valid)
    tagger, report = decide(asks, raw)
    names = ("one half of valid", "the other half of valid")
    assert (report["tuned_on"], report["shown_on"]) == names
    planted = replace(parts, shown=relabelled(parts.shown))
    monkeypatch.setattr(deciding, "tuning_split", lambda prepared: planted)
    again, other = decide(asks, raw)
    assert again.decision == tagger.decision
    assert other["shown"] != report["shown"]


def test_halves_of_valid_keep_documents_whole(prepared):
    told = [replace(s, document=n // 3) for n, s in enumerate(prepared.splits.valid * 3)]
    splits = replace(prepared.splits, test=None, valid=tuple(told))
    parts = tuning_split(replace(prepared, splits=splits))
    tuning, shown = ({s.document for s in part} for part in (parts.tuning, parts.shown))
    assert len(tuning | shown) >= 10
    assert not tuning & shown


def test_one_sentence_cannot_be_halved(raw, prepared):
    splits = replace(prepared.splits, test=None, valid=prepared.splits.valid[:1])
    _, report = decide(replace(prepared, splits=splits), raw)
    assert (report["tuned_on"], report["shown_on"], report["shown"]) == ("valid", None, None)
    assert "no sentences are left to show the effect on" in decisions_text(report)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"decide": "cost"}, "decide is 'cost', but costs is not given"),
        ({"decide": "recall"}, "decide is 'recall', but recall is not given"),
        ({"recall": ["PER=0.8"]}, "recall is given, but decide is 'none': expected 'recall'"),
        (
            {"decide": "cost", "costs": "c", "decide_tau": 1.0},
            "decide_tau is given, but decide is 'cost': expected 'logit-adjust'",
        ),
    ],
)
def test_settings_that_do_not_fit_each_other(values, message):
    with pytest.raises(SettingsError) as caught:
        make_settings(**values)
    assert str(caught.value) == message


def test_a_recall_of_an_unknown_class_is_refused_before_training(run):
    settings = replace(run.settings, out=None, decide="recall", recall=("PRE=0.5",))
    with pytest.raises(SettingsError) as caught:
        prepare(settings, SILENT)
    assert str(caught.value) == "recall names 'PRE': expected one of PER, LOC, LAW; nearest: 'PER'"


def test_a_recall_of_a_class_without_gold_is_refused_before_training(run):
    settings = replace(run.settings, out=None, decide="recall", recall=("LAW=0.5",))
    with pytest.raises(SettingsError) as caught:
        prepare(settings, SILENT)
    assert str(caught.value) == (
        "recall names 'LAW', but the validation split has no gold for it: give more validation data"
    )
