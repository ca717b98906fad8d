"""Start-up: CPU seconds until a command has answered, and seconds until the first tag.

`--help`, a mistyped option and a missing file are answered without TensorFlow. The first tag is timed
from the start of `python -m seqlab.tag` to the first byte of its output, beside a process that imports
tensorflow and prints a byte.
"""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.child import measure as measure_child
from bench.generate import Recipe, write
from bench.places import environment
from bench.spread import ratios
from bench.training import train_apart

MISSING = "no-such-file.conll"
ANSWERS: dict[str, tuple[list[str], int]] = {
    "train --help": (["seqlab.train", "--help"], 0),
    "train, a bad option": (["seqlab.train", "--epohcs", "3"], 2),
    "train, a missing file": (["seqlab.train", "--train", MISSING], 2),
    "tag --help": (["seqlab.tag", "--help"], 0),
    "tag, a bad option": (["seqlab.tag", "run", "--scroes"], 2),
    "tag, a missing run": (["seqlab.tag", "no-such-run", MISSING], 2),
}
IMPORT = [sys.executable, "-c", "import tensorflow; print(flush=True)"]


def add_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("startup")
    group.add_argument("--start-sentences", type=int, default=300, help="trained on, to have a run")


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Measure every answer in turn, then tagging and importing in turn, `rounds` times."""
    figures: dict[str, list[float]] = {name: [] for name in ANSWERS}
    figures |= {"first tag seconds": [], "import seconds": []}
    with tempfile.TemporaryDirectory() as place:
        run = small_run(Path(place), options.start_sentences)
        for _ in range(options.rounds):
            for name, (arguments, code) in ANSWERS.items():
                figures[name].append(answer_seconds(arguments, code, place))
            figures["first tag seconds"].append(first_output([*module("seqlab.tag"), run]))
            figures["import seconds"].append(first_output(IMPORT))
    figures["first tag"] = ratios(figures["first tag seconds"], figures["import seconds"])
    figures["answers"] = [max(figures[name][k] for name in ANSWERS) for k in range(options.rounds)]
    return {"sizes": {"sentences trained on": options.start_sentences}, "figures": figures}


def module(name: str) -> list[str]:
    """The command line of a package command, with this interpreter."""
    return [sys.executable, "-m", name]


def answer_seconds(arguments: list[str], code: int, place: str) -> float:
    """CPU seconds of a command that ends with this exit code. place: a folder in which the missing file does not exist."""
    name, *rest = arguments
    rest = [str(Path(place) / word) if word == MISSING else word for word in rest]
    found = measure_child([*module(name), *rest], environment=environment(), expected=code)
    return found.cpu_seconds


def first_output(command: list[str]) -> float:
    """Seconds until the first byte of output. Raises RuntimeError without output."""
    found = measure_child(command, stdin=[b"Paris is big .\n"], environment=environment())
    if found.first_output_seconds is None:
        raise RuntimeError(f"{command} wrote nothing")
    return found.first_output_seconds


def small_run(place: Path, sentences: int, **settings: Any) -> str:
    """A run directory trained for one epoch on a small generated corpus; the network's sizes are defaults."""
    corpus = write(Recipe(sentences=sentences, vocabulary=2000), place / "small.conll")
    train_apart(corpus, corpus, str(place / "run"), epochs=1, **settings)
    return str(place / "run")
