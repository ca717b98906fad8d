import json

import pytest

from seqlab.checkpointing.open_training import training_directory
from seqlab.comparing.cell import CELL, PREDICTIONS
from seqlab.comparing.store import check_finished_cell, is_finished, locked_directory, read_cell
from seqlab.errors import RunError
from seqlab.storing.run_directory import new_run

WANTED = {"settings": {"epochs": 3}, "sha256": {"train": "a"}}


def write(folder, identity):
    (folder / CELL).write_text(json.dumps({"identity": identity}))


def test_a_cell_is_done_when_it_is_the_one_that_is_wanted(tmp_path):
    write(tmp_path, WANTED)
    assert is_finished(tmp_path, WANTED, overwrite=False)
    assert not is_finished(tmp_path / "none", WANTED, overwrite=False)


@pytest.mark.parametrize(
    ("made", "message"),
    [
        ({"settings": {"epochs": 2}, "sha256": {"train": "a"}}, "epochs was 2 and is 3"),
        ({"settings": {"epochs": 3}, "sha256": {"train": "b"}}, "the file of train has changed"),
        (
            {"settings": {"epochs": 3, "layers": 2}, "sha256": {"train": "a"}},
            "layers was 2 and is None",
        ),
    ],
)
def test_another_cell_is_refused_or_trained_again(tmp_path, made, message):
    write(tmp_path, made)
    with pytest.raises(RunError, match=f"{message}; give --overwrite"):
        is_finished(tmp_path, WANTED, overwrite=False)
    assert not is_finished(tmp_path, WANTED, overwrite=True)


@pytest.mark.parametrize("overwrite", [False, True])
def test_what_is_no_cell_is_never_replaced(tmp_path, overwrite):
    (tmp_path / "mine").touch()
    with pytest.raises(RunError, match="exists and is not a cell of a comparison"):
        is_finished(tmp_path, WANTED, overwrite=overwrite)


def test_a_killed_cell_is_trained_again(tmp_path):
    """Whatever it had written: nothing, its lock, a checkpoint, or the files of its results just before the end."""
    folder = tmp_path / "seed-1"
    folder.mkdir()
    assert not is_finished(folder, WANTED, overwrite=False)
    (folder / "run.lock").write_text("process 7 on a, since then")
    (folder / "log.txt").touch()
    assert not is_finished(folder, WANTED, overwrite=False)
    with training_directory(folder, overwrite=True) as directory:
        directory.start(lambda path: write(path, WANTED), {"epochs": 3})
        assert not is_finished(folder, WANTED, overwrite=False)
        directory.finish(lambda path: write(path, WANTED), whole=lambda path: None)
    assert is_finished(folder, WANTED, overwrite=False)


def test_a_damaged_cell_is_told(tmp_path):
    write(tmp_path, WANTED)
    with pytest.raises(RunError, match=r"damaged cell: .* delete it to train it again"):
        read_cell(tmp_path)


def finished_cell(folder):
    """A finished cell with only the files of its results."""
    with new_run(folder) as new:
        write(new.temporary, WANTED)
        (new.temporary / "metrics.json").write_text('{"micro_f1": 0.5}')
        (new.temporary / PREDICTIONS).write_text('{"gold": ["O"], "predicted": ["O"]}\n')
    return folder


def test_a_cell_as_it_was_written_passes(tmp_path):
    check_finished_cell(finished_cell(tmp_path / "seed-1"))


@pytest.mark.parametrize("name", [CELL, PREDICTIONS, "metrics.json"])
def test_results_that_were_changed_are_told_before_anything_is_trained(tmp_path, name):
    path = finished_cell(tmp_path / "seed-1")
    content = (path / name).read_bytes()
    (path / name).write_bytes(content.swapcase())
    with pytest.raises(RunError) as caught:
        check_finished_cell(path)
    fact = f"{path / name}: damaged: its sha256 is not the manifest's"
    assert str(caught.value) == f"{path}: damaged cell: {fact}; delete it to train it again"


def test_results_that_are_missing_are_told(tmp_path):
    path = finished_cell(tmp_path / "seed-1")
    facts = {
        PREDICTIONS: f"{path / PREDICTIONS}: missing, but the manifest of the run lists it; copy the run again",
        "manifest.json": f"{path}: no run of seqlab here",
    }
    for name, fact in facts.items():
        (path / name).unlink()
        with pytest.raises(RunError) as caught:
            check_finished_cell(path)
        assert str(caught.value) == f"{path}: damaged cell: {fact}; delete it to train it again"


def test_what_a_killed_comparison_left_is_cleared(tmp_path):
    with locked_directory(tmp_path / "c"):
        pass
    left = tmp_path / "c" / "cells" / "a" / ".partial-4194305-seed-1"
    left.mkdir(parents=True)
    with locked_directory(tmp_path / "c"):
        assert not left.exists()
