"""Mutants of runs: a few of every file, and proof that the harness sees each sort of fault."""

import importlib
import json
import os
import random
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "scripts" / "chaos"
NAMES = ("damage_runs", "mutant_runs", "read_damaged_files", "valid_files")
FILES = (
    *(
        "README.md",
        "checkpoints/best-1.npz",
        "checkpoints/tagger.json",
        "config.toml",
        "history.jsonl",
        "manifest.json",
        "mentions.npz",
        "metrics.json",
        "report.json",
        "tagger.json",
    ),
    *("vectors/hashes.npy", "vectors/ngrams.json", "vectors/ngrams.npy", "vectors/places.npy"),
    *("vectors/ngram_scales.npy", "vectors/scales.npy"),
    *("vectors/vectors.npy", "vectors/words.txt", "vocabularies.json", "weights.npz"),
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")


@pytest.fixture(scope="module")
def chaos():
    sys.path.insert(0, str(FOLDER))
    yield importlib.import_module("damage_runs")
    sys.path.remove(str(FOLDER))
    for name in NAMES:
        sys.modules.pop(name, None)


@pytest.fixture
def crf(chaos, tmp_path, monkeypatch):
    """A run to damage, and what it answers."""
    monkeypatch.setattr(chaos.spelling_cache, "MAX_SPELLINGS", 64)
    source = chaos.make_runs(tmp_path / "whole")["crf"]
    run = chaos.MutableRun(source, tmp_path / "copy", {})
    return run, chaos.answers(run.path)


def test_a_few_mutants_of_each_file(chaos, tmp_path, capsys):
    assert chaos.main(["--mutants=12", "--workers=1", f"--json={tmp_path / 'a.json'}"]) == 0
    facts = json.loads((tmp_path / "a.json").read_text("utf-8"))
    assert [row["file"] for row in facts["files"]] == sorted(FILES)
    assert facts["total"]["mutants"] == 12 * len(FILES)
    assert facts["total"]["fault"] == 0
    assert facts["total"]["refused"] > 80
    for row in facts["files"]:
        assert (row["mutants"], row["faults"]) == (12, [])
        assert row["refused"] + row["same"] + row["other"] == 12
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 + len(FILES)
    assert lines[-1].startswith(f"{12 * len(FILES)} mutants, 0 faults, in ")


def test_a_seed_gives_the_same_mutant_and_all_damage_is_undone(chaos, crf):
    run, _ = crf
    contents = []
    for seed in (*range(30), *range(30)):
        run.mutate("tagger.json", random.Random(seed))  # noqa: S311
        path = run.path / "tagger.json"
        contents.append(
            path.read_bytes()[:1000] if path.is_file() and not path.is_symlink() else None
        )
        run.restore()
        assert all((run.path / name).read_bytes() == content for name, content in run.files.items())
    assert contents[:30] == contents[30:]
    assert len(set(contents)) > 15


def judge(chaos, crf, monkeypatch, reader, forged=False):
    run, whole = crf
    mutant = importlib.import_module("mutant_runs").Mutant("made", forged)
    monkeypatch.setattr(run, "mutate", lambda name, dice: mutant)
    monkeypatch.setattr(chaos, "use_tagger", reader)
    return chaos.judged(run, "tagger.json", 1, whole)[0]


def test_answers_are_judged(chaos, crf, monkeypatch):
    right = crf[1][0]
    assert judge(chaos, crf, monkeypatch, lambda run: right) == "same"
    assert judge(chaos, crf, monkeypatch, lambda run: "wrong", forged=True) == "other"

    def refuse(run):
        raise chaos.UserError("no")

    assert judge(chaos, crf, monkeypatch, refuse) == "refused"


@pytest.mark.parametrize(
    ("reader", "fault"),
    [
        (lambda run: "wrong", "another answer, but the manifest was not forged"),
        (lambda run: refuse_in_two_lines(), "not one line"),
        (lambda run: os.system("true"), "os.system"),  # noqa: S605, S607
        (lambda run: Path("/etc/hostname").read_bytes(), "open"),
        (lambda run: (run / "new").write_text("x"), "open"),
        (lambda run: bytearray(b"x") * 300_000_000, "takes 2"),
    ],
)
def test_a_fault_is_seen(chaos, crf, monkeypatch, reader, fault):
    hooked = []
    monkeypatch.setattr(sys, "addaudithook", hooked.append)
    events = {"os.system": os.system, "read": Path.read_bytes, "write": Path.write_text}

    def system(command):
        chaos.WATCH("os.system", (command,))
        return 0

    def read_bytes(path):
        chaos.WATCH("open", (str(path), "r", os.O_RDONLY))
        return events["read"](path)

    def write_text(path, *arguments, **keywords):
        chaos.WATCH("open", (str(path), "w", os.O_WRONLY))
        return events["write"](path, *arguments, **keywords)

    monkeypatch.setattr(os, "system", system)
    monkeypatch.setattr(Path, "read_bytes", read_bytes)
    monkeypatch.setattr(Path, "write_text", write_text)
    with pytest.raises(AssertionError, match=fault):
        judge(chaos, crf, monkeypatch, reader)


def test_other_exceptions_are_faults(chaos, crf, monkeypatch):
    with pytest.raises(ZeroDivisionError):
        judge(chaos, crf, monkeypatch, lambda run: 1 / 0)


def refuse_in_two_lines():
    from seqlab.errors import UserError

    error = UserError("one")
    error.args = ("one\ntwo",)
    raise error
