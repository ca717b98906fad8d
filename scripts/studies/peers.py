"""Train other taggers on the corpora of accuracy.toml, and write docs/peers.md, which compares them with seqlab.

    .venv/bin/python scripts/studies/peers.py --out runs/accuracy --peers FOLDER --peer-python PYTHON

FOLDER holds a `bench.py` that trains one tool under a time cap and scores its test tags (`scripts/bench/peers.py`
says how); PYTHON is the interpreter of their environment. seqlab's figures are the finished cells of
`accuracy.py` in the same folder. Every training has one core, and two run at a time. The script can be stopped
and started again: finished trainings are kept.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from typing import Any

from published import files_of, make
from study import Study
from tables import by_name, machine_text

from seqlab import load_splits
from seqlab.comparing.markdown import code
from seqlab.comparing.results import Results, SettingResult
from seqlab.machine.threads import usable_cores
from seqlab.machine.wording import UNDEFINED
from seqlab.reporting.table import figure, markdown_table

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from bench.inputs import SPLITS, Files, write_two_columns
from bench.peers import peer_command

TABLE = Path(__file__).with_name("accuracy.toml")
PAGE = Path(__file__).resolve().parents[2] / "docs" / "peers.md"
HEADS = ("softmax", "crf")
"""Settings of accuracy.toml: the default for plain tags, and for spans."""
TOOLS = ("crfsuite", "spacy", "flair", "keras_naive")
"""As the folder of peers calls them."""
NAMES = {
    "crfsuite": "feature CRF",
    "spacy": "spaCy",
    "flair": "flair",
    "keras_naive": "classic Keras",
}
HEAD = """\
# Beside other taggers

Scores on the test splits of published corpora, without word vectors. Each training has one core, and at most
{seconds:g} seconds if the tool trains by epochs. Written by

    .venv/bin/python scripts/studies/peers.py --out runs/accuracy --peers FOLDER --peer-python PYTHON

on {machine}.
seqlab runs with its defaults (`crf` for spans if it was trained, `softmax` for plain tags) and {seeds} seeds. It has the
same limit if `accuracy.toml` sets it; otherwise it stops when validation no longer improves. Its seconds were measured
next to other work. The other tools ({tools}) run with seed 1, as the scripts in FOLDER set them up. Macro F1 is the mean
over the classes of the test split. For plain tags (`ud_…`) micro F1 is the accuracy. Lost: classes of the test split
that were never found, mean over seeds."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One tool on one corpus. F1 from 0 to 1; seconds of training; low and high: the range over seeds."""

    tool: str
    micro: float
    macro: float
    lost: float
    seconds: float
    low: float | None = None
    high: float | None = None


def two_columns(corpus: str, place: Path) -> Files:
    """Write the splits once, in the format that the tools read."""
    paths = {split: place / f"{split}.conll" for split in SPLITS}
    if not all(path.exists() for path in paths.values()):
        place.mkdir(parents=True, exist_ok=True)
        make(corpus)
        splits = load_splits(**files_of(corpus), scheme=None if plain(corpus) else "iob2")
        for path, found in zip(
            paths.values(), (splits.train, splits.valid, splits.test), strict=True
        ):
            write_two_columns(found or (), path)
    return {split: str(path) for split, path in paths.items()}


def plain(corpus: str) -> bool:
    """Whether its tags are plain tags, not spans."""
    return corpus.startswith("ud_")


def train(tool: str, corpus: str, options: argparse.Namespace, core: int) -> None:
    """Train one tool on one corpus, on one core, unless it has been trained."""
    place = options.out / "peers" / corpus
    out = place / tool
    if (out / "result.json").exists():
        return
    files = two_columns(corpus, place)
    task = "pos" if plain(corpus) else "ner"
    command = peer_command(tool, files, options, out, task=task, seconds=options.seconds)
    command = ["taskset", "--cpu-list", str(core), *command]
    done = subprocess.run(
        command,
        env={**os.environ, "PEER_PYTHON": options.peer_python},
        capture_output=True,
        text=True,
        check=False,
    )
    print(f"{corpus}: {done.stdout.strip() or done.stderr.strip()[-300:]}", flush=True)


def train_all(options: argparse.Namespace) -> None:
    """Train every tool on every corpus, one training per core at a time."""
    free: Queue[int] = Queue()
    for core in sorted(os.sched_getaffinity(0)):
        free.put(core)

    def one(corpus: str, tool: str) -> None:
        core = free.get()
        try:
            train(tool, corpus, options, core)
        finally:
            free.put(core)

    with ThreadPoolExecutor(usable_cores()) as pool:
        started = [pool.submit(one, c, t) for c in options.corpora for t in options.tools]
    for future in started:
        future.result()


def of_peers(corpus: str, options: argparse.Namespace) -> Iterator[Line]:
    """The figures of the tools that finished on one corpus."""
    for tool in TOOLS:
        path = options.out / "peers" / corpus / tool / "result.json"
        found: Mapping[str, Any] = json.loads(path.read_text()) if path.exists() else {}
        if "micro_f1" in found.get("score", {}):
            score = found["score"]
            yield Line(
                tool=NAMES[tool],
                micro=score["micro_f1"],
                macro=score["macro_f1_gold"],
                lost=score["gold_types_f1_zero"],
                seconds=found["train"]["train_s"],
            )


def own(results: Results, corpus: str) -> list[Line]:
    """The lines of seqlab, its default first: the CRF for spans, where it has been trained."""
    known = by_name(results)
    order = HEADS if plain(corpus) else HEADS[::-1]
    return [of_seqlab(known[name]) for name in order if name in known]


def of_seqlab(result: SettingResult) -> Line:
    """The mean over seeds of one setting."""
    figures = result.figures
    return Line(
        tool=f"seqlab, {code(result.name)}",
        micro=figures["micro_f1"].mean or 0.0,
        macro=figures["macro_f1"].mean or 0.0,
        lost=sum(result.lost.values()) / len(result.seeds),
        seconds=result.seconds.mean or 0.0,
        low=min(v for v in figures["macro_f1"].values),
        high=max(v for v in figures["macro_f1"].values),
    )


Found = Mapping[str, tuple[Sequence[Line], Sequence[Line]]]
"""By corpus seqlab's lines, the default's first, and the others'."""


def page(found: Found, *, seconds: float, seeds: str) -> str:
    """The whole page."""
    tools = ", ".join(dict.fromkeys(line.tool for _, others in found.values() for line in others))
    head = HEAD.format(seconds=seconds, machine=machine_text(), seeds=seeds, tools=tools)
    parts = [head, "## Against the best other tool", summary(found)]
    for corpus, (ours, others) in found.items():
        parts += [f"## {corpus}", corpus_table([*ours, *others])]
    return "\n\n".join(parts) + "\n"


def summary(found: Found) -> str:
    """For each corpus, the difference between seqlab's default and the best other tool."""
    rows = []
    for corpus, ((ours, *_), others) in found.items():
        micro = max(others, key=lambda line: line.micro)
        macro = max(others, key=lambda line: line.macro)
        fewest = min(line.lost for line in others)
        rows.append(
            [
                code(corpus),
                ours.tool,
                f"{ours.micro - micro.micro:+.3f} ({micro.tool} {micro.micro:.3f})",
                f"{ours.macro - macro.macro:+.3f} ({macro.tool} {macro.macro:.3f})",
                f"{ours.lost:.1f} : {fewest:g}",
            ]
        )
    won = {
        kind: sum(
            getattr(o, kind) >= max(getattr(x, kind) for x in others)
            for (o, *_), others in found.values()
        )
        for kind in ("micro", "macro")
    }
    words = (
        f"seqlab's mean is at least the best other figure on {won['micro']} of {len(found)} corpora in micro F1, "
        f"on {won['macro']} in macro F1."
    )
    heads = [
        "",
        "",
        "micro F1 minus the best",
        "macro F1 minus the best",
        "lost : fewest lost by another tool",
    ]
    return words + "\n\n" + markdown_table(heads, rows)


def corpus_table(lines: Sequence[Line]) -> str:
    """A row for each tool."""
    rows = []
    for line in lines:
        spread = "" if line.low is None else f" ({figure(line.low)} to {figure(line.high)})"
        macro = f"{line.macro:.3f}{spread}"
        lost = f"{line.lost:.1f}" if line.low is not None else f"{line.lost:g}"
        rows.append([line.tool, f"{line.micro:.3f}", macro, lost, f"{line.seconds:.0f}"])
    return markdown_table(["", "micro F1", "macro F1", "lost", "seconds of training"], rows)


def parse() -> argparse.Namespace:
    """The options of the command line."""
    study = Study(TABLE)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--corpora", type=lambda t: t.split(","), default=list(study.corpora))
    parser.add_argument("--peers", default=os.environ.get("SEQLAB_PEERS"), metavar="FOLDER")
    parser.add_argument("--peer-python", default=os.environ.get("PEER_PYTHON"), metavar="PYTHON")
    parser.add_argument("--tools", type=lambda t: t.split(","), default=list(TOOLS))
    parser.add_argument("--seconds", type=float, default=140, help="of training, each")
    parser.add_argument("--page", action="store_true", help="train nothing, write the page")
    options = parser.parse_args()
    if not options.page and not (options.peers and options.peer_python):
        parser.error("expected --peers FOLDER and --peer-python PYTHON, or --page")
    options.settings, options.resamples = None, 1
    options.out = options.out.resolve()
    return options


def main() -> None:
    """Train what is missing, and write the page."""
    options = parse()
    if not options.page:
        train_all(options)
    study = Study(TABLE)
    found: dict[str, tuple[Sequence[Line], Sequence[Line]]] = {}
    seeds = 0
    for corpus in options.corpora:
        results: Results | None = study.finished(corpus, options)
        others = list(of_peers(corpus, options))
        if results and others:
            found[corpus] = own(results, corpus), others
            seeds = max(seeds, *(len(one.seeds) for one in results.settings))
    PAGE.write_text(
        page(found, seconds=options.seconds, seeds=str(seeds or UNDEFINED)), encoding="utf-8"
    )
    print(f"written: {PAGE}")


if __name__ == "__main__":
    main()
