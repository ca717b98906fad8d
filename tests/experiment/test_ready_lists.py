"""Ready lists that take long to read are read once."""

import pytest

from seqlab.experiment import ready_lists
from seqlab.experiment.ready_lists import list_version, ready_list

pytest.importorskip("names_dataset")


def test_names_are_read_once_and_kept_with_the_version_of_their_package(tmp_path, monkeypatch):
    calls = []

    def names(*which):
        calls.append(which)
        return ["Eva", "Ada", "two\nlines"]

    monkeypatch.setattr(ready_lists, "names", names)
    monkeypatch.setenv("SEQLAB_DATA", str(tmp_path))
    assert ready_list("names:first-fr") == ready_list("names:first-fr") == ["Ada", "Eva"]
    assert calls == [("first", "fr")]
    (file,) = (tmp_path / "lists").iterdir()
    version = list_version("names:first-fr").rpartition(" ")[2]
    assert file.name == f"names-first-fr-names-dataset-{version}-1000.txt"
    assert file.read_text(encoding="utf-8") == "Ada\nEva\n"
    assert ready_list("names:last-fr") == ["Ada", "Eva"]
    assert calls == [("first", "fr"), ("last", "fr")]


def test_a_directory_that_cannot_be_written_keeps_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(ready_lists, "names", lambda *which: ["Ada"])
    (tmp_path / "file").touch()
    monkeypatch.setenv("SEQLAB_DATA", str(tmp_path / "file"))
    assert ready_list("names:first-fr") == ["Ada"]
