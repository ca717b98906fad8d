"""scripts/demo trains twice; an option of the user's goes before the demo's own. Its closing table is checked by hand."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))
from side_by_side import FinishedRun, padded_accuracy, side_by_side

SCRIPTS = Path(__file__).parents[1] / "scripts"


def commands(folder, *options):
    """The commands that the demo would run."""
    (folder / "scripts").mkdir()
    for name in ("demo", "demo.txt"):
        shutil.copy(SCRIPTS / name, folder / "scripts")
    (folder / ".venv" / "bin").mkdir(parents=True)
    for path, text in (("scripts/setup", ""), (".venv/bin/python", 'echo "$@" >> commands; cat')):
        (folder / path).write_text(f"#!/bin/sh\n{text}\n")
        (folder / path).chmod(0o755)
    command = [folder / "scripts" / "demo", *options]
    subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL)
    return (folder / "commands").read_text().splitlines()


@pytest.mark.parametrize(
    ("given", "folder", "own", "options"),
    [
        ("", "runs/demo-1", " --epochs 10", ""),
        ("--epochs 2", "runs/demo-1", "", " --epochs 2"),
        ("--epochs=2 --seed 3", "runs/demo-1", "", " --epochs=2 --seed 3"),
        ("--out x", "x", " --epochs 10", ""),
        ("--out=x --seed 3", "x", " --epochs 10", " --seed 3"),
    ],
)
def test_an_option_replaces_the_demos_own(tmp_path, given, folder, own, options):
    classic, default = f"{folder}/classic", f"{folder}/default"
    assert commands(tmp_path, *given.split()) == [
        f"-m seqlab train --config scripts/classic.toml --out {classic}{options}",
        f"-m seqlab train --out {default}{own}{options}",
        f"scripts/side_by_side.py {classic} {default}",
        f"-m seqlab tag {classic}",
        f"-m seqlab tag {default}",
        f"-m seqlab report {classic} {default} --out {folder}/side-by-side.html --overwrite",
    ]


def test_a_second_demo_has_a_folder_of_its_own(tmp_path):
    (tmp_path / "runs" / "demo-1").mkdir(parents=True)
    assert commands(tmp_path)[1] == "-m seqlab train --out runs/demo-2/default --epochs 10"


def run_with(folder, *, losses, best, f1, alarms):
    """A run directory with the figures that the table reads."""
    classes = {name: {"support": n, "f1": score} for name, (n, score) in f1.items()}
    test = {"token_accuracy": 0.9, "macro_f1": 0.5, "classes": classes}
    test["classes_never_found"] = [name for name, (_, score) in f1.items() if score == 0]
    folder.mkdir()
    metrics = {"best_epoch": best, "splits": {"test": test}}
    (folder / "metrics.json").write_text(json.dumps(metrics))
    lines = [
        {"valid_loss": loss, "alarms": [{"name": name} for name in names]}
        for loss, names in zip(losses, alarms, strict=True)
    ]
    (folder / "history.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return FinishedRun(folder)


def test_two_runs_side_by_side(tmp_path):
    both = [
        run_with(
            tmp_path / "classic", losses=[0.6, 0.3, 0.2], best=3,
            f1={"PER": (90, 0.8), "MED": (9, 0)}, alarms=[[], ["MED"], ["PER", "MED"]],
        ),
        run_with(
            tmp_path / "default", losses=[0.5, 0.1], best=2,
            f1={"PER": (90, 0.9), "MED": (9, 0.75)}, alarms=[[], []],
        ),
    ]  # fmt: skip
    # 30 of 300 positions are tokens, and 3 of them are wrong.
    assert (
        side_by_side(both, [10, 20])
        == f"""\
  on test                               gold         classic         default
  validation loss, first to kept epoch        0.600 to 0.200  0.500 to 0.100
  accuracy, padding counted as right                   0.990           0.990
  accuracy of tokens                                   0.900           0.900
  macro F1                                             0.500           0.500
  F1 of MED                                9            lost           0.750
  F1 of PER                               90           0.800           0.900
alarms in {tmp_path}/classic: MED, PER
alarms in {tmp_path}/default: none"""
    )


def test_padding_that_counts_as_right_hides_errors():
    wrong, positions = 7, 3 * 150
    assert padded_accuracy(1 - wrong / 42, [10, 12, 20]) == pytest.approx(1 - wrong / positions)
