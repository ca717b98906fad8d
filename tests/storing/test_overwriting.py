"""`overwrite` replaces only a run of seqlab without additional files."""

import json

import pytest

from seqlab.errors import RunError
from seqlab.storing.run_directory import MANIFEST, new_run


def make(path, text):
    with new_run(path) as run:
        (run.temporary / "metrics.json").write_text(text, encoding="ascii")


def test_a_run_is_replaced(tmp_path):
    make(tmp_path / "r", "old")
    with new_run(tmp_path / "r", overwrite=True) as run:
        (run.temporary / "metrics.json").write_text("new", encoding="ascii")
    assert (tmp_path / "r" / "metrics.json").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["r"]


def test_another_program_s_manifest_makes_no_run(tmp_path):
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / MANIFEST).write_text(json.dumps({"name": "an extension"}), encoding="ascii")
    with (
        pytest.raises(RunError, match="is not a run of seqlab"),
        new_run(tmp_path / "r", overwrite=True),
    ):
        pass
    assert (tmp_path / "r" / MANIFEST).exists()


def test_a_file_that_the_run_did_not_write_is_never_deleted(tmp_path):
    make(tmp_path / "r", "old")
    (tmp_path / "r" / "NOTES").write_text("mine", encoding="ascii")
    with pytest.raises(RunError, match="holds 'NOTES', which is not part of the run"):  # noqa: SIM117
        with new_run(tmp_path / "r", overwrite=True):
            pass
    assert (tmp_path / "r" / "NOTES").read_text() == "mine"


def test_a_link_to_a_run_stays_a_link(tmp_path):
    make(tmp_path / "real", "old")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with new_run(tmp_path / "link", overwrite=True) as run:
        (run.temporary / "metrics.json").write_text("new", encoding="ascii")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "metrics.json").read_text() == "new"


def test_leftovers_of_a_killed_process_with_the_same_id_do_no_harm(tmp_path, monkeypatch):
    monkeypatch.setattr("os.getpid", lambda: 7)
    (tmp_path / ".partial-7-r").mkdir()
    make(tmp_path / "r", "new")
    assert (tmp_path / "r" / "metrics.json").read_text() == "new"
