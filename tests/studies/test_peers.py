"""The page on other taggers: results of a tool are read back, and the summary follows the scores."""

import argparse
import importlib
import json
import sys
from pathlib import Path

import pytest

from tests import tiny

pytestmark = tiny.KERAS_NOISE
FOLDER = Path(__file__).resolve().parents[2] / "scripts" / "studies"
BENCH = """
import json, os, sys
from pathlib import Path
given = dict(zip(sys.argv[3::2], sys.argv[4::2]))
out = Path(given["--out"])
out.mkdir(parents=True)
tags = sorted({line.split()[1] for line in open(given["--test"]) if line.strip()})
score = {"micro_f1": 0.5, "macro_f1_gold": 0.25, "gold_types_f1_zero": 2}
known = {"cores": len(os.sched_getaffinity(0)), "task": given["--task"], "tags": tags}
(out / "result.json").write_text(json.dumps({"score": score, "train": {"train_s": 7.0}, **known}))
print("trained", sys.argv[1])
"""
CORPUS = "Ann\tI-PER\nlives\tO\n\nBob\tI-PER\n\n"


@pytest.fixture
def peers(monkeypatch, tmp_path):
    monkeypatch.setenv("SEQLAB_SHARED_DATA", str(tmp_path))
    monkeypatch.syspath_prepend(str(FOLDER))
    monkeypatch.syspath_prepend(str(FOLDER.parent))
    known = set(sys.modules)
    yield importlib.import_module("peers")
    for name in set(sys.modules) - known:
        if name.split(".")[0] in {"bench", "corpora", *(path.stem for path in FOLDER.glob("*.py"))}:
            sys.modules.pop(name)


@pytest.fixture
def options(tmp_path):
    (tmp_path / "bench.py").write_text(BENCH, encoding="utf-8")
    folder = tmp_path / "wnut17"
    folder.mkdir()
    for name in ("wnut17train.conll", "emerging.dev.conll", "emerging.test.annotated"):
        (folder / name).write_text(CORPUS.replace("Bob", name), encoding="utf-8")
    return argparse.Namespace(
        out=tmp_path / "out",
        peers=str(tmp_path),
        peer_python=sys.executable,
        seconds=3.0,
        corpora=["wnut17"],
        tools=["crfsuite", "spacy"],
    )


def test_each_tool_has_one_core_and_tags_in_iob2(peers, options):
    peers.train_all(options)
    for tool in options.tools:
        path = options.out / "peers" / "wnut17" / tool / "result.json"
        found = json.loads(path.read_text())
        assert (found["cores"], found["task"], found["tags"]) == (1, "ner", ["B-PER", "O"])
    assert [line.tool for line in peers.peer_scores("wnut17", options)] == ["feature CRF", "spaCy"]


def test_a_finished_tool_is_not_trained_again(peers, options):
    path = options.out / "peers" / "wnut17" / "spacy" / "result.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"score": {}, "train": {}}))
    peers.train("spacy", "wnut17", options, 0)
    assert json.loads(path.read_text()) == {"score": {}, "train": {}}
    assert list(peers.peer_scores("wnut17", options)) == []


def scores(peers, tool, micro, macro, lost=0.0, **more):
    return peers.ToolScores(tool=tool, micro=micro, macro=macro, lost=lost, seconds=12.4, **more)


def test_each_figure_has_its_own_best_tool(peers):
    ours = scores(peers, "seqlab", 0.5, 0.3, 0.5, low=0.25, high=0.35)
    first, second = scores(peers, "flair", 0.6, 0.1, 3), scores(peers, "spaCy", 0.4, 0.2, 1)
    text = peers.page({"a": ([ours], [first, second])}, seconds=140, seeds="3")
    assert "| `a` | seqlab | -0.100 (flair 0.600) | +0.100 (spaCy 0.200) | 0.5 : 1 |" in text
    assert "on 0 of 1 corpora in micro F1, on 1 in macro F1" in text
    assert "| seqlab | 0.500 | 0.300 (0.250 to 0.350) | 0.5 | 12 |" in text
    assert "| flair | 0.600 | 0.100 | 3 | 12 |" in text
    assert "140 seconds" in text


def test_every_option_has_a_help_text(peers):
    assert [action.dest for action in peers.make_parser()._actions if not action.help] == []


def test_as_good_as_the_best_counts(peers):
    same = scores(peers, "spaCy", 0.5, 0.3)
    text = peers.page({"a": ([scores(peers, "seqlab", 0.5, 0.3)], [same])}, seconds=1, seeds="1")
    assert "on 1 of 1 corpora in micro F1, on 1 in macro F1" in text
