"""Checkpoints in the run directory: what is kept, what is shared, and what happens when they cannot be written."""

import errno
import json

import numpy as np
import pytest

from seqlab.checkpointing.checkpoint_state import read_state
from seqlab.checkpointing.checkpoints import Checkpoints
from seqlab.checkpointing.open_training import training_directory
from seqlab.machine.array_files import ArraySpec
from seqlab.storing.checkpoint_files import checkpoint_entries
from seqlab.storing.run_files import open_run
from seqlab.training.training_state import EpochProgress, TrainingState, random_states
from tests.checkpointing.test_training_directory import manifest, names, start


@pytest.fixture
def directory(tmp_path):
    with training_directory(tmp_path / "run", overwrite=False) as opened:
        start(opened)
        yield opened


def state(epoch, batch=0, *, best=0, value=1.0, optimizer=False):
    return TrainingState(
        progress=EpochProgress(epoch, np.zeros((2, 4)), batch=batch),
        history=(),
        best_epoch=best,
        seconds=1.0,
        unsettled_steps=0,
        variables={"a/0": np.full(3, value, np.float32)},
        best={"a/0": np.full(3, best, np.float32)} if best else {},
        best_optimizer={"0": np.full(3, best, np.float32)} if optimizer else {},
    )


def save(checkpoints, *states):
    for one in states:
        checkpoints.save(one)
    checkpoints.wait()


def checkpoints_of(directory, minutes=5.0):
    said = []
    return Checkpoints(directory, [], minutes=minutes, say=said.append), said


def specs():
    floats = {"a/0": ArraySpec((3,))}
    random = {n: ArraySpec(v.shape, v.dtype.name) for n, v in random_states().items()}
    return {
        "now": floats, "best": floats, "best-optimizer": {"0": ArraySpec((3,))}, "random": random,
        "epoch": {"sums": ArraySpec((2, 4), "float64")},
    }  # fmt: skip


def test_the_last_two_are_kept_and_share_the_weights_of_the_best_epoch(directory):
    checkpoints, said = checkpoints_of(directory)
    save(
        checkpoints,
        state(1, 5),
        state(2, best=1, optimizer=True),
        state(3, best=1, optimizer=True),
        state(4, best=3),
    )
    folder = directory.path / "checkpoints"
    assert names(folder) == [
        "best-epoch-1-optimizer.npz", "best-epoch-1.npz", "best-epoch-3.npz", "epoch-3-batch-0.npz",
        "epoch-4-batch-0.npz", "tagger.json",
    ]  # fmt: skip
    files = open_run(directory.path)
    older, newest = checkpoint_entries(files)
    assert read_state(files, newest, specs()).best["a/0"].tolist() == [3, 3, 3]
    found = read_state(files, older, specs())
    assert (found.progress.epoch, found.best_epoch) == (3, 1)
    assert found.best_optimizer["0"].tolist() == [1, 1, 1]
    facts = manifest(directory.path)["training"]
    assert (facts["epoch"], facts["batch"], facts["best_epoch"]) == (4, 0, 3)
    assert said == []


def test_weights_that_are_not_finite_are_not_saved(directory):
    checkpoints, said = checkpoints_of(directory)
    save(checkpoints, state(1, 5), state(1, 6, value=np.nan))
    assert manifest(directory.path)["training"]["batch"] == 5
    assert said == []


def test_a_full_disk_is_noted_once_and_the_last_checkpoint_stays(directory, monkeypatch):
    checkpoints, said = checkpoints_of(directory)
    save(checkpoints, state(1, 1))
    before = manifest(directory.path)

    def full(name, write):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(directory, "add_file", full)
        save(checkpoints, state(1, 2), state(1, 3))
    assert said == [
        f"note: {directory.path}: the checkpoint cannot be written: No space left on device; training goes on and tries "
        "again at the next checkpoint"
    ]
    assert manifest(directory.path) == before
    assert directory.facts["batch"] == 1  # what is said of the last checkpoint is true
    save(checkpoints, state(1, 4))
    assert manifest(directory.path)["training"]["batch"] == 4


def test_a_manifest_that_cannot_be_written_leaves_the_checkpoint_before(directory, monkeypatch):
    checkpoints, said = checkpoints_of(directory)
    save(checkpoints, state(1, 1))

    def fail(*arguments, **options):
        raise OSError("something else is there now")

    monkeypatch.setattr(directory, "commit", fail)
    save(checkpoints, state(1, 2))
    assert len(said) == 1
    assert (directory.facts["batch"], [e.state for e in checkpoints.entries]) == (
        1, ["checkpoints/epoch-1-batch-1.npz"],
    )  # fmt: skip


def test_they_are_due_after_some_minutes(directory, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr("seqlab.checkpointing.checkpoints.time.monotonic", lambda: now[0])
    checkpoints, _ = checkpoints_of(directory, minutes=2)
    now[0] += 119
    assert not checkpoints.due()
    now[0] += 1
    assert checkpoints.due()
    save(checkpoints, state(1, 1))
    assert not checkpoints.due()
    assert checkpoints_of(directory, minutes=0)[0].due()


@pytest.mark.bits("copied")
def test_the_text_of_a_checkpoint_is_json(directory):
    checkpoints, _ = checkpoints_of(directory)
    save(checkpoints, state(1, 5))
    with np.load(directory.path / "checkpoints" / "epoch-1-batch-5.npz") as arrays:
        facts = json.loads(arrays["facts"].tobytes())
    assert (facts["format"], facts["progress"]["batch"]) == (1, 5)
