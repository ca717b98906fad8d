"""`python -m seqlab.tag` of two source trees on one long text, in turns: what does a change of the workers cost?

    python scripts/bench/worker_pools.py --trees . ../before --run RUN --text TEXT --workers 1 2 8 --rounds 3

Prints for each tree and number of workers the wall time and the user + system time in seconds (median over
the rounds), the peak memory of all processes, and a checksum of the output. The last lines are the ratios of the
wall times. The text is a file, so that its chunks are the same each time.
"""

import argparse
import hashlib
import os
import sys
from collections import defaultdict
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.child import Measured, measure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--trees", nargs=2, type=Path, required=True, help="folders that hold seqlab/"
    )
    parser.add_argument("--run", type=Path, required=True, help="run directory")
    parser.add_argument("--text", type=Path, required=True, help="text, one sentence per line")
    parser.add_argument("--workers", nargs="+", type=int, default=[1, 2, 8])
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    measured: dict[tuple[int, Path], list[Measured]] = defaultdict(list)
    outputs: dict[tuple[int, Path], set[str]] = defaultdict(set)
    for number in range(options.rounds):
        for workers in options.workers:
            # Each tree goes first in every other round.
            for tree in options.trees[:: -1 if number % 2 else 1]:
                found = tag(tree, options.run, options.text, workers)
                measured[workers, tree].append(found)
                outputs[workers, tree].add(hashlib.sha256(found.output).hexdigest()[:12])
    for (workers, tree), runs in sorted(measured.items()):
        wall, cpu = ([getattr(r, f"{name}seconds") for r in runs] for name in ("", "cpu_"))
        peak = max(r.peak_bytes for r in runs) / 1e6
        print(
            f"workers {workers}  {tree!s:24}  wall {median(wall):6.2f} s  "
            f"user+sys {median(cpu):6.2f} s  peak {peak:5.0f} MB  "
            f"output {' '.join(sorted(outputs[workers, tree]))}"
        )
    first, second = options.trees
    for workers in options.workers:
        pairs = zip(measured[workers, first], measured[workers, second], strict=True)
        ratios = [after.seconds / before.seconds for before, after in pairs]
        print(f"workers {workers}  wall, {second} / {first}, median of rounds {median(ratios):.2f}")


def tag(tree: Path, run: Path, text: Path, workers: int) -> Measured:
    command = [sys.executable, "-m", "seqlab.tag", str(run.resolve()), str(text.resolve())]
    command += ["--format", "text", "--tokenized", "--workers", str(workers)]
    environment = {**os.environ, "PYTHONPATH": str(tree.resolve())}
    return measure(command, environment=environment, keep_output=True)


if __name__ == "__main__":
    main()
