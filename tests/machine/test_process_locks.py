"""Locks that name their process."""

import os
import subprocess
import sys

import pytest

from seqlab.machine.locks import LockHeldError, ProcessLock, is_lock_file

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows has no such locks")


def test_the_second_is_refused_and_the_first_is_named(tmp_path):
    path = tmp_path / "run.lock"
    lock = ProcessLock(path)
    with pytest.raises(LockHeldError) as caught:
        ProcessLock(path)
    assert caught.value.owner == path.read_text(encoding="utf-8")
    assert caught.value.owner.startswith(f"process {os.getpid()} on ")
    lock.release()
    assert not path.exists()
    ProcessLock(path).release()


def test_an_owner_that_writes_escapes_is_named_without_them(tmp_path):
    path = tmp_path / "run.lock"
    path.write_text("process 1 \x1b[31m\non x" + "y" * 5000, encoding="utf-8")
    lock = ProcessLock(path)
    assert lock.former == "process 1 [31mon x" + "y" * (1000 - 20)
    lock.release()


def test_a_process_that_ended_holds_no_lock(tmp_path):
    path = tmp_path / "run.lock"
    script = (
        "import sys; from pathlib import Path; from seqlab.machine.locks import ProcessLock\n"
        "ProcessLock(Path(sys.argv[1]))"
    )
    done = subprocess.run([sys.executable, "-c", script, str(path)], check=True)
    assert done.returncode == 0
    assert is_lock_file(path)
    lock = ProcessLock(path)
    assert lock.former.startswith("process ")
    lock.release()


def test_a_lock_whose_file_was_replaced_is_not_current_and_deletes_nothing(tmp_path):
    path = tmp_path / "run.lock"
    lock = ProcessLock(path)
    assert lock.is_current()
    path.unlink()
    assert not lock.is_current()
    other = ProcessLock(path)
    lock.release()
    assert other.is_current()
    other.release()


@pytest.mark.parametrize("content", ["", "my own lock", None])
def test_other_files_are_no_lock_files(tmp_path, content):
    path = tmp_path / "run.lock"
    if content is None:
        path.mkdir()
    else:
        path.write_text(content, encoding="utf-8")
    assert not is_lock_file(path)
    assert not is_lock_file(tmp_path / "missing")


def test_a_link_to_a_lock_file_and_a_pipe_are_no_lock_files(tmp_path):
    lock = ProcessLock(tmp_path / "a.lock")
    (tmp_path / "link").symlink_to(tmp_path / "a.lock")
    os.mkfifo(tmp_path / "pipe")
    assert is_lock_file(tmp_path / "a.lock")
    assert not is_lock_file(tmp_path / "link")
    assert not is_lock_file(tmp_path / "pipe")  # and nobody waits for a writer
    lock.release()
