"""Train other taggers on the corpora of accuracy.toml, and write docs/peers.md, which compares seqlab with them.

    .venv/bin/python scripts/studies/peers.py --out runs/accuracy --peers FOLDER --peer-python PYTHON

FOLDER holds a `bench.py` that trains one tool under a time limit and scores its test tags (see
`scripts/bench/peers.py`). PYTHON is the Python of the environment in which the tools are installed. seqlab's figures are
the finished trainings of `accuracy.py` in the same `--out`. Each training has one core. After an interruption, start
the script again: finished trainings are kept.
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

from published import inputs_of, make
from study import Study
from tables import by_name, machine_text

from seqlab import load_splits
from seqlab.comparing.results import Results, SettingResult
from seqlab.comparing.wording import code
from seqlab.machine.threads import usable_cores
from seqlab.machine.wording import UNDEFINED
from seqlab.reporting.table import figure, markdown_table

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from bench.inputs import SPLITS, Files, write_two_columns
from bench.peers import peer_command

TABLE = Path(__file__).with_name("accuracy.toml")
PAGE = Path(__file__).resolve().parents[2] / "docs" / "peers.md"
HEADS = ("softmax", "crf")
"""The settings of accuracy.toml that are the default for plain tags and for spans."""
NAMES = {
    "crfsuite": "feature CRF",
    "spacy": "spaCy",
    "flair": "flair",
    "keras_naive": "classic Keras",
}
"""The name on the page of each tool of FOLDER."""
HEAD = """\
# Comparison with other taggers

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
class ToolScores:
    """One tool on one corpus.

    micro, macro: F1 from 0 to 1. lost: classes never found on test. seconds: of training.
    low, high: range of macro F1 over seeds, None with one seed.
    """

    tool: str
    micro: float
    macro: float
    lost: float
    seconds: float
    low: float | None = None
    high: float | None = None


def two_columns(corpus: str, folder: Path) -> Files:
    """Write the splits in the format that the tools read, unless they exist."""
    paths = {split: folder / f"{split}.conll" for split in SPLITS}
    if not all(path.exists() for path in paths.values()):
        folder.mkdir(parents=True, exist_ok=True)
        make(corpus)
        splits = load_splits(**inputs_of(corpus), scheme=None if plain(corpus) else "iob2")
        for path, sentences in zip(
            paths.values(), (splits.train, splits.valid, splits.test), strict=True
        ):
            write_two_columns(sentences or (), path)
    return {split: str(path) for split, path in paths.items()}


def plain(corpus: str) -> bool:
    """Whether the corpus has plain tags, not spans."""
    return corpus.startswith("ud_")


def train(tool: str, corpus: str, options: argparse.Namespace, core: int) -> None:
    """Train one tool on one corpus, on one core, unless it has finished."""
    folder = options.out / "peers" / corpus
    out = folder / tool
    if (out / "result.json").exists():
        return
    files = two_columns(corpus, folder)
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
    """Train every tool on every corpus, with one training per core at a time."""
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


def peer_scores(corpus: str, options: argparse.Namespace) -> Iterator[ToolScores]:
    """The figures of the tools that finished on one corpus."""
    for tool in NAMES:
        path = options.out / "peers" / corpus / tool / "result.json"
        result: Mapping[str, Any] = json.loads(path.read_text()) if path.exists() else {}
        if "micro_f1" in result.get("score", {}):
            score = result["score"]
            yield ToolScores(
                tool=NAMES[tool],
                micro=score["micro_f1"],
                macro=score["macro_f1_gold"],
                lost=score["gold_types_f1_zero"],
                seconds=result["train"]["train_s"],
            )


def seqlab_scores(results: Results, corpus: str) -> list[ToolScores]:
    """The scores of seqlab, its default first: for spans the CRF if it has finished."""
    known = by_name(results)
    order = HEADS if plain(corpus) else HEADS[::-1]
    return [setting_scores(known[name]) for name in order if name in known]


def setting_scores(result: SettingResult) -> ToolScores:
    """The scores of one setting, mean over seeds."""
    figures = result.figures
    return ToolScores(
        tool=f"seqlab, {code(result.name)}",
        micro=figures["micro_f1"].mean or 0.0,
        macro=figures["macro_f1"].mean or 0.0,
        lost=sum(result.lost.values()) / len(result.seeds),
        seconds=result.seconds.mean or 0.0,
        low=min(figures["macro_f1"].values),
        high=max(figures["macro_f1"].values),
    )


Scores = Mapping[str, tuple[Sequence[ToolScores], Sequence[ToolScores]]]
"""For each corpus: the scores of seqlab, its default first, and of the other tools."""


def page(scores: Scores, *, seconds: float, seeds: str) -> str:
    """The whole page."""
    tools = ", ".join(dict.fromkeys(line.tool for _, others in scores.values() for line in others))
    head = HEAD.format(seconds=seconds, machine=machine_text(), seeds=seeds, tools=tools)
    parts = [head, "## Against the best other tool", summary(scores)]
    for corpus, (ours, others) in scores.items():
        parts += [f"## {corpus}", corpus_table([*ours, *others])]
    return "\n\n".join(parts) + "\n"


def summary(scores: Scores) -> str:
    """For each corpus, the difference between seqlab's default and the best other tool."""
    rows = []
    for corpus, ((ours, *_), others) in scores.items():
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
            for (o, *_), others in scores.values()
        )
        for kind in ("micro", "macro")
    }
    text = (
        f"seqlab's mean is at least the best other figure on {won['micro']} of {len(scores)} corpora in micro F1, "
        f"on {won['macro']} in macro F1."
    )
    heads = [
        "",
        "",
        "micro F1 minus the best",
        "macro F1 minus the best",
        "lost : fewest lost by another tool",
    ]
    return text + "\n\n" + markdown_table(heads, rows)


def corpus_table(lines: Sequence[ToolScores]) -> str:
    """A row for each tool."""
    rows = []
    for line in lines:
        spread = "" if line.low is None else f" ({figure(line.low)} to {figure(line.high)})"
        macro = f"{line.macro:.3f}{spread}"
        lost = f"{line.lost:.1f}" if line.low is not None else f"{line.lost:g}"
        rows.append([line.tool, f"{line.micro:.3f}", macro, lost, f"{line.seconds:.0f}"])
    return markdown_table(["", "micro F1", "macro F1", "lost", "seconds of training"], rows)


def make_parser() -> argparse.ArgumentParser:
    """The options of the command line."""
    corpora = list(Study(TABLE).corpora)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="folder of finished trainings")
    parser.add_argument("--corpora", type=lambda t: t.split(","), default=corpora,
                        help="corpora, separated by commas (default: all)")  # fmt: skip
    parser.add_argument("--peers", default=os.environ.get("SEQLAB_PEERS"), metavar="FOLDER",
                        help="folder with the tools' bench.py (default: SEQLAB_PEERS)")  # fmt: skip
    parser.add_argument("--peer-python", default=os.environ.get("PEER_PYTHON"), metavar="PYTHON",
                        help="Python with the tools installed (default: PEER_PYTHON)")  # fmt: skip
    parser.add_argument("--tools", type=lambda t: t.split(","), default=list(NAMES),
                        help=f"tools, separated by commas (default: {','.join(NAMES)})")  # fmt: skip
    parser.add_argument("--seconds", type=float, default=140,
                        help="training time of each tool (default %(default)s)")  # fmt: skip
    parser.add_argument("--page", action="store_true", help="train nothing; write the page")
    return parser


def parse() -> argparse.Namespace:
    """Parse the command line. Training needs both --peers and --peer-python."""
    parser = make_parser()
    options = parser.parse_args()
    if not options.page and not (options.peers and options.peer_python):
        parser.error("expected --peers FOLDER and --peer-python PYTHON, or --page")
    options.settings, options.seeds, options.resamples = None, None, 1
    options.out = options.out.resolve()
    return options


def main() -> None:
    """Train unfinished tools and write the page."""
    options = parse()
    if not options.page:
        train_all(options)
    study = Study(TABLE)
    scores: dict[str, tuple[Sequence[ToolScores], Sequence[ToolScores]]] = {}
    seeds = 0
    for corpus in options.corpora:
        results: Results | None = study.finished(corpus, options)
        others = list(peer_scores(corpus, options))
        if results and others:
            scores[corpus] = seqlab_scores(results, corpus), others
            seeds = max(seeds, *(len(one.seeds) for one in results.settings))
    PAGE.write_text(
        page(scores, seconds=options.seconds, seeds=str(seeds or UNDEFINED)), encoding="utf-8"
    )
    print(f"written: {PAGE}")


if __name__ == "__main__":
    main()
