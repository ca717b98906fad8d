"""Train every remedy of remedies.toml on six corpora, over seeds, and write docs/imbalance.md.

    .venv/bin/python scripts/imbalance/compare.py --out runs/imbalance

Takes hours; may be killed and started again, for finished cells are kept. `--remedies A,B` and
`--corpora A,B` train a part; `--page` trains nothing and writes the page from what is finished.
"""

import argparse
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import tomli_w

from seqlab.comparing.budget import make_budget
from seqlab.comparing.comparison import run_comparison
from seqlab.comparing.grid import split_table
from seqlab.comparing.plan import Plan, make_plan
from seqlab.comparing.results import Results, make_results
from seqlab.comparing.store import cell_path, read_cell
from seqlab.files import read_toml

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import corpora
from page import page, write

ROOT = Path(__file__).resolve().parents[2]
REMEDIES = Path(__file__).parent / "remedies.toml"
PAGE = ROOT / "docs" / "imbalance.md"
OF_SPANS = ("o-third", "keep-empty-03")  # plain tags have neither O nor sentences without spans


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """files: train, valid and test, below the folder of the corpora. seeds: how many.

    changed: what this corpus alone asks for.
    """

    files: dict[str, str]
    seeds: int
    changed: dict[str, Any] = field(default_factory=dict)
    plain: bool = False


CORPORA = {
    "crossner_science": Corpus(
        files={"train": "train.txt", "valid": "dev.txt", "test": "test.txt"},
        seeds=5,
        changed={"epochs": 30},
    ),
    "sec_filings": Corpus(
        files={"train": "CONLL-format/data/train/FIN5.txt", "test": "CONLL-format/data/test/FIN3.txt"},
        seeds=5,
    ),
    "gum_ner": Corpus(
        files={
            "train": "CONLL-format/data/train/gum-train.conll",
            "test": "CONLL-format/data/test/gum-test.conll",
        },
        seeds=3,
    ),
    "wnut17": Corpus(
        files={
            "train": "wnut17train.conll",
            "valid": "emerging.dev.conll",
            "test": "emerging.test.annotated",
        },
        seeds=3,
    ),
    "anem": Corpus(
        files={"train": "CONLL-format/data/AnEM.train", "test": "CONLL-format/data/AnEM.test"},
        seeds=3,
    ),
    "ud_english_ewt": Corpus(
        files={
            "train": "en_ewt-ud-train.conllu",
            "valid": "en_ewt-ud-dev.conllu",
            "test": "en_ewt-ud-test.conllu",
        },
        seeds=3,
        changed={"epochs": 5},
        plain=True,
    ),
}  # fmt: skip


def main() -> None:
    options = parse()
    if not options.page:
        for name in options.corpora:
            train(name, options)
    found = {name: finished(name, options) for name in options.corpora}
    text = page(
        {name: results for name, results in found.items() if results},
        common=shared(),
        out=options.out,
    )
    write(PAGE, text)
    print(f"written: {PAGE}")


def train(name: str, options: argparse.Namespace) -> None:
    """Train what is missing on one corpus."""
    print(name, flush=True)
    run_comparison(
        plan(name, options.remedies),
        options.out / name,
        budget=make_budget(options.processes, None),
        resamples=1,
        overwrite=False,
        say=lambda text: print(text, flush=True),
    )


def finished(name: str, options: argparse.Namespace) -> Results | None:
    """The results of the remedies that finished under every seed; None without the baseline."""
    whole, out = plan(name, options.remedies), options.out / name
    places = {cell: cell_path(out, cell) for cell in whole.cells}
    missing = {cell.name for cell, path in places.items() if not path.exists()}
    kept = {key: value for key, value in whole.changed.items() if key not in missing}
    if whole.baseline not in kept:
        return None
    cells = {key: {} for key in kept}
    for cell, path in places.items():
        if cell.name in kept:
            cells[cell.name][cell.seed] = read_cell(path)
    part = replace(whole, changed=kept)
    return make_results(part, cells, {}, resamples=options.resamples)


def shared() -> str:
    """What all runs share, and what single corpora have of their own, as TOML."""
    common, _, _ = split_table(read_toml(str(REMEDIES)), place=REMEDIES.name)
    own = {name: corpus.changed for name, corpus in CORPORA.items() if corpus.changed}
    return tomli_w.dumps({**common, **own})


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--corpora", type=lambda t: t.split(","), default=list(CORPORA))
    parser.add_argument("--remedies", type=lambda t: t.split(","), default=None)
    parser.add_argument("--processes", type=int, default=None)
    parser.add_argument("--resamples", type=int, default=5000)
    parser.add_argument("--page", action="store_true")
    return parser.parse_args()


def plan(name: str, remedies: list[str] | None = None) -> Plan:
    """The cells of one corpus; all remedies that it can take, or the baseline and those named."""
    corpus = CORPORA[name]
    common, tables, others = split_table(read_toml(str(REMEDIES)), place=REMEDIES.name)
    left_out = OF_SPANS if corpus.plain else ()
    chosen = {
        key: table
        for key, table in tables.items()
        if key not in left_out
        and (remedies is None or key in remedies or key == others["baseline"])
    }
    folder = corpora.folder() / name
    files = {split: str(folder / path) for split, path in corpus.files.items()}
    return make_plan(
        chosen,
        {**common, **corpus.changed, **files},
        seeds=corpus.seeds,
        baseline=others["baseline"],
    )


if __name__ == "__main__":
    main()
