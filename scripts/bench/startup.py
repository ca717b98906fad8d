"""Start-up: CPU seconds of commands that end at once, and seconds until the first tag.

`--help`, a mistyped option and a missing file need no TensorFlow. The first tag is timed from the start of
`python -m seqlab.tag` to the first byte of its output, and compared with a process that imports tensorflow and prints
a byte.
"""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.child import environment
from bench.child import measure as measure_child
from bench.generate import Recipe, write
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
    group.add_argument("--start-sentences", type=int, default=300,
                       help="training sentences of the run that tags (default %(default)s)")  # fmt: skip


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """In each round measure every answer, then the first tag, then the import."""
    figures: dict[str, list[float]] = {name: [] for name in ANSWERS}
    figures |= {"first tag seconds": [], "import seconds": []}
    with tempfile.TemporaryDirectory() as folder:
        run = small_run(Path(folder), options.start_sentences)
        for _ in range(options.rounds):
            for name, (arguments, code) in ANSWERS.items():
                figures[name].append(answer_seconds(arguments, code, folder))
            figures["first tag seconds"].append(first_output([*module("seqlab.tag"), run]))
            figures["import seconds"].append(first_output(IMPORT))
    figures["first tag"] = ratios(figures["first tag seconds"], figures["import seconds"])
    figures["answers"] = [max(figures[name][k] for name in ANSWERS) for k in range(options.rounds)]
    return {"sizes": {"sentences trained on": options.start_sentences}, "figures": figures}


def module(name: str) -> list[str]:
    """The command line that runs a module with this interpreter."""
    return [sys.executable, "-m", name]


def answer_seconds(arguments: list[str], code: int, folder: str) -> float:
    """CPU seconds of a command that ends with this exit code. folder: where the missing file does not exist."""
    name, *rest = arguments
    rest = [str(Path(folder) / word) if word == MISSING else word for word in rest]
    cost = measure_child([*module(name), *rest], environment=environment(), expected=code)
    return cost.cpu_seconds


def first_output(command: list[str]) -> float:
    """Seconds until the first byte of output. Raises RuntimeError without output."""
    cost = measure_child(command, stdin=[b"Paris is big .\n"], environment=environment())
    if cost.first_output_seconds is None:
        raise RuntimeError(f"{command} wrote nothing")
    return cost.first_output_seconds


def small_run(folder: Path, sentences: int, **settings: Any) -> str:
    """Train one epoch on a small generated corpus, with default sizes of the network. Returns the run directory."""
    corpus = write(Recipe(sentences=sentences, vocabulary=2000), folder / "small.conll")
    train_apart(corpus, corpus, str(folder / "run"), epochs=1, accept=("same-files",), **settings)
    return str(folder / "run")
