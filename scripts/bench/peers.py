"""Other taggers on the same files, where they are installed.

The folder named by --peers holds a `bench.py` that trains one peer under a time limit, tags in a new process and writes
`result.json`. --peer-python names the Python of the environment in which the peers are installed. They are not part of
this project.
"""

import argparse
import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from bench import inputs

BY_ITERATIONS = {"crfsuite": "it trains by L-BFGS, whose iterations are not epochs"}
"""Peers whose training speed is not comparable, and why."""
TASKS = {"ewt": "pos", "wnut17": "ner", "generated": "pos"}


def add_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("peers")
    group.add_argument("--peers", default=os.environ.get("SEQLAB_PEERS"), metavar="FOLDER",
                       help="folder with the peers' bench.py (default: SEQLAB_PEERS)")  # fmt: skip
    group.add_argument("--peer-python", default=os.environ.get("PEER_PYTHON"), metavar="PYTHON",
                       help="Python with the peers installed (default: PEER_PYTHON)")  # fmt: skip
    group.add_argument("--peer", nargs="+", default=["crfsuite", "spacy", "flair"], metavar="NAME",
                       help="peers to run (default crfsuite spacy flair)")  # fmt: skip
    group.add_argument("--peer-seconds", type=float, default=60,
                       help="training time of each peer in seconds (default %(default)s)")  # fmt: skip


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Each peer's tokens per second in tagging, and in training if it trains by epochs.

    A peer that fails is reported with the reason and left out.
    """
    if not options.peers or not options.peer_python:
        raise ValueError("peers need --peers FOLDER and --peer-python PYTHON")
    figures: dict[str, list[float]] = {}
    failed: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        files = two_columns(options, Path(folder))
        for name in options.peer:
            result = run_peer(name, files, options, Path(folder) / name)
            if "train_tok_s" in result.get("train", {}) and "predict_tok_s" in result["predict"]:
                if name not in BY_ITERATIONS:
                    figures[f"{name} training"] = [result["train"]["train_tok_s"]]
                figures[f"{name} tagging"] = [result["predict"]["predict_tok_s"]]
            else:
                failed[name] = result.get("failed", "did not finish")
    measured = [name for name in options.peer if name not in failed]
    sizes = {
        "corpus": inputs.title(options.corpus, options),
        "seconds of training": options.peer_seconds,
    }
    return {
        "sizes": sizes
        | {f"{n}, not run": why for n, why in failed.items()}
        | {f"{n}, training not compared": why for n, why in BY_ITERATIONS.items() if n in measured},
        "figures": figures,
    }


def two_columns(options: argparse.Namespace, folder: Path) -> inputs.Files:
    """The corpus in the format that the peers read."""
    from seqlab import load_splits

    splits = load_splits(**inputs.corpus_files(options.corpus, options, folder))
    return {
        name: inputs.write_two_columns(sentences or (), folder / f"{name}.two")
        for name, sentences in zip(
            inputs.SPLITS, (splits.train, splits.valid, splits.test), strict=True
        )
    }


def run_peer(
    name: str, files: inputs.Files, options: argparse.Namespace, out: Path
) -> dict[str, Any]:
    """The result of the peer's script, or {"failed": reason}."""
    command = peer_command(
        name, files, options, out, task=TASKS[options.corpus], seconds=options.peer_seconds
    )
    environment = {**os.environ, "PEER_PYTHON": options.peer_python}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    path = out / "result.json"
    if not path.exists():
        return {"failed": last_line(done.stderr)}
    result: dict[str, Any] = json.loads(path.read_text())
    return result | {"failed": last_line(result["train"].get("tail", ""))}


def peer_command(
    name: str,
    files: inputs.Files,
    options: argparse.Namespace,
    out: Path,
    *,
    task: str,
    seconds: float,
) -> list[str]:
    """The command that trains and scores one peer. task: 'ner' or 'pos'. seconds: approximate training time."""
    script = Path(options.peers) / "bench.py"
    paths = ["--train", files["train"], "--dev", files["valid"], "--test", files["test"]]
    command = [options.peer_python, str(script), name, "corpus", *paths, "--out", str(out)]
    return [*command, "--task", task, "--max-seconds", str(seconds)]


def last_line(text: str) -> str:
    """The last line of a program's output, which gives the reason; `time`'s line about the exit code is skipped."""
    lines = [line for line in text.strip().splitlines() if not line.startswith("Command exited")]
    return lines[-1][:120] if lines else "did not finish"
