"""The corpora of the studies that are cut from others."""

import importlib
import sys
from pathlib import Path

import pytest

from seqlab import read_corpus

FOLDER = Path(__file__).resolve().parents[2] / "scripts" / "studies"


@pytest.fixture
def published(monkeypatch):
    monkeypatch.setattr(sys, "path", [str(FOLDER), *sys.path])
    return importlib.import_module("published")


@pytest.fixture
def whole(tmp_path, monkeypatch, published):
    lines = [f"word{n}\tX\nend\tY\n\n" for n in range(9)]
    (tmp_path / "whole").mkdir()
    (tmp_path / "whole" / "whole.tsv").write_text("".join(lines))
    splits = {"whole": dict.fromkeys(("train", "valid", "test"), "whole.tsv")}
    monkeypatch.setattr(published, "SPLITS", splits)
    monkeypatch.setattr(published, "FIRST", {"part": ("whole", 4)})
    monkeypatch.setattr(published, "RUNS", tmp_path / "runs")
    monkeypatch.setattr(published, "folder", lambda: tmp_path)
    return tmp_path / "whole" / "whole.tsv"


def test_the_first_sentences_are_cut_once_and_of_training_alone(published, whole):
    published.make("part")
    files = published.files_of("part")
    found = [sentence.tokens[0] for sentence in read_corpus(files["train"])]
    assert found == ["word0", "word1", "word2", "word3"]
    assert files["valid"] == files["test"] == str(whole)
    whole.unlink()
    published.make("part")
    assert Path(files["train"]).exists()


def test_a_published_corpus_is_left_alone(published, whole):
    before = whole.read_bytes()
    published.make("whole")
    assert published.files_of("whole")["train"] == str(whole)
    assert whole.read_bytes() == before
