import json
import subprocess
import sys
from pathlib import Path

import pytest
from bench.run import make_parser

SCRIPT = Path(__file__).parents[2] / "scripts" / "bench" / "run.py"


def run(*words, code=0):
    done = subprocess.run([sys.executable, str(SCRIPT), *words], capture_output=True, text=True)
    assert done.returncode == code, done.stderr
    return done


def test_every_option_has_a_help_text():
    assert [action.dest for action in make_parser()._actions if not action.help] == []


def test_help_names_every_part():
    shown = run("--help").stdout
    for name in (
        "speed",
        "pipe",
        "offsets",
        "vocabulary",
        "crf",
        "checkpoints",
        "recurrence",
        "startup",
        "memory",
        "growth",
        "quality",
        "scaling",
        "serving",
        "install",
        "peers",
    ):
        assert f"  {name} " in shown


def test_an_unknown_part():
    assert "'sped' is not one of speed, pipe, offsets," in run("sped", code=2).stderr


def test_a_page_without_results(tmp_path):
    results, page = tmp_path / "none.json", tmp_path / "docs" / "page.md"
    run("page", "--results", str(results), "--write", str(page))
    assert page.read_text(encoding="utf-8").startswith("# Benchmarks\n")
    assert not results.exists()


def test_a_part_that_fails_is_named_and_other_results_are_kept(tmp_path):
    results = tmp_path / "results.json"
    kept = {"machine": {}, "parts": {"memory": {"figures": {}}}}
    results.write_text(json.dumps(kept))
    done = run("peers", "--peers", "", "--peer-python", "", "--results", str(results), code=1)
    assert "peers failed: peers need --peers" in done.stderr
    assert json.loads(results.read_text()) == kept


@pytest.mark.slow
def test_parts_with_a_network_run_at_a_tiny_size(tmp_path):
    results = tmp_path / "results.json"
    run(
        "speed", "vocabulary", "crf", "checkpoints", "recurrence", "quality", "--results", str(results),
        "--rounds", "1", "--corpus", "generated",
        "--quality-corpus", "generated", "--generated-sentences", "60", "--vocabulary", "90", "--length", "5",
        "--classic-sentences", "4", "--product-size", "64", "--large-vocabulary", "2000",
        "--small-vocabulary", "100", "--vocabulary-sentences", "64", "--quality-epochs", "1", "--seeds", "1",
        "--crf-corpus", "generated", "--many-tags", "30", "--many-tags-sentences", "64",
        "--checkpoint-corpus", "generated", "--checkpoint-epochs", "1",
    )  # fmt: skip
    parts = json.loads(results.read_text())["parts"]
    assert list(parts) == ["speed", "vocabulary", "crf", "checkpoints", "recurrence", "quality"]
    assert parts["checkpoints"]["sizes"]["checkpoint bytes"] > 10_000
    (ratio,) = parts["checkpoints"]["figures"]["ratio"]
    assert ratio == pytest.approx(
        parts["checkpoints"]["figures"]["with"][0] / parts["checkpoints"]["figures"]["without"][0]
    )
    assert parts["crf"]["sizes"]["many tags"] == 30
    assert parts["crf"]["figures"]["many ratio"][0] > 0
    figures = parts["speed"]["figures"]
    assert all(len(values) == 1 and values[0] > 0 for values in figures.values())
    assert figures["training ratio"][0] == pytest.approx(
        figures["training seqlab"][0] / figures["training classic"][0]
    )
    assert parts["vocabulary"]["figures"]["ratio"][0] > 0


@pytest.mark.slow
def test_parts_that_measure_processes_run_at_a_tiny_size(tmp_path):
    results = tmp_path / "results.json"
    run(
        "pipe", "offsets", "startup", "memory", "growth", "--results", str(results), "--rounds", "1",
        "--corpus", "generated",
        "--generated-sentences", "60", "--vocabulary", "90", "--length", "5", "--classic-steps", "1",
        "--start-sentences", "60", "--growth-sentences", "64", "128", "--pipe-megabytes", "0.001", "0.002",
        "--growth-vocabulary", "100", "--text-megabytes", "0.01", "--raw-megabytes", "0.01", "--product-size", "64",
    )  # fmt: skip
    parts = json.loads(results.read_text())["parts"]
    assert list(parts) == ["pipe", "offsets", "startup", "memory", "growth"]
    assert all(
        value > 0 for part in parts.values() for v in part["figures"].values() for value in v
    )
