"""report.json of finished runs: each part against the run's other files, or computed in another manner."""

import json
import shlex
import tomllib

import numpy as np
import pytest

from seqlab.corpus.reading import read_corpus
from seqlab.corpus.schemes import decode_spans
from seqlab.corpus.splits import load_splits
from seqlab.reporting.run_details import read_details
from seqlab.storing.run_files import open_run
from seqlab.train import main
from seqlab.weighting.temporal import temporal_weights
from tests import tiny

pytestmark = tiny.KERAS_NOISE


@pytest.fixture
def span(tmp_path_factory):
    return tiny.span_run(tmp_path_factory)


@pytest.fixture
def paths(tmp_path_factory):
    return tiny.corpus(tmp_path_factory)


def details_of(run):
    return read_details(open_run(tiny.folder_of(run)))


def test_the_manifest_lists_it_and_it_can_be_read(span):
    assert "report.json" in open_run(tiny.folder_of(span)).files
    details = details_of(span)
    assert (details.title, details.scheme, details.plain) == ("train.conll", "iobes", False)
    assert details.finished.endswith("Z")


def test_the_command_repeats_the_run(span, capsys):
    command = shlex.split(details_of(span).command)
    assert command[:3] == ["python", "-m", "seqlab.train"]
    main([*command[3:], "--print-config"])
    repeated = tomllib.loads(capsys.readouterr().out)
    settings = {n: v for n, v in span.run.settings.items() if n not in ("out", "overwrite")}
    assert {name: repeated[name] for name in settings} == settings


def test_inputs_are_those_of_the_manifest(span):
    manifest = json.loads((tiny.folder_of(span) / "manifest.json").read_text())
    for one in details_of(span).inputs:
        assert one.sha256 == manifest["training"]["inputs"][one.name]["sha256"]
        sentences = read_corpus(one.path)
        assert (one.sentences, one.tokens) == (len(sentences), sum(map(len, sentences)))


def test_the_baseline_is_the_share_of_the_most_frequent_tag(span):
    tags = [tag for s in read_corpus(span.run.settings.valid) for tag in s.tags]
    baseline = details_of(span).baseline
    assert baseline.class_name == "O"
    assert baseline.token_accuracy == pytest.approx(tags.count("O") / len(tags))
    assert (baseline.micro_f1, baseline.macro_f1) == (0, 0)


def test_classes_have_their_tokens_spans_and_weights(span):
    classes = details_of(span).classes
    assert list(classes) == ["LAW", "LOC", "PER", "O"]
    assert (classes["LAW"].tokens, classes["LAW"].items) == (4, 2)
    tokens = {name: one.tokens for name, one in classes.items()}
    total = sum(tokens.values())
    for name, one in classes.items():
        assert one.weight == pytest.approx((total / (4 * tokens[name])) ** 0.5, rel=1e-5)
    assert classes["LAW"].why == (
        "--class-weights sqrt-inverse: the square root of N / (C n), with n = 4 tokens of it, "
        f"N = {total} tokens and C = 4 classes."
    )


def test_the_browser_has_the_gold_and_the_predicted_spans(span):
    details = details_of(span)
    splits = {n: read_corpus(getattr(span.run.settings, n)) for n in ("valid", "test")}
    by_source = {s.source: s for split in splits.values() for s in split}
    assert details.browser.sentences
    for one in details.browser.sentences:
        sentence = by_source[one.source]
        assert one.tokens == sentence.tokens
        spans = decode_spans(sentence.tags, "iob2")
        assert list(map(tuple, one.gold)) == spans
        predicted = span.run.tagger.tag(sentence.tokens)
        spans = decode_spans(predicted, "iobes")
        assert [tuple(p[:3]) for p in one.predicted] == spans
        assert all(0 <= p.confidence <= 1 for p in one.predicted)


def test_the_threshold_at_the_present_bias_gives_the_figures_of_validation(span):
    thresholds = details_of(span).thresholds
    valid = span.run.metrics["splits"]["valid"]["classes"]
    assert set(thresholds.classes) == {n for n, row in valid.items() if row["support"]}
    for name, curve in thresholds.classes.items():
        (point,) = (point for point in curve.points if point.bias == curve.bias)
        assert point.predicted == valid[name]["predicted"]
        assert (point.precision, point.recall) == (valid[name]["precision"], valid[name]["recall"])


def test_reliability_counts_every_token_of_test_once(span):
    reliability = details_of(span).reliability
    tokens = sum(map(len, read_corpus(span.run.settings.test)))
    assert reliability.split == "test"
    assert sum(b.tokens for bins in reliability.classes.values() for b in bins) == tokens


def test_the_weights_are_rows_of_the_temporal_weight_matrix(span):
    """Against `temporal_weights` of the whole padded corpus."""
    tagger = span.run.tagger
    splits = load_splits(span.run.settings.train, span.run.settings.valid, scheme="iobes")
    train = splits.train
    padded = tagger.encoder.encode(train).padded(max_tokens=150)
    classes = details_of(span).classes
    of_tags = [classes[tag[2:] or "O"].weight for tag in tagger.encoder.tags]
    matrix = temporal_weights(padded.labels, np.array(of_tags, np.float32), normalise=False)
    rows = {s.tokens: row for s, row in zip(train, matrix, strict=True)}
    examples = details_of(span).weights.sentences
    assert examples
    for one in examples:
        row = rows[one.tokens]
        assert one.weights == pytest.approx(row[: len(one.tokens)].tolist(), abs=1e-4)
        assert not row[len(one.tokens) :].any()
        assert one.padding == 150 - len(one.tokens)
    assert any("LAW" in tag for tag in examples[0].tags)


def test_the_audit_of_a_training_is_that_of_its_files(paths):
    from seqlab.auditing.corpora import audit_corpora
    from seqlab.auditing.run_findings import run_findings
    from seqlab.experiment.prepare import prepare
    from seqlab.reporting.log import Log
    from seqlab.settings.training import make_settings

    found = run_findings(prepare(make_settings(**paths), Log(lambda text: None, None)))
    warnings = audit_corpora(paths["train"], paths["valid"], paths["test"]).warnings
    assert [f"{one.text}: {one.advice}" for one in found] == [one.message for one in warnings]
    assert [one.rule for one in found] == [one.rule for one in warnings]
    assert {"few-examples", "only-in-train"} <= {one.rule for one in found}


def test_a_training_from_python_is_audited_as_that_of_the_command(span):
    assert {"few-examples", "only-in-train"} <= {one.rule for one in details_of(span).audit}
