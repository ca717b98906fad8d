"""Compare the time and peak memory of two source trees, in `prepare` or in `seqlab tag`.

    python scripts/bench/compare_trees.py prepare --trees ../before . --train TRAIN --valid VALID --rounds 5
    python scripts/bench/compare_trees.py prepare --trees ../before . --generate 2000000 --rounds 1
    python scripts/bench/compare_trees.py tag --trees ../before . --run RUN --text TEXT --workers 1 2 8

`prepare --train` measures a corpus held in memory. `prepare --generate` measures a generated corpus with a cache on
disk: the first use writes the cache, the later use reads it. The trees take turns at going first. Figures are medians
over the rounds. A ratio divides the second tree's figure by the first tree's in each round. `result` is a checksum of
the output.
"""

import argparse
import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.child import Measured, measure
from bench.generate import Recipe, write

Run = Callable[
    [Path], tuple[Measured, str]
]  # runs a tree; returns the cost and a checksum of the output

TODAY = (("seqlab.experiment.prepare", "prepare"), ("seqlab.settings.training", "make_settings"))
BEFORE = (
    ("seqlab.preparation", "prepare"),
    ("seqlab.config", "make_settings"),
)  # trees without seqlab/experiment/


def main() -> None:
    if sys.argv[1:2] == ["--child"]:
        prepare_once(json.loads(sys.argv[2]))
        return
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=["prepare", "tag"], help="what to measure")
    parser.add_argument("--trees", nargs=2, type=Path, required=True, help="folders with seqlab/")
    parser.add_argument("--rounds", type=int, default=3, help="default %(default)s")
    parser.add_argument("--train", help="prepare: training file of a corpus held in memory")
    parser.add_argument("--valid", help="prepare: validation file of that corpus")
    parser.add_argument(
        "--generate", type=int, metavar="SENTENCES", help="prepare: size of a cached corpus"
    )
    parser.add_argument("--vocabulary", type=int, default=1_000_000, help="distinct words of it")
    parser.add_argument("--run", type=Path, help="tag: run directory")
    parser.add_argument("--text", type=Path, help="tag: text file, one sentence per line")
    parser.add_argument("--workers", nargs="+", type=int, default=[1, 2, 8],
                        help="tag: numbers of processes (default 1 2 8)")  # fmt: skip
    options = parser.parse_args()
    if options.command == "tag":
        if not (options.run and options.text):
            parser.error("tag needs --run and --text")
        for workers in options.workers:
            compare(f"{workers} workers", options, lambda tree, n=workers: tag(tree, options, n))
        return
    if not (options.train or options.generate):
        parser.error("prepare needs --train or --generate")
    if options.train:
        files = {"train": options.train, "valid": options.valid}
        compare("in memory", options, lambda tree: prepare(tree, files))
    if options.generate:
        with tempfile.TemporaryDirectory() as folder:
            compare_cached(options, Path(folder))


def compare(title: str, options: argparse.Namespace, run: Run) -> None:
    """Measure both trees and print medians and ratios. Each tree goes first in every other round."""
    runs: dict[Path, list[Measured]] = {tree: [] for tree in options.trees}
    results: dict[Path, set[str]] = {tree: set() for tree in options.trees}
    for number in range(options.rounds):
        for tree in options.trees[:: -1 if number % 2 else 1]:
            cost, result = run(tree)
            runs[tree].append(cost)
            results[tree].add(result)
    for tree, costs in runs.items():
        print(
            f"{title}  {tree}  wall {median(c.seconds for c in costs):.2f} s  "
            f"user+sys {median(c.cpu_seconds for c in costs):.2f} s  "
            f"peak {median(c.peak_bytes for c in costs) / 1e6:.0f} MB  result {' '.join(sorted(results[tree]))}"
        )
    for name in ("seconds", "cpu_seconds", "peak_bytes"):
        pairs = zip(*runs.values(), strict=True)
        ratios = sorted(getattr(after, name) / getattr(before, name) for before, after in pairs)
        spread = f"{median(ratios):.3f} [{ratios[0]:.3f}, {ratios[-1]:.3f}]"
        print(f"{title}  {name} ratio {spread}", flush=True)


def compare_cached(options: argparse.Namespace, folder: Path) -> None:
    """Measure a generated corpus; each tree has its own cache."""
    files = {}
    for seed, (name, size) in enumerate((("train", options.generate), ("valid", 500)), 1):
        recipe = Recipe(sentences=size, vocabulary=options.vocabulary, seed=seed)
        files[name] = write(recipe, folder / f"{name}.conll")

    def run(tree: Path, *, fresh: bool) -> tuple[Measured, str]:
        cache = folder / f"cache-{options.trees.index(tree)}"
        if fresh:
            shutil.rmtree(cache, ignore_errors=True)
        return prepare(tree, files | {"cache": str(cache)})

    compare("first use of a cache", options, lambda tree: run(tree, fresh=True))
    compare("later use of a cache", options, lambda tree: run(tree, fresh=False))


def tag(tree: Path, options: argparse.Namespace, workers: int) -> tuple[Measured, str]:
    """Run `seqlab.tag` of a tree on the text."""
    paths = [str(path.resolve()) for path in (options.run, options.text)]
    command = ["-m", "seqlab.tag", *paths, "--format", "text", "--tokenized"]
    cost = measure_in(tree, [*command, "--workers", str(workers)])
    return cost, hashlib.sha256(cost.output).hexdigest()[:12]


def prepare(tree: Path, settings: dict[str, Any]) -> tuple[Measured, str]:
    """Run `prepare` of a tree in a new process."""
    cost = measure_in(tree, [__file__, "--child", json.dumps(settings)])
    return cost, cost.output.decode().split()[-1]


def measure_in(tree: Path, arguments: list[str]) -> Measured:
    """Run Python with seqlab from the tree, never from the working directory."""
    environment = {**os.environ, "PYTHONPATH": str(tree.resolve()), "PYTHONSAFEPATH": "1"}
    return measure([sys.executable, *arguments], environment=environment, keep_output=True)


def prepare_once(settings: dict[str, Any]) -> None:
    """Prepare in this process and print a checksum of vocabularies, sentence offsets and weights."""
    from seqlab.reporting.log import Log

    names = BEFORE if find_spec("seqlab.preparation") else TODAY
    prepare, make_settings = (getattr(import_module(m), name) for m, name in names)
    prepared = prepare(make_settings(**settings), Log(lambda line: None, None))
    total = hashlib.sha256()
    for symbols in (prepared.encoder.words.symbols, prepared.encoder.tags.symbols):
        for symbol in symbols:
            total.update(symbol.encode() + b"\n")
    for array in (prepared.train.offsets, prepared.class_weights, prepared.train.sentence_weights):
        total.update(array)
    print(total.hexdigest()[:12])


if __name__ == "__main__":
    main()
