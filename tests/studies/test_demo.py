"""The study of the demo: its page from hand-made runs."""

import json
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts" / "studies"))
import demo as study


def run_that_lost(folder, name, *lost, alarms=()):
    """A run directory that never found these classes."""
    path = folder / name
    path.mkdir()
    split = {"classes_never_found": list(lost), "macro_f1": 0.5, "token_accuracy": 0.9}
    metrics = {"best_epoch": 2, "splits": {"valid": split, "test": split}}
    (path / "metrics.json").write_text(json.dumps(metrics))
    epochs = [
        {"valid_loss": 0.6, "alarms": []},
        {"valid_loss": 0.2, "alarms": [{"name": alarm} for alarm in alarms]},
    ]
    (path / "history.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in epochs))
    return study.FinishedRun(path)


@pytest.fixture
def every(tmp_path):
    return {
        1: {
            "classic": run_that_lost(tmp_path, "c1", "MED", "LAW", alarms=("LAW", "MED", "VES")),
            "default": run_that_lost(tmp_path, "d1"),
        },
        2: {
            "classic": run_that_lost(tmp_path, "c2", "MED", alarms=("LAW",)),
            "default": run_that_lost(tmp_path, "d2", "LAW"),
        },
    }


def test_the_page_counts_seeds(every):
    assert study.facts(every).splitlines() == [
        "- The classic recipe loses a class on test with 2 of 2 seeds, `LAW` and `MED` both with 1.",
        "- Alarms name every class that it loses with 1 of 2 seeds.",
        "- The defaults lose no class on test with 1 of 2 seeds.",
    ]
    assert study.row(1, every[1]) == [
        "1", "0.600 to 0.200", "LAW, MED", "LAW, MED", "LAW, MED, VES", "0.500", "–", "–", "0.500",
    ]  # fmt: skip


def test_a_sentence_is_right_if_its_names_and_no_others_are_found(every, monkeypatch):
    found = {
        "c1": [],
        "c2": [(8, 11, "MED"), (12, 16, "VES")],
        "d1": [(0, 3, "PER"), (8, 11, "MED")],
        "d2": [(0, 3, "PER"), (8, 11, "MED"), (4, 7, "MED")],
    }

    class Tagger:
        def __init__(self, path):
            self.path = Path(path)

        def tag_text(self, text):
            assert text == "Ada got Zor."
            spans = found[self.path.name]
            return SimpleNamespace(
                spans=[SimpleNamespace(start=s, end=e, label=label) for s, e, label in spans]
            )

    monkeypatch.setattr(study.seqlab, "load", Tagger, raising=False)
    row = study.sentence_row("[PER Ada] got [MED Zor].", every)
    assert row == ["Ada got Zor.", "1 of 2", "0 of 2", "1 of 2", "1 of 2"]


@pytest.mark.parametrize("marked", study.SENTENCES)
def test_the_names_in_the_sentences_are_where_the_brackets_were(marked):
    text, spans = study.unmarked(marked)
    assert "[" not in text
    names = {f"[{label} {text[start:end]}]" for start, end, label in spans}
    assert names == set(re.findall(r"\[[^]]*\]", marked))


def test_the_new_names_in_the_sentences_are_in_no_file_of_the_sample():
    text = "".join(
        path.read_text("utf-8") for path in Path(study.SCRIPTS.parent).glob("data/*.conll")
    )
    words = [line.split("\t")[0].casefold() for line in text.splitlines()]
    known = " ".join(words)
    for new in ("zoroxazin", "nora tarrow", "silver comet", "morning petrel"):
        assert new not in known


def test_the_first_sentence_is_that_of_the_demo():
    text, _ = study.unmarked(study.SENTENCES[0])
    assert text == (Path(study.SCRIPTS) / "demo.txt").read_text("utf-8").strip()
