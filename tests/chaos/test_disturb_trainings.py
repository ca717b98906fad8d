"""The harnesses that disturb trainings: they see a run that differs, and find nothing wrong at a small size."""

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "scripts" / "chaos"


@pytest.fixture(scope="module")
def trainings():
    sys.path.insert(0, str(FOLDER))
    yield importlib.import_module("trainings")
    sys.path.remove(str(FOLDER))
    sys.modules.pop("trainings", None)


def run_of(folder, **changes):
    """A run directory with a few files."""
    files = {
        "weights.npz": "weights",
        "log.txt": "a log",
        "history.jsonl": json.dumps({"epoch": 1, "seconds": 2.5, "micro_f1": 0.5}),
        "metrics.json": json.dumps({"seconds": 2.5, "splits": {"valid": {"micro_f1": 0.5}}}),
        "manifest.json": json.dumps({"status": "finished"}),
        "checkpoints/epoch-2-batch-0.npz": "with times",
        "checkpoints/best-epoch-1.npz": "weights",
    } | changes
    for name, text in files.items():
        if text is not None:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"log.txt": "another log", "checkpoints/epoch-2-batch-0.npz": "other times"}, []),
        ({"metrics.json": '{"seconds": 9, "splits": {"valid": {"micro_f1": 0.5}}}'}, []),
        ({"history.jsonl": '{"epoch": 1, "seconds": 9, "micro_f1": 0.5}'}, []),
        ({"weights.npz": "others"}, ["weights.npz differs"]),
        ({"checkpoints/best-epoch-1.npz": "others"}, ["checkpoints/best-epoch-1.npz differs"]),
        ({"metrics.json": '{"splits": {"valid": {"micro_f1": 0.25}}}'}, ["metrics.json differs"]),
        ({"history.jsonl": '{"epoch": 1, "micro_f1": 0.25}'}, ["history.jsonl differs"]),
        ({"weights.npz": None}, ["weights.npz is missing"]),
        ({"run.lock": "process 7"}, ["run.lock is left over"]),
        ({"manifest.json": '{"status": "training"}'}, ["its status is 'training'"]),
    ],
)
def test_a_run_that_differs_is_seen(trainings, tmp_path, changes, found):
    whole, other = run_of(tmp_path / "whole"), run_of(tmp_path / "other", **changes)
    assert trainings.differences(whole, other) == found


@pytest.mark.parametrize("name", ["softmax", "crf", "frozen vectors", "restore"])
def test_every_option_is_given_once(trainings, tmp_path, name):
    from seqlab.settings.training import setting_names

    words = trainings.options_of(name, tmp_path)
    options = [word.removeprefix("--").replace("-", "_") for word in words if word.startswith("--")]
    assert len(set(options)) == len(options)
    assert set(options) <= set(setting_names())


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        ("kill_training.py", "--kills", "4", "--cold", "0", "--only", "softmax", "--only", "crf"),
        ("stop_training.py", "--random", "1", "--cold", "1", "--moment", "epoch"),
        ("break_disks.py", "--only", "full", "--only", "replaced"),
    ],
    ids=lambda command: command[0],
)
def test_nothing_is_wrong(command, tmp_path):
    script, *options = command
    facts = tmp_path / "facts.json"
    words = [sys.executable, str(FOLDER / script), *options, "--json", str(facts)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(facts.read_text())
    assert found.get("kills", 4) == 4
    assert found.get("wrong", 0) == 0
    assert found.get("mistakes", []) == []
