"""The fuzzer: its targets take valid cases, some mutants of each give no fault, and it sees faults."""

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from seqlab.corpus.format_detection import Format
from seqlab.errors import CorpusError, UserError

FOLDER = Path(__file__).resolve().parents[2] / "scripts" / "chaos"
MODULES = ("fuzz", "fuzz_targets", "fuzz_values", "read_damaged_files", "valid_files")
LIBRARIES = {"read-spacy": "spacy", "read-cas": "cassis", "read-hf": "pyarrow"}
FAST = (
    *("read-conll", "read-conllu", "read-jsonl", "read-csv", "read-parallel", "read-text"),
    *("vectors-glove", "vectors-word2vec-text", "vectors-word2vec-binary", "vectors-gzip"),
    *("vectors-fasttext", "toml", "settings", "schemes", "score", "weights", "sentences"),
    *("text", "input"),
)
MUTANTS = 40  # of each target, in 5 s for all


@pytest.fixture(scope="module")
def fuzzing():
    sys.path.insert(0, str(FOLDER))
    yield SimpleNamespace(**{name: importlib.import_module(name) for name in MODULES})
    sys.path.remove(str(FOLDER))
    for name in MODULES:
        sys.modules.pop(name, None)


@pytest.fixture(scope="module")
def targets(fuzzing, tmp_path_factory):
    for module in LIBRARIES.values():
        pytest.importorskip(module, reason=f"{module} is not installed")
    return fuzzing.fuzz_targets.make_targets(tmp_path_factory.mktemp("targets"), FAST)


@pytest.fixture
def watch(fuzzing, tmp_path):
    def make(run, prefix=""):
        target = fuzzing.fuzz_targets.Target(
            name="one", seeds=[b""], run=run, mutate=lambda data, dice: data, prefix=prefix
        )
        return fuzzing.fuzz.Watch(target, tmp_path / "counts.json")

    return make


@pytest.mark.parametrize("name", FAST)
@pytest.mark.filterwarnings("ignore")
def test_mutants_return_or_are_refused_in_one_line(fuzzing, targets, tmp_path, name):
    target = targets[name]
    watch = fuzzing.fuzz.Watch(target, tmp_path / "counts.json")
    for data in target.seeds:
        watch.run(data)
    if target.mutate is not fuzzing.fuzz_targets.mutate_bytes:  # choices need not be valid
        assert watch.returned == len(target.seeds)
    fuzzing.fuzz.run_plain(target, watch, lambda: watch.cases >= MUTANTS, seed=1)
    assert watch.faults == {}
    assert watch.cases >= MUTANTS


def test_every_format_has_a_target(fuzzing):
    names = fuzzing.fuzz_targets.target_names()
    assert len(names) == len(set(names))
    assert set(FAST) <= set(names)
    assert {name.removeprefix("read-") for name in names if name.startswith("read-")} == {*Format}
    vectors = {f"vectors-{name}" for name in fuzzing.fuzz_targets.vector_files()}
    assert {name for name in names if name.startswith("vectors-")} == vectors


def raiser(error):
    def run(data):
        raise error

    return run


@pytest.mark.parametrize(
    ("run", "signature"),
    [
        (raiser(TypeError("x")), "TypeError in test_fuzz.py:run"),
        (raiser(MemoryError()), "MemoryError in test_fuzz.py:run"),
        (lambda data: json.loads("[" * 100_000), "RecursionError in decoder.py:raw_decode"),
        (raiser(CorpusError("bad", path="b")), "message without its file from test_fuzz.py:run"),
    ],
)
def test_a_fault_is_counted_with_its_place(watch, run, signature):
    seen = watch(run, prefix="/a")
    for _ in range(3):
        seen.run(b"case")
    assert {name: fault["cases"] for name, fault in seen.faults.items()} == {signature: 3}
    assert bytes.fromhex(seen.faults[signature]["case"]) == b"case"
    assert seen.cases == 3


def test_a_case_that_takes_too_long_is_a_fault_even_if_a_reader_catches_exceptions(
    fuzzing, watch, monkeypatch
):
    monkeypatch.setattr(fuzzing.fuzz, "SECONDS", 0.05)

    def run(data):
        while True:
            try:
                sum(range(1000))
            except Exception:
                return

    seen = watch(run)
    seen.run(b"")
    assert [*seen.faults] == ["TooSlowError in test_fuzz.py:run"]


@pytest.mark.parametrize(
    ("message", "fault"),
    [
        ("/a/b: wrong", ""),
        ("/c: wrong", "message without its file"),
        ("/a: one\nmore", "message that is not one printable line"),
        ("/a: \x1b[31m", "message that is not one printable line"),
        ("/a: " + "x" * 2000, "message that is too long"),
    ],
)
def test_messages_are_judged(fuzzing, message, fault):
    assert fuzzing.fuzz.fault_of_message(message, "/a") == fault


def test_a_user_error_counts_as_refused(watch):
    seen = watch(raiser(UserError("no")))
    seen.run(b"")
    assert (seen.refused, seen.returned, seen.faults) == (1, 0, {})


def test_cases_follow_from_their_number(fuzzing, targets, tmp_path):
    ran = []
    target = targets["read-conll"]
    recorder = fuzzing.fuzz_targets.Target(
        name=target.name, seeds=target.seeds, run=ran.append, mutate=target.mutate
    )
    for _ in range(2):
        watch = fuzzing.fuzz.Watch(recorder, tmp_path / "counts.json")
        fuzzing.fuzz.run_plain(recorder, watch, lambda now=watch: now.cases >= 30, seed=5)
    assert ran[: len(ran) // 2] == ran[len(ran) // 2 :]
    assert len(set(ran)) > 25


def test_files_come_back_from_a_case(fuzzing):
    files = {"a.conll": b"x\n", "b/c.txt": b"", "d": b"\0\n--"}
    assert fuzzing.fuzz_values.unpack(fuzzing.fuzz_values.pack(b"", files)) == files


@pytest.mark.slow
def test_half_a_minute_of_all_targets(tmp_path):
    counts = tmp_path / "counts.json"
    command = [sys.executable, FOLDER / "fuzz.py", "all", "--minutes", "0.5", "--engine", "plain"]
    done = subprocess.run(
        [*command, "--json", counts, "--faults", tmp_path / "faults"],
        env=os.environ | {"PYTHONPATH": str(FOLDER.parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads(counts.read_text(encoding="utf-8"))
    assert result["faults"] == 0
    assert all(target["cases"] > 0 for target in result["targets"])
