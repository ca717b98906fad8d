import json
import os
import shutil
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import pytest

from seqlab.errors import RunError
from seqlab.storing import run_directory
from seqlab.storing.run_directory import check_free, new_run, write_json


def finished(path, content="old"):
    with new_run(path) as run:
        (run.temporary / "weights").write_text(content, encoding="utf-8")
    return path


def refusal(path, *, overwrite=False):
    with pytest.raises(RunError) as caught:
        check_free(path, overwrite=overwrite)
    return str(caught.value)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_run_appears_under_its_name_only_when_it_is_whole(tmp_path):
    path = tmp_path / "deep" / "run"
    with new_run(path) as run:
        assert not path.exists()
        assert run.temporary.parent == path.parent  # one file system: the rename is atomic
        (run.temporary / "a").mkdir()
        (run.temporary / "a" / "b.txt").write_bytes(b"12")
    assert names(path.parent) == ["run"]
    assert run.path == path
    manifest = json.loads((path / "manifest.json").read_text(encoding="ascii"))
    assert manifest["files"] == {"a/b.txt": {"bytes": 2, "sha256": sha256(b"12").hexdigest()}}
    assert manifest["versions"]["keras"] == version("keras")


@pytest.mark.parametrize("fault", [ValueError, KeyboardInterrupt, SystemExit])
def test_an_error_in_the_block_leaves_nothing(tmp_path, fault):
    def work():
        with new_run(tmp_path / "run") as run:
            (run.temporary / "half").touch()
            raise fault

    with pytest.raises(fault):
        work()
    assert names(tmp_path) == []


def test_an_error_in_the_block_leaves_the_old_run(tmp_path):
    path = finished(tmp_path / "run")
    with pytest.raises(ValueError, match="stop"), new_run(path, overwrite=True):
        raise ValueError("stop")
    assert names(tmp_path) == ["run"]
    assert (path / "weights").read_text(encoding="utf-8") == "old"


def test_a_finished_run_is_refused_and_replaced_with_overwrite(tmp_path):
    path = finished(tmp_path / "run")
    message = f"{path}: holds a finished run; give --overwrite to replace it, or another --out"
    assert refusal(path) == message
    with pytest.raises(RunError), new_run(path):
        raise AssertionError("the block was entered")
    with new_run(path, overwrite=True) as run:
        assert (path / "weights").read_text(encoding="utf-8") == "old"  # until the very end
        (run.temporary / "other").touch()
    assert names(tmp_path) == ["run"]
    assert names(path) == ["manifest.json", "other"]


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("kind", ["directory", "file", "link"])
def test_a_path_without_a_run_is_never_replaced(tmp_path, kind, overwrite):
    path = tmp_path / "mine"
    home = tmp_path / "home"
    home.mkdir()
    (home / "thesis").touch()
    if kind == "directory":
        shutil.copytree(home, path)
    elif kind == "file":
        path.touch()
    else:
        path.symlink_to(home)
    message = f"{path}: exists and is not a run of seqlab; choose another --out"
    assert refusal(path, overwrite=overwrite) == message
    assert (home / "thesis").exists()


def test_an_empty_directory_and_nothing_at_all_are_free(tmp_path):
    (tmp_path / "empty").mkdir()
    for name in ("empty", "nothing"):
        check_free(tmp_path / name, overwrite=False)
        finished(tmp_path / name)
    assert names(tmp_path) == ["empty", "nothing"]


def test_a_run_that_another_process_finished_meanwhile_is_kept_and_ours_gets_the_next_name(
    tmp_path,
):
    path = tmp_path / "run"
    with new_run(path) as run:
        (run.temporary / "weights").write_text("ours", encoding="utf-8")
        shutil.copytree(finished(tmp_path / "other", "theirs"), path)
    assert run.path == tmp_path / "run-1"
    assert (path / "weights").read_text(encoding="utf-8") == "theirs"
    assert (run.path / "weights").read_text(encoding="utf-8") == "ours"
    assert names(tmp_path) == ["other", "run", "run-1"]


def test_a_foreign_directory_that_appears_meanwhile_is_kept_even_with_overwrite(tmp_path):
    path = tmp_path / "run"
    with new_run(path, overwrite=True) as run:
        path.mkdir()
        (path / "thesis").touch()
    assert names(path) == ["thesis"]
    assert run.path == tmp_path / "run-1"
    assert names(run.path) == ["manifest.json"]


@pytest.mark.parametrize(
    ("out", "reason"),
    [("file/run", "Not a directory"), ("x" * 300, "File name too long"), ("a\0b", "embedded null byte")],
    ids=["below a file", "long", "nul"],
)  # fmt: skip
def test_a_path_that_cannot_be_written_is_one_line(tmp_path, out, reason):
    (tmp_path / "file").touch()
    path = tmp_path / out
    with pytest.raises(RunError) as caught, new_run(path):
        raise AssertionError("the block was entered")
    shown = str(path).replace("\0", "\\x00")
    assert str(caught.value) == f"{shown}: cannot be written: {reason}"
    assert names(tmp_path) == ["file"]


def test_two_processes_do_not_share_a_temporary_directory(tmp_path, monkeypatch):
    with new_run(tmp_path / "run") as ours:
        monkeypatch.setattr(os, "getpid", lambda: 10**7)
        with new_run(tmp_path / "run") as theirs:
            assert ours.temporary != theirs.temporary
    assert {ours.path.name, theirs.path.name} == {"run", "run-1"}


def test_write_json_is_ascii_and_refuses_nan(tmp_path):
    path = tmp_path / "a.json"
    write_json(path, {"café": None, "b": [1.5, "\u202e"]})
    assert json.loads(path.read_bytes().decode("ascii")) == {"café": None, "b": [1.5, "\u202e"]}
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(path, {"a": float("nan")})


def test_the_manifest_does_not_list_itself(tmp_path):
    path = finished(tmp_path / "run")
    assert set(run_directory.manifest(Path(path))["files"]) == {"manifest.json", "weights"}
    written = json.loads((path / "manifest.json").read_text(encoding="ascii"))
    assert set(written["files"]) == {"weights"}


def test_the_old_run_stays_if_the_new_one_cannot_be_renamed(tmp_path, monkeypatch):
    path = finished(tmp_path / "run")
    rename = Path.rename

    def failing(self, target):
        if ".partial-" in self.name:
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    monkeypatch.setattr("seqlab.machine.atomic.exchange_names", lambda one, other: False)
    with (
        pytest.raises(RunError, match="No space left on device"),
        new_run(path, overwrite=True) as run,
    ):
        (run.temporary / "weights").write_text("new", encoding="utf-8")
    assert names(tmp_path) == ["run"]
    assert (path / "weights").read_text(encoding="utf-8") == "old"
