r"""The benchmark, in one command.

    .venv/bin/python scripts/bench/run.py                       every part, about 12 minutes
    .venv/bin/python scripts/bench/run.py speed startup         some parts
    .venv/bin/python scripts/bench/run.py --write docs/benchmarks.md
    .venv/bin/python scripts/bench/run.py page --write docs/benchmarks.md      from results there are, nothing is run
    .venv/bin/python scripts/bench/run.py growth --growth-sentences 200000 2000000 \
        --pipe-megabytes 10 10000                               hours: the goals' own sizes
    .venv/bin/python scripts/bench/run.py peers --peers FOLDER --peer-python PYTHON

parts:
  speed        training and tagging: seqlab, the classic recipe and the machine's matrix products in turn
  pipe         `python -m seqlab.tag` on a long text, a whole process: one, and all workers, in turn
  vocabulary   a training step with a large trainable word table against a small one
  chain        a training step with a chain over tags against one with a softmax
  recurrence   a step of one BiLSTM: Keras' own loop against the block kernels that seqlab calls on a CPU
  startup      seconds of CPU of --help and of mistakes; seconds to the first tag
  memory       peak memory of training, seqlab and the classic recipe
  growth       peak memory as training data grows, and as a pipe that is tagged grows
  quality      time to a stated macro-F1
  scaling      trainings of many sizes, for the cost models
  peers        other taggers, where --peers names them
  page         nothing is measured

Each part runs in a process of its own; its result replaces its last one in the results' file. The
published corpora are looked for in the folder that SEQLAB_SHARED_DATA names, else in ../shared/data.
Figures mean something on a machine that does nothing else.
"""

import argparse
import json
import multiprocessing
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parents[n]) for n in (1, 2)]

from bench import (  # noqa: E402
    chain,
    growth,
    inputs,
    memory,
    peers,
    pipe,
    quality,
    recurrence,
    scaling,
    speed,
    startup,
    vocabulary,
)
from bench.machine import Watch, describe  # noqa: E402
from bench.page import page  # noqa: E402
from bench.places import ROOT  # noqa: E402
from bench.tables import figure_cell  # noqa: E402

PARTS: dict[str, Any] = {
    "speed": speed,
    "pipe": pipe,
    "vocabulary": vocabulary,
    "chain": chain,
    "recurrence": recurrence,
    "startup": startup,
    "memory": memory,
    "growth": growth,
    "quality": quality,
    "scaling": scaling,
    "peers": peers,
}


def make_parser() -> argparse.ArgumentParser:
    """All options; each part adds its own."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", type=part, metavar="PART")
    parser.add_argument("--rounds", type=int, default=5, help="of what alternates (default 5)")
    parser.add_argument("--results", type=Path, default=ROOT / "runs" / "bench.json")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="page to write of all results")
    for module in (inputs, *PARTS.values()):
        if hasattr(module, "add_options"):
            module.add_options(parser)
    return parser


def part(name: str) -> str:
    """A name of a part. `choices` would refuse that none is given."""
    if name not in (*PARTS, "page"):
        raise argparse.ArgumentTypeError(f"{name!r} is not one of {', '.join(PARTS)}, page")
    return name


def main(argv: Sequence[str] | None = None) -> int:
    """Run the parts asked for. Returns 1 where one of them failed."""
    options = make_parser().parse_args(argv)
    chosen = options.parts or [name for name in PARTS if name != "peers" or options.peers]
    failed = 0
    for name in [name for name in chosen if name != "page"]:
        try:
            keep(options.results, name, measured(name, options))
        except (
            Exception,
            SystemExit,
        ) as error:  # the other parts are worth their time all the same
            failed = 1
            print(f"{name} failed: {error}", file=sys.stderr, flush=True)
    if options.write:
        options.write.parent.mkdir(parents=True, exist_ok=True)
        options.write.write_text(page(read(options.results)), encoding="utf-8")
        print(f"written: {options.write}")
    return failed


def measured(name: str, options: argparse.Namespace) -> dict[str, Any]:
    """A part's result with its date and duration, printed as it comes."""
    print(f"{name} ...", flush=True)
    watch = Watch()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as apart:
        result: dict[str, Any] = apart.submit(PARTS[name].measure, options).result()
    result |= watch.read()
    print(f"{name}: {result['seconds']:.0f} s, others took {result['others']:.0%} of the cores")
    for figure, values in result["figures"].items():
        print(f"  {figure}: {figure_cell(values)}", flush=True)
    return result


def keep(path: Path, name: str, result: dict[str, Any]) -> None:
    """Put one part's result into the file."""
    found = read(path)
    parts = found["parts"] | {name: result}
    ordered = {part: parts[part] for part in PARTS if part in parts}
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"machine": describe(), "parts": ordered}, indent=1)
    path.write_text(text + "\n", encoding="utf-8")


def read(path: Path) -> dict[str, Any]:
    """The results there are; none where there is no file."""
    if not path.exists():
        return {"machine": describe(), "parts": {}}
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


if __name__ == "__main__":
    sys.exit(main())
