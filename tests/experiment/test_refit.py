"""--refit: the second training equals a training on both corpora, and resumes as every training does."""

import json
import shutil
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import seqlab
from seqlab.errors import SettingsError
from seqlab.experiment import refit
from seqlab.experiment.resume import resumed_settings
from seqlab.settings.training import make_settings
from seqlab.storing.mentions_file import read_mentions
from seqlab.storing.run_files import open_run
from tests import tiny
from tests.experiment.test_resume import OPTIONS, assert_same_end, raise_in_epoch

pytestmark = tiny.KERAS_NOISE


def copied_corpus(factory, name):
    folder = factory.mktemp(name)
    paths = tiny.corpus(factory).items()
    return folder, {part: str(shutil.copy(path, folder)) for part, path in paths}


@tiny.once
def refit_and_joined(factory):
    """A run with --refit, its log, and a run on train and valid in one file."""
    folder, paths = copied_corpus(factory, "refit")
    lines = []
    options = OPTIONS | {"epochs": 1}
    run = seqlab.train_tagger(**paths, **options, refit=True, out=folder / "run", say=lines.append)
    joined = folder / "joined.conll"
    parts = [Path(paths[part]).read_text(encoding="utf-8") for part in ("train", "valid")]
    joined.write_text("\n".join(parts), encoding="utf-8")
    paths |= {"train": str(joined)}
    both = seqlab.train_tagger(**paths, **options, accept=("same-files",), out=folder / "both")
    return run, lines, both


@pytest.fixture
def made(tmp_path_factory):
    return refit_and_joined(tmp_path_factory)


@pytest.mark.bits("repeated")
def test_the_tagger_is_that_of_a_training_on_both_corpora(made):
    run, _, both = made
    assert run.tagger.encoder.words.symbols == both.tagger.encoder.words.symbols
    assert run.tagger.weights.keys() == both.tagger.weights.keys()
    for name, value in both.tagger.weights.items():
        np.testing.assert_array_equal(run.tagger.weights[name], value, err_msg=name)
    loaded = seqlab.load(run.path)
    sentences = list(seqlab.read_corpus(run.settings.test))
    assert [p.tags for p in loaded.predict(sentences)] == [
        p.tags for p in both.tagger.predict(sentences)
    ]
    figures = [one.metrics["splits"]["test"]["micro_f1"] for one in (run, both)]
    assert figures[0] == figures[1]
    assert read_mentions(open_run(run.path)).tolist() == read_mentions(open_run(both.path)).tolist()


def test_figures_on_valid_are_those_of_the_training_that_has_not_seen_it(made):
    run, lines, _ = made
    [record] = run.history
    assert run.metrics["splits"]["valid"]["micro_f1"] == record.figures.micro_f1
    facts = dict(run.metrics["refit"])
    assert 0 < facts.pop("seconds") < run.metrics["seconds"]
    # Batches of 4: of 40 sentences and, in the second training, of 52.
    assert facts == {"epochs": 1, "updates": 14, "chosen_updates": 11, "sentences": 52}
    [start] = [line for line in lines if line.startswith("refit: training again")]
    assert start == (
        "refit: training again on the 52 sentences of train and valid, for 1 epoch: 14 updates; "
        "the best epoch ended after 11"
    )
    assert [line for line in lines if line.startswith("refit: epoch 1 of 1: training loss ")]
    assert f"note: {refit.NOTE}" in lines
    assert refit.NOTE in run.notes
    assert refit.NOTE in json.loads((run.path / "report.json").read_text())["notes"]


def test_a_finished_run_is_not_resumed_and_keeps_no_outcome_of_its_first_training(made):
    run, _, _ = made
    assert not (run.path / "checkpoints" / "chosen.npz").exists()
    with pytest.raises(SettingsError) as caught:
        resumed_settings(run.path, {"epochs": 9})
    assert str(caught.value) == (
        f"{run.path}: this training and its refit are finished; start a new training to change it"
    )


def test_a_continued_run_cannot_be_refitted():
    with pytest.raises(SettingsError) as caught:
        make_settings(refit=True, init_from="runs/old")
    assert str(caught.value) == (
        "refit is True, but init_from is given: refit trains a new network; leave one of them out"
    )


@pytest.mark.slow
@pytest.mark.bits("repeated")
@pytest.mark.parametrize("batch", [1, 5])
def test_a_stopped_refit_ends_as_one_that_nothing_stopped(tmp_path_factory, monkeypatch, batch):
    folder, paths = copied_corpus(tmp_path_factory, "stopped")
    options = OPTIONS | {"refit": True, "epochs": 2}
    seqlab.train_tagger(**paths, **options, out=folder / "whole")
    stop = raise_in_epoch(1, batch, KeyboardInterrupt())
    with monkeypatch.context() as patch:
        patch.setattr(refit, "train_network", partial(refit.train_network, callbacks=[stop]))
        with pytest.raises(KeyboardInterrupt):
            seqlab.train_tagger(**paths, **options, checkpoint_minutes=0, out=folder / "run")
    manifest = json.loads((folder / "run" / "manifest.json").read_text())
    assert manifest["training"]["refit"] is True
    assert len(manifest["training"]["checkpoints"]) == min(2, batch - 1)
    said = []
    seqlab.resume(folder / "run", say=said.append)
    if batch > 1:
        for name in ("run", "whole"):
            (folder / name / "metrics.json").write_text(without_seconds(folder / name))
        assert_same_end(folder / "run", folder / "whole")
        assert (folder / "run" / "history.jsonl").read_text().count("\n") == 2


def without_seconds(run):
    metrics = json.loads((run / "metrics.json").read_text())
    del metrics["refit"]["seconds"]
    return json.dumps(metrics)
