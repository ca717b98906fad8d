"""The whole command `python -m seqlab.tag` on raw text: JSON with offsets and split sentences, against columns.

A round measures both in turn, in one process and in several. Times include start, reading, tokenising and writing.
Columns need no offsets: each line is one sentence, as the command did before it knew offsets.
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any

from bench import inputs
from bench.pipe import MEGABYTE, tag
from bench.spread import ratios
from bench.training import train_apart

OUTPUTS = {
    "columns": ("--sentences", "line", "--output-format", "conll"),
    "offsets": ("--sentences", "split", "--output-format", "jsonl"),
}


def add_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("offsets")
    group.add_argument("--raw-megabytes", type=float, default=10.0,
                       help="least size of the raw text (default %(default)s)")  # fmt: skip


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Megabytes of raw text per second, and the ratio of the two outputs, with one process and with all workers."""
    from seqlab.machine.threads import default_workers

    workers = options.workers or default_workers()
    figures: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        files = inputs.corpus_files(options.corpus, options, folder)
        run = str(Path(folder) / "run")
        train_apart(files["train"], files["valid"], run, epochs=1)
        text = Path(folder) / "text.txt"
        size = write_raw_text(files, text, int(options.raw_megabytes * MEGABYTE))
        for _ in range(options.rounds):
            for name, count in (("one", 1), ("all", workers)):
                for way, choice in OUTPUTS.items():
                    cost = tag(run, text, count, *choice)
                    figures.setdefault(f"{name} {way}", []).append(size / cost.seconds)
                    figures.setdefault(f"{name} {way} peak", []).append(cost.peak_bytes)
    for name in ("one", "all"):
        figures[f"{name} ratio"] = ratios(figures[f"{name} offsets"], figures[f"{name} columns"])
    sizes = {"corpus": inputs.title(options.corpus, options), "bytes": size, "workers": workers}
    return {"sizes": sizes, "figures": figures}


def write_raw_text(files: inputs.Files, path: Path, least: int) -> int:
    """Write the raw text of a corpus, one sentence per line, repeated until the file has `least` bytes.

    Sentences of a corpus of tokens are written with spaces between the tokens. Returns the size of the file.
    """
    from seqlab import read_corpus

    lines = [
        " ".join(sentence.tokens) if sentence.text is None else sentence.text
        for file in files.values()
        for sentence in read_corpus(file)
    ]
    whole = "\n".join(lines).encode() + b"\n"
    copies = -(-least // len(whole))
    with path.open("wb") as file:
        file.writelines(whole for _ in range(copies))
    return copies * len(whole)
