"""Finished runs compared on one file: against seqeval, and a bootstrap done sentence by sentence."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from seqeval.metrics import f1_score

import seqlab
from seqlab.compare import main
from seqlab.comparing.runs import ScoredRun, refuse_unlike
from seqlab.corpus.reading import read_corpus
from seqlab.corpus.schemes import Scheme, convert
from seqlab.errors import CorpusError, RunError
from tests import tiny
from tests.comparing.hand import finished, gold_tags

pytestmark = tiny.KERAS_NOISE


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A trained run, and one of the same network with other weights."""
    trained = tiny.span_run(tmp_path_factory).run
    dice = np.random.default_rng(1)
    weights = {
        name: weight + dice.normal(0, 0.8, weight.shape).astype(weight.dtype)
        for name, weight in trained.tagger.weights.items()
    }
    worse = seqlab.save(replace(trained.tagger, weights=weights), trained.path.parent / "shaken")
    return [trained.path, worse], trained.settings.test


@pytest.fixture(scope="module")
def compared(runs, tmp_path_factory):
    paths, file = runs
    out = tmp_path_factory.mktemp("runs-compared") / "c"
    return seqlab.compare_runs(paths, file, resamples=300, out=out), out


def tags(run, file):
    """Gold and predicted tags in IOBES, the scheme of both runs."""
    sentences = list(read_corpus(file))
    gold = [list(convert(s.tags, Scheme.IOB2, Scheme.IOBES)) for s in sentences]
    return gold, [list(p.tags) for p in seqlab.load(run).predict(sentences)]


def test_the_figures_are_those_of_seqeval(runs, compared):
    (first, second), file = runs
    by_name = {setting.name: setting for setting in compared[0].settings}
    assert list(by_name) == ["span", "shaken"]
    for run in (first, second):
        gold, predicted = tags(run, file)
        figures = by_name[run.name].figures
        assert figures["micro_f1"].mean == pytest.approx(f1_score(gold, predicted))
        classes = dict(
            zip(types(gold + predicted), f1_score(gold, predicted, average=None), strict=True)
        )
        macro = np.mean([classes[name] for name in types(gold)])
        assert figures["macro_f1"].mean == pytest.approx(macro)


def types(sentences):
    """The entity types, sorted as seqeval sorts them."""
    return sorted({tag[2:] for tags in sentences for tag in tags if tag != "O"})


def test_the_difference_is_that_of_sentences_drawn_one_by_one(runs, compared):
    (first, second), file = runs
    gold, base = tags(first, file)
    _, ours = tags(second, file)
    rng = np.random.default_rng(1)
    found = []
    for picks in rng.integers(len(gold), size=(300, len(gold))):
        drawn = [[side[n] for n in picks] for side in (gold, ours, base)]
        found.append(f1_score(*drawn[:2]) - f1_score(drawn[0], drawn[2]))
    difference = compared[0].settings[1].differences["micro_f1"]
    expected = np.quantile(found, (0.025, 0.975))
    assert (difference.sentences.low, difference.sentences.high) == pytest.approx(tuple(expected))
    assert difference.seeds_p is None
    assert difference.verdict == "worse"


def test_the_pages_speak_of_runs(compared):
    results, out = compared
    text = (out / "results.md").read_text(encoding="utf-8")
    assert text.startswith(
        "# Comparison\n\nScored on `test.conll`, 12 sentences; 2 runs; baseline: `span`."
    )
    assert "- `shaken`: micro F1 is worse than `span` (-" in text
    assert "seed" not in text.replace("settings over seeds", "")
    assert "## Best run\n\n`span` has the highest macro F1, +0." in text
    read = json.loads((out / "results.json").read_text(encoding="ascii"))
    assert read["trained"] is False
    assert read["best_bet"]["seeds_needed"] is None
    low, high = read["settings"]["span"]["classes"]["PER"]["over_sentences"]
    assert 0 <= low <= high <= 1
    assert results.notes[0] == "test.conll: tags converted from iob2 to iobes"


def test_the_command_prints_what_the_function_returns(runs, compared, capsys):
    (first, second), file = runs
    argv = [str(first), str(second), "--file", file, "--resamples", "300"]
    assert main([*argv, "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed.pop("command").startswith("seqlab compare ")
    expected = json.loads(json.dumps(compared[0].to_json()))
    assert printed == {key: value for key, value in expected.items() if key != "command"}
    assert main([*argv, "--baseline", "shaken"]) == 0
    assert "- `span`: micro F1 is better than `shaken` (+" in capsys.readouterr().out


def test_a_file_of_the_training_is_refused_if_one_run_alone_has_seen_it(runs):
    (first, second), _ = runs
    train = tiny_train(first)
    with pytest.raises(seqlab.UserError) as error:
        seqlab.compare_runs([first, second], train)
    assert str(error.value) == (
        f"{train}: 'span' was trained on it and 'shaken' was not: give a file that no run was trained on"
    )


def test_a_file_that_all_were_trained_on_gets_a_note(runs, tmp_path):
    (first, _), _ = runs
    shutil.copytree(first, tmp_path / "copy")
    results = seqlab.compare_runs([first, tmp_path / "copy"], tiny_train(first), resamples=20)
    fact = "train.conll: the network was trained on this file: the figures are too high"
    assert fact in results.notes
    assert results.settings[1].differences["macro_f1"].sentences.p == 1.0


def test_a_file_without_any_class_of_the_taggers_is_refused(runs, tmp_path):
    path = tmp_path / "x.conll"
    path.write_text("a B-A\nb O\n", encoding="utf-8")
    with pytest.raises(
        CorpusError, match="this tagger knows no class of the file: the file has A, the"
    ):
        seqlab.compare_runs(runs[0], path, out=tmp_path / "c")


def tiny_train(run):
    """The corpus that a run was trained on."""
    line = next(t for t in (Path(run) / "config.toml").read_text().splitlines() if "train =" in t)
    return line.split('"')[1]


def test_runs_that_read_the_file_differently_are_refused():
    gold = gold_tags(3)
    other = [["O"] * len(tags) for tags in gold]
    one, two = (
        ScoredRun(cell=finished(tags, tags), words=tuple(map(len, tags)), notes=(), trained=False)
        for tags in (gold, other)
    )
    refuse_unlike({"a": one, "b": one}, "x.conll")
    with pytest.raises(RunError, match=r"x\.conll: 'a' and 'b' read different tokens or gold tags"):
        refuse_unlike({"a": one, "b": two}, "x.conll")


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["a", "b"], "a: a run directory needs --file, the labelled corpus to compare runs on"),
        (["a", "b", "--file", "x", "--epochs", "3"], "epochs is given, but the runs are trained"),
        (["a", "--file", "x"], "1 run to compare: expected 2 or more"),
        (["a", "a", "--file", "x"], "a run is given twice: expected different runs"),
        (["a", "b", "--file", "x"], "a: no run of seqlab here"),
        (["a", "bb", "--file", "x", "--baseline", "b"], "baseline is 'b': expected one of a, bb; nearest: 'bb'"),
        (["a", "b", "--file", "x", "--vary", "layers=1,2"], "runs are given: leave out --vary and"),
        (["a", "b", "--file", "x", "--resamples", "0"], "resamples is 0: expected a whole number"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_and_code_2(capsys, tmp_path, monkeypatch, argv, message):
    monkeypatch.chdir(tmp_path)
    assert main(argv) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"error: {message}")
    assert err.count("\n") == 1
    assert not list(tmp_path.iterdir())
