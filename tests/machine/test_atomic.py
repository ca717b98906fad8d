"""Files and directories that appear whole or not at all."""

import gzip
import os
import subprocess
import sys

import pytest

from seqlab.machine.atomic import (
    atomic_directory,
    atomic_file,
    atomic_text_files,
    free_path,
    remove_leftovers,
    replace_directory,
    restore_replaced,
    temporary_path,
)


def test_an_atomic_file_appears_when_its_block_has_ended(tmp_path):
    path = tmp_path / "a.txt.gz"
    with atomic_file(path, overwrite=False) as pending:
        assert pending.temporary.name.endswith(".txt.gz")  # writers go by the ending
        pending.temporary.write_text("whole", encoding="utf-8")
        assert not path.exists()
    assert (pending.path, path.read_text(encoding="utf-8")) == (path, "whole")
    assert list(tmp_path.iterdir()) == [path]


def spoil(path):
    with atomic_file(path, overwrite=True) as pending:
        pending.temporary.write_text("half", encoding="utf-8")
        raise RuntimeError


def test_a_block_that_fails_leaves_what_was_there(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(RuntimeError):
        spoil(path)
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_appears_meanwhile_is_replaced_only_with_overwrite(tmp_path):
    path = tmp_path / "a.txt"
    for expected in ("a.txt", "a-2.txt", "a-3.txt"):
        with atomic_file(path, overwrite=False) as pending:
            pending.temporary.write_text(expected, encoding="utf-8")
        assert pending.path.name == expected
        assert pending.path.read_text(encoding="utf-8") == expected


def write_pair(folder, fail=False):
    with atomic_text_files() as open_text:
        for name in ("a.txt", "b.txt.gz"):
            open_text(folder / name).write(f"{name}\n")
            assert not (folder / name).exists()
        if fail:
            raise RuntimeError


def test_text_files_appear_together_or_not_at_all(tmp_path):
    with pytest.raises(RuntimeError):
        write_pair(tmp_path, fail=True)
    assert list(tmp_path.iterdir()) == []
    write_pair(tmp_path)
    assert (tmp_path / "a.txt").read_bytes() == b"a.txt\n"
    assert gzip.decompress((tmp_path / "b.txt.gz").read_bytes()) == b"b.txt.gz\n"
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize(("replace", "expected"), [(True, "d"), (False, "d-1")])
def test_a_directory_replaces_an_old_one_only_where_it_may(tmp_path, replace, expected):
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "old").touch()
    with atomic_directory(tmp_path / "d", may_replace=lambda path: replace) as pending:
        (pending.temporary / "new").touch()
    assert pending.path == tmp_path / expected
    assert [path.name for path in pending.path.iterdir()] == ["new"]
    assert (tmp_path / "d" / "old").exists() is not replace


def test_after_an_error_no_new_parent_is_left(tmp_path):
    parent = tmp_path / "old" / "a"
    parent.parent.mkdir()

    def fail(*files):
        with atomic_directory(parent / "b" / "c"):
            for name in files:
                (parent / name).touch()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert list(parent.parent.iterdir()) == []
    with pytest.raises(RuntimeError):
        fail("of another process")
    assert [path.name for path in parent.iterdir()] == ["of another process"]


def test_free_path_counts_on(tmp_path):
    assert free_path(tmp_path, "ner") == tmp_path / "ner-1"
    (tmp_path / "ner-1").mkdir()
    (tmp_path / "ner-2").touch()
    assert free_path(tmp_path, "ner") == tmp_path / "ner-3"
    assert free_path(tmp_path / "missing", "ner") == tmp_path / "missing" / "ner-1"


def dead():
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_what_a_living_process_writes_is_no_leftover(tmp_path):
    living = temporary_path(tmp_path / "a", pid=os.getppid())
    living.mkdir()
    remove_leftovers(tmp_path)
    assert list(tmp_path.iterdir()) == [living]


def test_leftovers_of_one_directory_or_of_all_are_removed(tmp_path):
    first, second = (temporary_path(tmp_path / name, pid=dead()) for name in ("a[1]", "b"))
    first.mkdir()
    second.mkdir()
    remove_leftovers(tmp_path, "a[1]")
    assert list(tmp_path.iterdir()) == [second]
    remove_leftovers(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("exchange", [True, False])
def test_a_directory_is_replaced_with_and_without_an_exchange_of_names(
    tmp_path, monkeypatch, exchange
):
    if not exchange:
        monkeypatch.setattr("seqlab.machine.atomic.exchange_names", lambda one, other: False)
    for name in ("new", "run"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    replace_directory(tmp_path / "new", tmp_path / "run")
    assert [p.relative_to(tmp_path).as_posix() for p in sorted(tmp_path.rglob("*"))] == ["run", "run/new"]  # fmt: skip


@pytest.mark.parametrize("exchange", [True, False])
def test_a_link_is_replaced_and_its_directory_stays(tmp_path, monkeypatch, exchange):
    if not exchange:
        monkeypatch.setattr("seqlab.machine.atomic.exchange_names", lambda one, other: False)
    for name in ("new", "real"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    (tmp_path / "run").symlink_to(tmp_path / "real")
    replace_directory(tmp_path / "new", tmp_path / "run")
    assert [entry.name for entry in sorted(tmp_path.iterdir())] == ["real", "run"]
    assert (tmp_path / "real" / "real").exists()
    assert (tmp_path / "run" / "new").exists()
    assert not (tmp_path / "run").is_symlink()


def test_a_directory_whose_replacement_was_killed_comes_back_once(tmp_path):
    old, other = tmp_path / ".run.old-77", tmp_path / ".run.old-notes"
    for path in (old, other):
        path.mkdir()
    restore_replaced(tmp_path / "run")
    assert {p.name for p in tmp_path.iterdir()} == {"run", ".run.old-notes"}
    old.mkdir()
    restore_replaced(tmp_path / "run")  # the new one had come: the old one is a leftover
    assert {p.name for p in tmp_path.iterdir()} == {"run", ".run.old-notes"}
