"""The command `seqlab combine`: its table against scores of each run, and its mistakes."""

import shutil

import numpy as np
import pytest

import seqlab
from seqlab import train
from seqlab.combine import main
from tests import tiny

pytestmark = tiny.KERAS_NOISE


@pytest.fixture
def runs(span_run, tmp_path):
    """A run, and a copy of it: a combination of both scores as each does."""
    shutil.copytree(span_run.path, tmp_path / "copy")
    return str(span_run.path), str(tmp_path / "copy")


def test_combines_two_runs_into_one_that_every_command_reads(span_run, runs, tmp_path, capsys):
    out, valid = str(tmp_path / "both"), span_run.settings.valid
    assert main([*runs, "--out", out, "--valid", valid]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [row[0] for row in rows] == ["valid.conll", "span", "copy", "combined", "2"]
    assert rows[1][1:] == rows[2][1:]
    assert rows[1][1:3] == rows[3][1:3]
    scores = seqlab.evaluate_tagger(out, valid).to_json()
    assert float(rows[3][1]) == pytest.approx(scores["micro_f1"], abs=5e-4)
    text = ["Ada", "Stone", "saw", "Oslo."]
    assert seqlab.load(out).tag(text) == seqlab.load(runs[0]).tag(text)


def test_the_combination_is_calibrated_on_valid(span_run, runs, tmp_path):
    combined = seqlab.combine_runs(runs, tmp_path / "both", valid=span_run.settings.valid)
    sentences = list(seqlab.read_corpus(span_run.settings.valid))
    tagger = combined.tagger
    logs = np.concatenate(tagger.token_log_probabilities(sentences)).astype(np.float64)
    scheme, symbols = tagger.scheme, tagger.encoder.tags.symbols
    gold = [
        symbols.index(tag)
        for sentence in seqlab.load_splits(
            span_run.settings.train, span_run.settings.valid, scheme=scheme.value
        ).valid
        for tag in sentence.tags
    ]

    def loss(temperature):
        scaled = logs / temperature
        scaled -= np.log(np.exp(scaled).sum(axis=1, keepdims=True))
        return -scaled[np.arange(len(gold)), gold].mean()

    best = tagger.decision.temperature
    assert best != 1
    assert loss(best) < loss(1.0)
    assert tagger.decision.doubt == 1 / (len(gold) + 2)


def test_a_combination_is_not_resumed(runs, tmp_path, capsys):
    out = tmp_path / "both"
    seqlab.combine_runs(runs, out)
    assert train.main(["--resume", str(out), "--epochs", "99"]) == 2
    assert capsys.readouterr().err == (
        f"error: {out}: combines 2 networks and has no training of its own; give a run of one network\n"
    )


def test_mistakes_are_one_line(runs, tmp_path, capsys):
    out, taken = str(tmp_path / "both"), tmp_path / "taken"
    shutil.copytree(runs[0], taken)
    for argv, message in (
        ([runs[0], "--out", out], "expected 2 to 100 taggers to combine, found 1"),
        ([runs[0], runs[0], "--out", out], f"{runs[0]}: is given twice; give each run once"),
        ([runs[0], runs[1] + "x", "--out", out], f"{runs[1]}x: no run of seqlab here; nearest: 'copy'"),
        ([*runs, "--out", runs[1], "--overwrite"], f"out is {runs[1]}, which is one of the runs to combine; "
         "choose another --out"),
        ([*runs, "--out", str(taken)], f"{taken}: holds a finished run; give --overwrite to replace it, or another --out"),
    ):  # fmt: skip
        assert main(argv) == 2
        assert capsys.readouterr().err.splitlines() == [f"error: {message}"]
