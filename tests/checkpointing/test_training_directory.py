"""The run directory while a training writes it: locks, leftovers, commits, and what is never deleted."""

import json
import os
import shutil
import signal
import subprocess
import sys
import traceback
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path

import pytest

from seqlab.checkpointing.open_training import resumed_directory, training_directory
from seqlab.errors import RunError
from seqlab.machine import atomic
from seqlab.machine.atomic import temporary_path
from seqlab.machine.locks import ProcessLock
from seqlab.storing.run_directory import FINISHED, TRAINING
from seqlab.storing.run_files import open_run


def put(*names, text="new"):
    """A function that writes files into a directory."""

    def write(folder):
        for name in names:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    return write


def checkpoint(directory, epoch, *, keep=2):
    """Add a checkpoint, as `Checkpoints` does."""
    name = f"checkpoints/epoch-{epoch}-batch-0.npz"
    directory.add_file(name, lambda path: path.write_bytes(b"state %d" % epoch))
    entries = [*directory.facts.get("checkpoints", []), {"state": name}]
    dropped = {entry["state"] for entry in entries[:-keep]}
    directory.facts |= {"epoch": epoch, "batch": 0, "checkpoints": entries[-keep:]}
    directory.commit(TRAINING, without=dropped)
    directory.worth_keeping = True


def finish(directory, text="new"):
    directory.finish(put("weights.npz", text=text), whole=put("vocabularies.json"))


def start(directory, text="new"):
    facts = {**directory.facts, "epochs": 9}
    directory.start(put("vocabularies.json", "checkpoints/tagger.json", text=text), facts)


def finished(path, text="old"):
    with training_directory(path, overwrite=False) as directory:
        start(directory, text)
        checkpoint(directory, 1)
        finish(directory, text)
    return path


def unfinished(path):
    with training_directory(path, overwrite=False) as directory:
        start(directory)
        checkpoint(directory, 1)
    return path


def names(folder):
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def manifest(path):
    return json.loads((path / "manifest.json").read_text(encoding="ascii"))


def refusal(path, *, overwrite=False, resumes=False):
    opened = resumed_directory(path) if resumes else training_directory(path, overwrite=overwrite)
    with pytest.raises(RunError) as caught, opened:
        raise AssertionError("it was opened")
    return str(caught.value)


RUN = ["checkpoints/epoch-1-batch-0.npz", "checkpoints/tagger.json", "manifest.json", "vocabularies.json"]  # fmt: skip


def test_a_kill_while_a_listed_file_is_replaced_leaves_a_whole_run(tmp_path):
    """Before the next manifest, the old and the new content of the file are both right, and no other."""
    path = unfinished(tmp_path / "run")
    old = (path / "vocabularies.json").read_bytes()
    with resumed_directory(path) as directory:
        directory.add(
            lambda folder: (folder / "vocabularies.json").write_text("a new one", "utf-8")
        )
        assert open_run(path).read("vocabularies.json") == b"a new one"
        (path / "vocabularies.json").write_bytes(old)
        assert open_run(path).read("vocabularies.json") == old
        (path / "vocabularies.json").write_text("a bad one", "utf-8")
        with pytest.raises(RunError, match=r"vocabularies\.json: damaged"):
            open_run(path).read("vocabularies.json")


def test_it_is_a_run_from_its_start_to_its_end(tmp_path):
    path = tmp_path / "deep" / "run"
    with training_directory(path, overwrite=False) as directory:
        assert names(path) == ["run.lock"]
        start(directory)
        assert manifest(path)["status"] == TRAINING
        assert "pending" not in manifest(path)
        for epoch in (1, 2, 3):
            checkpoint(directory, epoch)
        assert names(path / "checkpoints") == [
            "epoch-2-batch-0.npz", "epoch-3-batch-0.npz", "tagger.json",
        ]  # fmt: skip
        (path / "log.txt").write_text("a log", encoding="utf-8")
        finish(directory)
    content = manifest(path)
    assert content["status"] == FINISHED
    assert names(path) == [
        "checkpoints/epoch-3-batch-0.npz", "checkpoints/tagger.json", "log.txt", "manifest.json",
        "vocabularies.json", "weights.npz",
    ]  # fmt: skip
    assert content["files"].keys() | {"manifest.json"} == set(names(path))
    for name, entry in content["files"].items():
        data = (path / name).read_bytes()
        assert entry == {"bytes": len(data), "sha256": sha256(data).hexdigest()}


def test_an_error_before_the_first_checkpoint_leaves_nothing(tmp_path):
    def fail():
        with training_directory(tmp_path / "a" / "run", overwrite=False) as directory:
            (directory.work / "log.txt").write_text("a log", encoding="utf-8")
            start(directory)
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_an_unfinished_training_is_kept_and_refused_and_replaced_with_overwrite(tmp_path):
    path = unfinished(tmp_path / "run")
    assert names(path) == RUN
    assert refusal(path) == (
        f"{path}: holds an unfinished training; resume it with --resume {path}, give --overwrite to replace it, "
        "or another --out"
    )
    with training_directory(path, overwrite=True) as directory:
        assert names(path) == sorted([*RUN, "run.lock"])  # until training starts
        start(directory)
        assert not (path / "checkpoints" / "epoch-1-batch-0.npz").exists()
        checkpoint(directory, 4)
    assert "checkpoints/epoch-4-batch-0.npz" in names(path)
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


def test_a_training_that_goes_on_keeps_its_files_and_facts(tmp_path):
    path = unfinished(tmp_path / "run")
    with resumed_directory(path) as directory:
        assert (directory.facts["epoch"], directory.facts["epochs"]) == (1, 9)
        assert directory.entries.keys() == set(RUN) - {"manifest.json"}
        finish(directory)
    assert manifest(path)["status"] == FINISHED


class TestLocks:
    def test_a_second_process_is_refused_by_the_name_of_the_first(self, tmp_path):
        path = tmp_path / "run"
        with training_directory(path, overwrite=False) as directory:
            owner = (path / "run.lock").read_text(encoding="utf-8")
            assert owner.startswith(f"process {os.getpid()} on ")
            message = f"{path}: {owner} trains here; wait, or choose another --out"
            assert refusal(path) == refusal(path, overwrite=True) == message
            start(directory)
            assert refusal(path) == refusal(path, overwrite=True) == message
            advice = "wait until it ends"
            assert refusal(path, resumes=True) == f"{path}: {owner} trains here; {advice}"
            checkpoint(directory, 1)
        assert "run.lock" not in names(path)

    def test_the_new_run_is_locked_when_it_has_replaced_the_old_one(self, tmp_path):
        path = finished(tmp_path / "run")
        with training_directory(path, overwrite=True) as directory:
            start(directory)
            assert " trains here; " in refusal(path, overwrite=True)
            checkpoint(directory, 1)
        assert names(path) == RUN

    def test_the_lock_of_a_killed_process_is_free(self, tmp_path):
        path = tmp_path / "run"
        script = (
            "import os, signal, sys; from pathlib import Path\n"
            "from seqlab.machine.locks import ProcessLock\n"
            "lock = ProcessLock(Path(sys.argv[1]) / 'run.lock')\n"
            "(Path(sys.argv[1]) / 'log.txt').write_text('reading')\n"
            "os.kill(os.getpid(), signal.SIGKILL)"
        )
        path.mkdir()
        done = subprocess.run([sys.executable, "-c", script, str(path)], check=False)
        assert done.returncode == -signal.SIGKILL
        assert names(path) == ["log.txt", "run.lock"]
        with training_directory(path, overwrite=False) as directory:
            assert directory.locks[0].former.startswith("process ")
            assert names(path) == ["run.lock"]  # its log is gone
        assert not path.exists()

    def test_a_lock_that_is_a_link_is_refused(self, tmp_path):
        path, target = unfinished(tmp_path / "run"), tmp_path / "mine"
        target.write_text("process of mine", encoding="utf-8")
        (path / "run.lock").symlink_to(target)
        message = f"{path}: cannot be written: Too many levels of symbolic links"
        assert refusal(path, resumes=True) == refusal(path, overwrite=True) == message
        assert target.read_text(encoding="utf-8") == "process of mine"


class TestFilesOfTheUser:
    @pytest.mark.parametrize("overwrite", [False, True])
    @pytest.mark.parametrize("lock", [None, "", "my own lock"])
    def test_a_log_or_report_of_the_users_own_is_never_deleted(self, tmp_path, lock, overwrite):
        for name in ("log.txt", "report.html", "history.jsonl"):
            (tmp_path / name).write_text("years of work", encoding="utf-8")
        if lock is not None:
            (tmp_path / "run.lock").write_text(lock, encoding="utf-8")
        before = {p.name: p.read_text(encoding="utf-8") for p in tmp_path.iterdir()}
        assert refusal(tmp_path, overwrite=overwrite) == (
            f"{tmp_path}: exists and is not a run of seqlab; choose another --out"
        )
        assert {p.name: p.read_text(encoding="utf-8") for p in tmp_path.iterdir()} == before

    def test_a_lock_file_of_another_program_is_not_overwritten(self, tmp_path):
        (tmp_path / "run.lock").write_text("my own lock", encoding="utf-8")
        assert refusal(tmp_path).endswith(
            ": exists and is not a run of seqlab; choose another --out"
        )
        assert (tmp_path / "run.lock").read_text(encoding="utf-8") == "my own lock"

    @pytest.mark.parametrize("name", ["thesis.tex", "checkpoints/mine.txt"])
    def test_a_run_with_further_files_is_not_replaced(self, tmp_path, name):
        path = unfinished(tmp_path / "run")
        (path / name).touch()
        assert refusal(path, overwrite=True) == (
            f"{path}: holds {name!r}, which is not part of the run; move it away first"
        )
        assert names(path) == sorted([*RUN, name])

    def test_hidden_files_beside_the_run_are_not_taken_for_leftovers(self, tmp_path):
        (tmp_path / ".run.old-backup").mkdir()
        finished(tmp_path / "run")
        with training_directory(tmp_path / "run", overwrite=True) as directory:
            start(directory)
            checkpoint(directory, 1)
        assert sorted(p.name for p in tmp_path.iterdir()) == [".run.old-backup", "run"]


def killed_at(number, work):
    """Do `work` in a child process that kills itself at the file operation of this number.

    Returns whether it was killed.
    """
    child = os.fork()
    if child == 0:
        left, code = [number], 1

        def count(event, arguments):
            changes = event in ("os.rename", "os.remove", "os.mkdir", "os.rmdir")
            if event == "open" and isinstance(arguments[2], int):
                changes = bool(arguments[2] & (os.O_WRONLY | os.O_RDWR))
            left[0] -= changes
            if changes and left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        try:
            sys.addaudithook(count)
            work()
            code = 0
        except BaseException:
            os.write(1, traceback.format_exc().encode())
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, -signal.SIGKILL)
    return code != 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
@pytest.mark.parametrize(
    ("exchange", "epochs"),
    [
        (True, (1,)),
        pytest.param(True, (1, 2, 3), marks=pytest.mark.slow),
        pytest.param(False, (), marks=pytest.mark.slow),
    ],
)
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_kill_at_any_file_operation_leaves_a_whole_run(tmp_path, monkeypatch, exchange, epochs):
    """The old run, or the new one up to its last commit. The next start cleans up, and can always finish."""
    if not exchange:
        monkeypatch.setattr(atomic, "exchange_names", lambda one, other: False)
    old = finished(tmp_path / "template")
    number, states = 0, set()
    while True:
        number += 1
        place = tmp_path / str(number)
        place.mkdir()
        path = place / "run"
        shutil.copytree(old, path)

        def work(path=path):
            with training_directory(path, overwrite=True) as directory:
                (directory.work / "log.txt").write_text("log", encoding="utf-8")
                start(directory)
                for epoch in epochs:
                    checkpoint(directory, epoch)
                finish(directory)

        if not killed_at(number, work):
            break
        if not path.exists():
            assert not exchange
            assert list(place.glob(".run.old-*"))
        with ExitStack() as stack:
            opened = stack.enter_context(
                resumed_directory(path)
                if manifest(path if path.exists() else next(place.glob(".run.old-*")))["status"]
                == TRAINING
                else training_directory(path, overwrite=True)
            )
            states.add((manifest(path)["status"], opened.facts.get("epoch")))
            for name, entry in manifest(path)["files"].items():
                assert (path / name).read_bytes() or entry["bytes"] == 0, name
            start(opened)
            checkpoint(opened, 4)
            finish(opened)
        assert [p.name for p in place.iterdir()] == ["run"]
        files = set(names(path)) - {"log.txt"}
        assert files == {
            "checkpoints/epoch-4-batch-0.npz", "checkpoints/tagger.json", "manifest.json", "vocabularies.json",
            "weights.npz",
        }, number  # fmt: skip
        shutil.rmtree(place)
    assert number > 20
    assert states >= {
        (FINISHED, None),
        (TRAINING, None),
        *((TRAINING, epoch) for epoch in epochs),
    }


class TestLeftovers:
    def leave(self, *paths):
        for path in paths:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()

    def test_a_resumed_training_deletes_what_killed_ones_were_writing(self, tmp_path):
        path = unfinished(tmp_path / "run")
        pid = 2**22 + 1  # no process has this number
        self.leave(
            temporary_path(path / "manifest.json", pid=pid),
            temporary_path(path / "checkpoints" / "epoch-2-batch-0.npz", pid=pid),
            path / "checkpoints" / "epoch-2-batch-0.npz",  # written, but not yet in the manifest
        )
        temporary_path(path, pid=pid).mkdir()
        with resumed_directory(path):
            pass
        assert names(path) == RUN
        assert [p.name for p in tmp_path.iterdir()] == ["run"]

    def test_a_run_whose_replacement_was_killed_comes_back(self, tmp_path):
        path = unfinished(tmp_path / "run")
        path.rename(tmp_path / ".run.old-77")
        with resumed_directory(path):
            assert names(path) == sorted([*RUN, "run.lock"])
        assert [p.name for p in tmp_path.iterdir()] == ["run"]


class TestVanishedDirectories:
    """What another program does to the directory while a training runs."""

    def test_a_directory_that_vanished_gets_no_checkpoint_but_the_finished_run(self, tmp_path):
        path = tmp_path / "run"
        with training_directory(path, overwrite=False) as directory:
            start(directory)
            checkpoint(directory, 1)
            shutil.rmtree(path)
            with pytest.raises(FileNotFoundError, match="the directory has vanished"):
                directory.add_file("checkpoints/x.npz", Path.touch)
            with pytest.raises(FileNotFoundError) as caught:
                directory.commit(TRAINING)
            assert caught.value.strerror == "the directory has vanished"
            finish(directory)
            assert " trains here; " in refusal(path)
        assert names(path) == ["manifest.json", "vocabularies.json", "weights.npz"]
        assert manifest(path)["training"]["checkpoints"] == []

    def test_the_run_of_another_training_is_not_touched(self, tmp_path):
        path = tmp_path / "run"
        with training_directory(path, overwrite=False) as directory:
            start(directory)
            checkpoint(directory, 1)
            shutil.rmtree(path)
            finished(path, "theirs")
            before = {name: (path / name).read_bytes() for name in names(path)}
            for work in (lambda: directory.commit(TRAINING), lambda: finish(directory)):
                with pytest.raises(OSError, match=r"^something else is there now$"):
                    work()
        assert {name: (path / name).read_bytes() for name in names(path)} == before

    def test_another_training_that_runs_there_is_named(self, tmp_path):
        path = tmp_path / "run"
        with training_directory(path, overwrite=False) as directory:
            start(directory)
            checkpoint(directory, 1)
            content = (path / "manifest.json").read_bytes()
            shutil.rmtree(path)
            path.mkdir()
            (path / "manifest.json").write_bytes(content)
            other = ProcessLock(path / "run.lock")
            with pytest.raises(OSError, match=rf"^process {os.getpid()} on .* trains there now$"):
                directory.commit(TRAINING)
            other.release()

    def test_a_deleted_lock_file_is_written_again(self, tmp_path):
        path = tmp_path / "run"
        with training_directory(path, overwrite=False) as directory:
            start(directory)
            (path / "run.lock").unlink()
            checkpoint(directory, 1)
            assert " trains here; " in refusal(path, resumes=True)
        assert names(path) == RUN
