"""Everything before training (`prepare`) in two source trees, in turns: CPU time and peak memory.

    python scripts/bench/preparation.py --trees ../before . --train TRAIN --valid VALID --rounds 5
    python scripts/bench/preparation.py --trees ../before . --generate 2000000 --rounds 1

`--train` measures a corpus held in memory. `--generate` measures a generated corpus that a cache keeps on
disk: the first use, which writes the cache, and later uses, which read it. Figures are medians over the rounds.
A ratio is taken in each round, the second tree over the first. `result` is a checksum of vocabularies,
sentence offsets and class weights.
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

Prepare = Callable[[], Measured]

TODAY = (("seqlab.experiment.prepare", "prepare"), ("seqlab.settings.training", "make_settings"))
BEFORE = (
    ("seqlab.preparation", "prepare"),
    ("seqlab.config", "make_settings"),
)  # trees without seqlab/experiment/


def main() -> None:
    if sys.argv[1] == "--child":
        prepare_once(json.loads(sys.argv[2]))
        return
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--trees", nargs=2, required=True, help="folders that hold seqlab/")
    parser.add_argument("--train", help="corpus held in memory")
    parser.add_argument("--valid")
    parser.add_argument("--generate", type=int, metavar="SENTENCES", help="also with a cache")
    parser.add_argument("--vocabulary", type=int, default=1_000_000, help="words to generate")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if options.train:
        files = {"train": options.train, "valid": options.valid}
        compare("in memory", options, lambda tree, place: apart(tree, files))
    if options.generate:
        with tempfile.TemporaryDirectory() as folder:
            cached(options, Path(folder))


def cached(options: argparse.Namespace, folder: Path) -> None:
    """Measure a generated corpus with a cache of its own for each tree."""
    sizes = {"train": options.generate, "valid": 500}
    files = {
        name: write(
            Recipe(sentences=size, vocabulary=options.vocabulary, seed=seed),
            folder / f"{name}.conll",
        )
        for seed, (name, size) in enumerate(sizes.items(), 1)
    }

    def first(tree: str, place: Path) -> Measured:
        shutil.rmtree(place, ignore_errors=True)
        return apart(tree, files | {"cache": str(place)})

    compare("first use of a cache", options, first, folder)
    compare(
        "later use of a cache", options, lambda t, p: apart(t, files | {"cache": str(p)}), folder
    )


def compare(
    title: str,
    options: argparse.Namespace,
    once: Callable[[str, Path], Measured],
    folder: Path = Path(),
) -> None:
    """Measure both trees in turns and print their medians and ratios. The first tree of a round alternates."""
    runs: dict[str, list[Measured]] = {tree: [] for tree in options.trees}
    for number in range(options.rounds):
        for tree in options.trees[:: -1 if number % 2 else 1]:
            runs[tree].append(once(tree, folder / f"cache-{options.trees.index(tree)}"))
    for tree, found in runs.items():
        results = {json.loads(run.output.splitlines()[-1])["result"] for run in found}
        print(
            f"{title}  {tree}  user+sys {median(r.cpu_seconds for r in found):.2f} s  "
            f"peak {median(r.peak_bytes for r in found) / 1e6:.0f} MB  result {' '.join(results)}"
        )
    for name in ("cpu_seconds", "peak_bytes"):
        pairs = zip(*runs.values(), strict=True)
        ratios = sorted(getattr(after, name) / getattr(before, name) for before, after in pairs)
        print(
            f"{title}  {name} ratio {median(ratios):.3f} [{ratios[0]:.3f}, {ratios[-1]:.3f}]",
            flush=True,
        )


def apart(tree: str, settings: dict[str, Any]) -> Measured:
    """Prepare in a process that imports seqlab from the tree."""
    command = [sys.executable, __file__, "--child", json.dumps(settings)]
    environment = {**os.environ, "PYTHONPATH": str(Path(tree).resolve())}
    return measure(command, environment=environment, keep_output=True)


def prepare_once(settings: dict[str, Any]) -> None:
    """Prepare in this process and print a checksum of the result."""
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
    print(json.dumps({"result": total.hexdigest()[:12]}))


if __name__ == "__main__":
    main()
