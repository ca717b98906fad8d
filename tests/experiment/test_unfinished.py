"""The report of an unfinished training, and a finished training whose place cannot be written."""

import errno
import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from seqlab.experiment import run as experiment
from seqlab.experiment import unfinished
from seqlab.experiment.unfinished import UnfinishedReport, unfinished_metrics
from tests import tiny
from tests.reporting.records import record

pytestmark = tiny.KERAS_NOISE


class Directory:
    """A run directory that can be written."""

    def __init__(self, work, facts=()):
        self.path = self.work = work
        self.facts = dict(facts)
        (work / "checkpoints").mkdir(parents=True)

    def check_ours(self):
        pass


@pytest.fixture
def prepared():
    settings = SimpleNamespace(
        select="macro_f1", train="dir/train.conll", items=lambda: [("epochs", 9)]
    )
    return SimpleNamespace(settings=settings, splits=SimpleNamespace(notes=("a note",)))


def test_the_figures_are_those_of_the_best_epoch_so_far():
    history = [
        replace(record(1), best=True, seconds=2.0, evaluation_seconds=1.0, train_tokens_per_second=100.0),
        replace(record(2), best=True, seconds=1.0, evaluation_seconds=0.5, train_tokens_per_second=400.0),
        replace(record(3), best=False, seconds=1.0, evaluation_seconds=0.5, train_tokens_per_second=200.0),
    ]  # fmt: skip
    found = unfinished_metrics("macro_f1", history)
    assert found["splits"] == {"valid": history[1].figures.to_json()}
    assert (found["best_epoch"], found["seconds"], found["train_tokens_per_second"]) == (2, 6.0, 200.0)  # fmt: skip
    assert (found["ending"], found["end_reason"]) == ("not finished", None)
    assert json.dumps(found, allow_nan=False)


def test_a_report_is_written_once_a_minute_and_at_a_stop(tmp_path, prepared, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(unfinished.time, "monotonic", lambda: now[0])
    report = UnfinishedReport(prepared, Directory(tmp_path / "run"), log=pytest.fail)
    page = tmp_path / "run" / "report.html"
    history = [replace(record(1), best=True)]
    report.write([])
    now[0] += 59
    report.epoch_done(history)
    assert not page.exists()
    now[0] += 1
    report.epoch_done(history)
    assert "Training is not finished: 1 epoch so far." in page.read_text(encoding="utf-8")
    history.append(replace(record(2), best=False))
    report.epoch_done(history)
    assert "2 epochs so far" not in page.read_text(encoding="utf-8")
    report.write(history)
    assert "Training is not finished: 2 epochs so far." in page.read_text(encoding="utf-8")
    figures = json.loads((tmp_path / "run" / "checkpoints" / "metrics.json").read_text())
    assert figures == unfinished_metrics("macro_f1", history)


def test_a_report_that_cannot_be_written_is_noted(tmp_path, prepared):
    said, directory = [], Directory(tmp_path / "run")

    def vanished():
        raise FileNotFoundError(errno.ENOENT, "the directory has vanished")

    directory.check_ours = vanished
    UnfinishedReport(prepared, directory, log=said.append).write([replace(record(1), best=True)])
    assert said == ["note: the report cannot be written: the directory has vanished"]


class TestSavedElsewhere:
    """A finished run is written to the first place that takes it."""

    ERROR = OSError(errno.ENOSPC, "No space left on device")

    def save(self, tmp_path, monkeypatch, places, *, facts=(), fails=()):
        fitted = SimpleNamespace(tagger=SimpleNamespace(encoder=None))
        monkeypatch.setattr(experiment, "save_encoder", lambda encoder, folder: None)
        monkeypatch.setattr(experiment, "new_directory_elsewhere", lambda name: iter(places))

        def write(folder: Path):
            if any(str(folder).startswith(str(place)) for place in fails):
                raise self.ERROR
            (folder / "weights.npz").write_bytes(b"weights")

        directory = Directory(tmp_path / "run", facts)
        return experiment.save_elsewhere(directory, self.ERROR, fitted, write)

    def test_the_message_names_the_place(self, tmp_path, monkeypatch):
        first, second = (tmp_path / name / "run" for name in ("a", "b"))
        for place in (first, second):
            place.parent.mkdir()
        message = self.save(tmp_path, monkeypatch, [first, second], fails=[first.parent])
        assert message == (
            f"{tmp_path}/run: cannot be written: No space left on device; the finished run was saved in {second}: move "
            "it to where it belongs"
        )
        assert (second / "weights.npz").read_bytes() == b"weights"
        assert (second / "manifest.json").is_file()
        assert not first.parent.exists()

    def test_without_any_place_the_last_checkpoint_is_named(self, tmp_path, monkeypatch):
        facts = {"checkpoints": [{"state": "x"}], "epoch": 4, "batch": 0}
        run = tmp_path / "run"
        assert self.save(tmp_path, monkeypatch, [], facts=facts) == (
            f"{run}: cannot be written: No space left on device, nor can another directory; its last checkpoint stays: "
            f"saved at the end of epoch 3; resume it with: python -m seqlab.train --resume {run}"
        )

    def test_without_a_checkpoint_none_is_promised(self, tmp_path, monkeypatch):
        assert self.save(tmp_path, monkeypatch, []) == (
            f"{tmp_path}/run: cannot be written: No space left on device, nor can another directory"
        )
