"""Peak memory of a whole training process: seqlab's defaults and the classic recipe.

The classic recipe holds the corpus padded to 150 x 15 and trains a few steps, enough to reach its peak memory. seqlab
trains one whole epoch.
"""

import argparse
import sys
import tempfile
from typing import Any

from bench import inputs
from bench.child import environment
from bench.child import measure as measure_child
from bench.spread import ratios
from bench.training import train_apart


def add_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("memory")
    group.add_argument("--memory-rounds", type=int, default=1,
                       help="rounds of this part (default %(default)s)")  # fmt: skip
    group.add_argument("--classic-steps", type=int, default=4,
                       help="training steps of the classic recipe (default %(default)s)")  # fmt: skip


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Peak bytes of both, and of a process that only imports tensorflow."""
    figures: dict[str, list[float]] = {"seqlab": [], "classic": [], "import": []}
    imported = [sys.executable, "-c", "import tensorflow"]
    with tempfile.TemporaryDirectory() as folder:
        files = inputs.corpus_files(options.corpus, options, folder)
        classic = [sys.executable, "-m", "bench.classic", files["train"]]
        classic.append(str(options.classic_steps))
        for _ in range(options.memory_rounds):
            run, _ = train_apart(files["train"], files["valid"], epochs=1)
            figures["seqlab"].append(run.peak_bytes)
            for name, command in (("classic", classic), ("import", imported)):
                cost = measure_child(command, environment=environment())
                figures[name].append(cost.peak_bytes)
    figures["ratio"] = ratios(figures["seqlab"], figures["classic"])
    return {"sizes": {"corpus": inputs.title(options.corpus, options)}, "figures": figures}
