"""The whole command `python -m seqlab.tag` on a long text, in one process and in several.

Times include start, reading and writing. Memory includes all processes. The text repeats the sentences of the corpus.
A round measures one process, then several processes, then a few matrix products.
"""

import argparse
import multiprocessing
import re
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from bench import inputs
from bench.apart import product_rate
from bench.arithmetic import Work, forward_flops, text_work
from bench.child import Measured, environment
from bench.child import measure as measure_child
from bench.spread import ratios
from bench.training import train_apart

MEGABYTE = 1_000_000
BLOCK = 1 << 16


def add_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("pipe")
    group.add_argument("--text-megabytes", type=float, default=20.0,
                       help="least size of the tagged text (default %(default)s)")  # fmt: skip
    group.add_argument("--workers", type=int,
                       help="processes to compare with one (default: as `seqlab tag`)")  # fmt: skip


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Tokens per second, useful arithmetic and peak memory, with one process and with all workers."""
    from seqlab.machine.threads import default_workers

    workers = options.workers or default_workers()
    figures: dict[str, list[float]] = {"one": [], "all": [], "rate": []}
    figures |= {"one peak": [], "all peak": []}
    with tempfile.TemporaryDirectory() as folder, product_process() as other:
        files = inputs.corpus_files(options.corpus, options, folder)
        run = str(Path(folder) / "run")
        train_apart(files["train"], files["valid"], run, epochs=1)
        text = Path(folder) / "text.txt"
        shape = architecture(run)
        work = write_text(files, text, int(options.text_megabytes * MEGABYTE), shape.max_chars)
        for _ in range(options.rounds):
            for name, count in (("one", 1), ("all", workers)):
                cost = tag(run, text, count)
                figures[name].append(work.tokens / cost.seconds)
                figures[f"{name} peak"].append(cost.peak_bytes)
            rate = other.submit(product_rate, options.product_size).result()
            figures["rate"].append(rate)
        flops = forward_flops(shape, work) / work.tokens
    figures["ratio"] = ratios(figures["all"], figures["one"])
    for name in ("one", "all"):
        useful = [speed * flops for speed in figures[name]]
        figures[f"{name} fraction"] = ratios(useful, figures["rate"])
    sizes = {
        "corpus": inputs.title(options.corpus, options),
        "megabytes": options.text_megabytes,
        "tokens": work.tokens,
        "workers": workers,
        "flops a token": flops,
    }
    return {"sizes": sizes, "figures": figures}


def product_process() -> ProcessPoolExecutor:
    """A process for the matrix products, with TensorFlow's default threads."""
    return ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))


def write_text(files: inputs.Files, path: Path, size: int, max_chars: int) -> Work:
    """Write the sentences of a corpus, one per line, repeated until the file has at least `size` bytes.

    The characters of a distinct word count once, because its vector may be cached.
    """
    from seqlab import read_corpus

    lines = [
        " ".join(re.sub(r"\s", "_", token) for token in sentence.tokens)
        for file in files.values()
        for sentence in read_corpus(file)
    ]
    whole = "\n".join(lines).encode() + b"\n"
    copies = -(-size // len(whole))
    with path.open("wb") as file:
        file.writelines(whole for _ in range(copies))
    once = text_work((line.split() for line in lines), max_chars=max_chars)
    return Work(tokens=once.tokens * copies, characters=once.characters)


def tag(run: str, text: Path, workers: int, *options: str) -> Measured:
    """Run `python -m seqlab.tag RUN` with a text on its standard input. options: default: words between spaces."""
    cut = options or ("--tokenized", "--sentences", "line")
    command = [sys.executable, "-m", "seqlab.tag", run, "--format", "text", *cut]
    command += ["--workers", str(workers)]
    return measure_child(command, stdin=blocks(text), environment=environment())


def blocks(path: Path) -> Iterator[bytes]:
    """Yield a file in blocks."""
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def architecture(run: str) -> Any:
    """The shape of the network of a run."""
    import seqlab

    return seqlab.load(run).architecture
