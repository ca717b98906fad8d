"""scripts/demo: an option of the user's goes before the demo's own."""

import shutil
import subprocess
from pathlib import Path

import pytest

DEMO = Path(__file__).parents[1] / "scripts" / "demo"


def commands(folder, *options):
    """The commands that the demo would run."""
    (folder / "scripts").mkdir()
    shutil.copy(DEMO, folder / "scripts")
    (folder / ".venv" / "bin").mkdir(parents=True)
    for path, text in (("scripts/setup", ""), (".venv/bin/python", 'echo "$@" >> commands; cat')):
        (folder / path).write_text(f"#!/bin/sh\n{text}\n")
        (folder / path).chmod(0o755)
    command = [folder / "scripts" / "demo", *options]
    subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL)
    return (folder / "commands").read_text().splitlines()


@pytest.mark.parametrize(
    ("options", "train", "run"),
    [
        ("", "--out runs/demo-1 --epochs 15", "runs/demo-1"),
        ("--epochs 2", "--out runs/demo-1 --epochs 2", "runs/demo-1"),
        ("--epochs=2 --seed 3", "--out runs/demo-1 --epochs=2 --seed 3", "runs/demo-1"),
        ("--out x", "--epochs 15 --out x", "x"),
        ("--out=x --seed 3", "--epochs 15 --out=x --seed 3", "x"),
    ],
)
def test_an_option_replaces_the_demos_own(tmp_path, options, train, run):
    expected = [f"-m seqlab train {train}", f"-m seqlab tag {run}"]
    assert commands(tmp_path, *options.split()) == expected


def test_a_second_demo_has_a_run_of_its_own(tmp_path):
    (tmp_path / "runs" / "demo-1").mkdir(parents=True)
    assert commands(tmp_path)[0] == "-m seqlab train --out runs/demo-2 --epochs 15"
