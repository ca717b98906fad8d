r"""Run the benchmark.

    .venv/bin/python scripts/bench/run.py                       every part, about 15 minutes
    .venv/bin/python scripts/bench/run.py speed startup         some parts
    .venv/bin/python scripts/bench/run.py --write docs/benchmarks.md
    .venv/bin/python scripts/bench/run.py page --write docs/benchmarks.md      the page from stored results
    .venv/bin/python scripts/bench/run.py growth --growth-sentences 200000 2000000 \
        --pipe-megabytes 10 10000                               the sizes of the goals, takes hours
    .venv/bin/python scripts/bench/run.py peers --peers FOLDER --peer-python PYTHON

parts:
  speed        training and tagging: seqlab, the classic recipe and matrix products in turn
  pipe         the whole command `python -m seqlab.tag` on a long text, in one process and in several
  offsets      the same on raw text: JSON with offsets and split sentences against columns
  vocabulary   a training step with a large trainable word table against a small one
  crf          a training step with the CRF against one with the softmax
  checkpoints  epochs of a training that writes checkpoints against one that writes none
  recurrence   a step of one BiLSTM: Keras' own loop against the block kernels that seqlab uses on a CPU
  startup      CPU seconds of --help and of mistakes, and seconds to the first tag
  memory       peak memory of training with seqlab and with the classic recipe
  growth       peak memory as training data grows, and as a tagged pipe grows
  quality      time to a given macro F1
  scaling      trainings of many sizes, for the cost models
  serving      latency and rate of the server for 1, 8 and 64 clients, and its memory over many requests
  install      bytes of installations and of exported taggers; needs a package index
  peers        other taggers; needs --peers
  page         nothing is measured

Each part runs in a separate process. Its result replaces the stored result of that part. Published corpora are read
from the folder named by SEQLAB_SHARED_DATA, else from ../shared/data. Run nothing else on the machine meanwhile.
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
    checkpoints,
    crf,
    growth,
    inputs,
    install,
    memory,
    offsets,
    peers,
    pipe,
    quality,
    recurrence,
    scaling,
    serving,
    speed,
    startup,
    vocabulary,
)
from bench.child import ROOT  # noqa: E402
from bench.machine import Watch, describe  # noqa: E402
from bench.page import page  # noqa: E402
from bench.spread import figure_cell  # noqa: E402

PARTS: dict[str, Any] = {
    "speed": speed,
    "pipe": pipe,
    "offsets": offsets,
    "vocabulary": vocabulary,
    "crf": crf,
    "checkpoints": checkpoints,
    "recurrence": recurrence,
    "startup": startup,
    "memory": memory,
    "growth": growth,
    "quality": quality,
    "scaling": scaling,
    "serving": serving,
    "install": install,
    "peers": peers,
}


def make_parser() -> argparse.ArgumentParser:
    """All options; each part adds its own."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", type=part, metavar="PART", help="default: all parts")
    parser.add_argument("--rounds", type=int, default=5,
                        help="repetitions of each measurement (default %(default)s)")  # fmt: skip
    parser.add_argument("--results", type=Path, default=ROOT / "runs" / "bench.json",
                        help="file that stores results (default runs/bench.json)")  # fmt: skip
    parser.add_argument(
        "--write", type=Path, metavar="PAGE", help="write a page of all stored results"
    )
    for module in (inputs, *PARTS.values()):
        if hasattr(module, "add_options"):
            module.add_options(parser)
    return parser


def part(name: str) -> str:
    """Check the name of a part. (With `choices`, argparse would reject an empty list.)"""
    if name not in (*PARTS, "page"):
        raise argparse.ArgumentTypeError(f"{name!r} is not one of {', '.join(PARTS)}, page")
    return name


def main(argv: Sequence[str] | None = None) -> int:
    """Run the chosen parts. Returns 1 if one of them failed."""
    options = make_parser().parse_args(argv)
    chosen = options.parts or [name for name in PARTS if name != "peers" or options.peers]
    failed = 0
    for name in [name for name in chosen if name != "page"]:
        try:
            keep(options.results, name, measured(name, options))
        except (Exception, SystemExit) as error:  # the other parts can still run
            failed = 1
            print(f"{name} failed: {error}", file=sys.stderr, flush=True)
    if options.write:
        options.write.parent.mkdir(parents=True, exist_ok=True)
        options.write.write_text(page(read(options.results)), encoding="utf-8")
        print(f"written: {options.write}")
    return failed


def measured(name: str, options: argparse.Namespace) -> dict[str, Any]:
    """Run a part in a separate process and print its figures. Returns its result with date and duration."""
    print(f"{name} ...", flush=True)
    watch = Watch()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as process:
        result: dict[str, Any] = process.submit(PARTS[name].measure, options).result()
    result |= watch.read()
    print(
        f"{name}: {result['seconds']:.0f} s, other processes used {result['others']:.0%} of the cores"
    )
    for figure, values in result["figures"].items():
        print(f"  {figure}: {figure_cell(values)}", flush=True)
    return result


def keep(path: Path, name: str, result: dict[str, Any]) -> None:
    """Store one part's result in the file."""
    parts = read(path)["parts"] | {name: result}
    ordered = {part: parts[part] for part in PARTS if part in parts}
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"machine": describe(), "parts": ordered}, indent=1)
    path.write_text(text + "\n", encoding="utf-8")


def read(path: Path) -> dict[str, Any]:
    """The stored results; none if there is no file."""
    if not path.exists():
        return {"machine": describe(), "parts": {}}
    results: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return results


if __name__ == "__main__":
    sys.exit(main())
