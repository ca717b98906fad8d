"""Train the settings of goals.toml on twelve corpora, and write docs/goals.md: goals, what is reached, and what it costs.

    .venv/bin/python scripts/studies/goals.py --out runs/goals [--peers FOLDER --peer-python PYTHON]

This takes days on two cores. After an interruption, start it again: finished trainings are kept. `--corpora A,B` and
`--settings A,B` train only those, `--seeds 1,2` only these seeds. `--page` writes the page from finished trainings, and
trains nothing. FOLDER and PYTHON are those of `peers.py`, whose tools are trained too if they are given.
`--peer-vectors FILE` also trains spaCy with vectors; FILE has the vectors of `glove` as text.
"""

import json
import subprocess
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from goal_figure import figure_svg, points_of
from goal_page import Corpus, page_text
from goal_results import read_goals, tool_cells, with_tools
from peers import NAMES, plain, train_all, two_columns
from published import inputs_of
from study import Study

import seqlab
from seqlab.comparing.store import FinishedCell, cell_path, read_cell
from seqlab.corpus.schemes import Scheme
from seqlab.machine.files import read_toml

TABLE = Path(__file__).with_name("goals.toml")
PAGE = Path(__file__).resolve().parents[2] / "docs" / "goals.md"
IMAGE = PAGE.parent / "images" / "goals.svg"
FIGURE = """
## Time against macro F1

Mean macro F1 and geometric mean of the seconds over {corpora} corpora, of what has finished on all of them.

![Seconds of training against macro F1](images/{image})
"""
PASSES = 3  # the fastest counts


def make_parser(study: Study) -> ArgumentParser:
    """The options of the command line."""
    parser = study.make_parser(__doc__.splitlines()[0])
    parser.add_argument("--peers", metavar="FOLDER", help="folder with the tools' bench.py")
    parser.add_argument("--peer-python", metavar="PYTHON", help="Python with the tools installed")
    parser.add_argument("--peer-vectors", metavar="FILE",
                        help="word vectors as text, for spaCy with vectors")  # fmt: skip
    parser.add_argument("--tools", type=lambda t: t.split(","), default=list(NAMES),
                        help=f"tools, separated by commas (default: {','.join(NAMES)})")  # fmt: skip
    parser.add_argument("--seconds", type=float, default=600,
                        help="training time of each tool (default %(default)s)")  # fmt: skip
    return parser


def train(study: Study, options: Namespace) -> None:
    """Train unfinished settings and tools, and measure how fast each setting tags."""
    for corpus in options.corpora:
        study.train(corpus, options)
        for cell in study.plan(corpus, options.settings, options.seeds).cells:
            measure_speed(corpus, cell.name, cell_path(options.out / corpus, cell), options.out)
    if options.peers and options.peer_python:
        train_all(options)
        if options.peer_vectors:
            for corpus in options.corpora:
                if "glove" in study.plan(corpus).names:
                    train_with_vectors(corpus, options)


def train_with_vectors(corpus: str, options: Namespace) -> None:
    """Train spaCy with vectors on one corpus, unless it has finished."""
    folder = options.out / "peers" / corpus
    out = folder / "spacy_vectors"
    if (out / "result.json").exists():
        return
    files = two_columns(corpus, folder)
    script = Path(__file__).with_name("spacy_with_vectors.py")
    command = [options.peer_python, str(script), "--task", "pos" if plain(corpus) else "ner"]
    paths = [("train", "train"), ("dev", "valid"), ("test", "test")]
    command += [word for name, split in paths for word in (f"--{name}", files[split])]
    command += [
        "--vectors",
        options.peer_vectors,
        "--seconds",
        str(options.seconds),
        "--out",
        str(out),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    print(
        f"{corpus}: spaCy with vectors: {done.stdout.strip()[-200:] or done.stderr.strip()[-300:]}"
    )


def measure_speed(corpus: str, setting: str, run: Path, out: Path) -> None:
    """Store the tokens per second of CPU with which a run tags its test split, unless they are stored."""
    path = speed_path(out, corpus, setting)
    if path.exists() or not run.exists():
        return
    tagger = seqlab.load(run)
    sentences = seqlab.load_splits(**inputs_of(corpus)).test or ()
    tokens, seconds = sum(map(len, sentences)), []
    for _ in range(PASSES):
        start = time.process_time()
        list(tagger.predict(sentences))
        seconds.append(time.process_time() - start)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"tokens_per_second": tokens / min(seconds)}), encoding="utf-8")


def speed_path(out: Path, corpus: str, setting: str) -> Path:
    """The file with the speed of a setting on a corpus."""
    return out / "speed" / corpus / f"{setting}.json"


def read_speeds(out: Path, corpus: str) -> dict[str, float]:
    """Tokens per second of CPU by setting."""
    return {
        path.stem: json.loads(path.read_text("utf-8"))["tokens_per_second"]
        for path in sorted(speed_path(out, corpus, "any").parent.glob("*.json"))
    }


def finished(study: Study, name: str, options: Namespace) -> Corpus | None:
    """All that is known of a corpus; None until the baseline has finished with a seed."""
    first = first_cell(study, name, options.out)
    if first is None:
        return None
    scheme = Scheme.PLAIN if plain(name) else Scheme.IOB2
    tools = dict(tool_cells(options.out / "peers" / name, first, scheme))
    names = study.plan(name, options.settings).names
    beside = {
        setting: results
        for setting in names
        if (results := with_tools(study, name, setting, tools, options.out, options.resamples))
    }
    return Corpus(
        name=name,
        gains=study.finished(name, options),
        beside=beside,
        speeds=read_speeds(options.out, name),
    )


def first_cell(study: Study, name: str, out: Path) -> FinishedCell | None:
    """A finished cell of a corpus; None without any."""
    paths = (cell_path(out / name, cell) for cell in study.plan(name).cells)
    return next((read_cell(path) for path in paths if path.exists()), None)


def main() -> int:
    study = Study(TABLE)
    options = make_parser(study).parse_args()
    options.out = options.out.resolve()
    if not options.page:
        train(study, options)
    table: Mapping[str, Any] = read_toml(str(TABLE))
    corpora = [each for name in options.corpora if (each := finished(study, name, options))]
    text = page_text(corpora, read_goals(table), common=study.shared())
    points = points_of([corpus.beside for corpus in corpora])
    if points:
        IMAGE.write_text(figure_svg(points), encoding="utf-8")
        text += FIGURE.format(corpora=len(corpora), image=IMAGE.name)
    PAGE.write_text(text, encoding="utf-8")
    print(f"written: {PAGE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
