"""The installed wheel does a user's work. `scripts/wheel` runs these tests; in the source tree they are skipped."""

import json
import os
import subprocess
import sys
from importlib.metadata import distribution, version
from pathlib import Path

import pytest

import seqlab

PACKAGE = Path(seqlab.__file__).resolve().parent
pytestmark = pytest.mark.skipif(
    "site-packages" not in PACKAGE.parts, reason="runs against the installed wheel: scripts/wheel"
)
TEXT = "The ferry Saint Alban left Port Ardmore.\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("work")


def command(folder, *words, code=0):
    """Run the console script. Returns its output and errors."""
    script = Path(sys.executable).with_name("seqlab")
    usual = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run([script, *words], cwd=folder, env=usual, capture_output=True, text=True)
    assert done.returncode == code, done.stderr
    return done.stdout, done.stderr


@pytest.fixture(scope="module")
def run(folder):
    sizes = ("--epochs", "1", "--hidden-units", "16", "--char-encoder", "none")
    out, _ = command(folder, "train", *sizes, "--resample", "none", "--out", "run")
    assert "PER" in out
    return folder / "run"


def test_the_wheel_has_the_sample_and_no_tests():
    files = {str(path) for path in distribution("seqlab").files}
    assert {f"seqlab/data/{split}.conll" for split in ("train", "valid", "test")} <= files
    assert "seqlab/train.py" in files
    tops = {name.split("/")[0] for name in files}
    assert not tops & {"tests", "scripts", "docs", "data"}


def test_spacy_will_find_the_component():
    entries = {
        one.name: one.value
        for one in distribution("seqlab").entry_points.select(group="spacy_factories")
    }
    assert entries == {"seqlab": "seqlab.spacy:make_component"}


def test_the_command_says_its_version(folder):
    assert command(folder, "--version")[0] == f"seqlab {version('seqlab')}\n"


def test_a_run_of_the_sample_tags_and_is_scored(folder, run):
    out, _ = command(folder, "evaluate", "run", str(PACKAGE / "data" / "test.conll"), "--json")
    scores = json.loads(out)
    assert set(scores["classes"]) >= {"PER", "LOC", "VES"}
    assert scores["token_accuracy"] > 0.7
    (folder / "in.txt").write_text(TEXT, "utf-8")
    out, _ = command(folder, "tag", "run", "in.txt", "--format", "text", "--output-format", "jsonl")
    (line,) = out.splitlines()
    tagged = json.loads(line)
    assert tagged["text"] == TEXT.strip()
    assert [token["text"] for token in tagged["tokens"]][-2:] == ["Ardmore", "."]
    in_python = seqlab.load(run).tag_text(TEXT.strip())
    assert [one.tag for one in in_python.tokens] == [one["tag"] for one in tagged["tokens"]]
    assert (run / "report.html").stat().st_size > 10_000


def test_the_sample_is_audited_and_converted(folder):
    assert "PER" in command(folder, "audit")[0]
    source = str(PACKAGE / "data" / "valid.conll")
    command(folder, "convert", source, "valid.jsonl", "--to", "jsonl")
    corpora = (seqlab.read_corpus(path) for path in (str(folder / "valid.jsonl"), source))
    converted, original = ([(one.tokens, one.tags) for one in corpus] for corpus in corpora)
    assert converted == original


def test_a_mistake_is_one_line(folder, run):
    assert command(folder, "train", "--epochs", "0", code=2) == (
        "", "error: epochs is 0: expected 1 or more\n"
    )  # fmt: skip
    error = command(folder, "tag", "rum", code=2)[1]
    assert error == "error: rum: no run of seqlab here; nearest: 'run'\n"
