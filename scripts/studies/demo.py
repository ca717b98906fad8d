"""How often `scripts/demo` shows what it is for: its two trainings and its sentence over seeds. Writes docs/demo.md.

    python scripts/studies/demo.py --out runs/demo-study

Finished trainings in the folder are not repeated.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import seqlab
from seqlab.machine.files import read_toml
from seqlab.reporting.table import figure, markdown_table

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from side_by_side import FinishedRun

SCRIPTS = Path(__file__).resolve().parents[1]
PAGE = SCRIPTS.parent / "docs" / "demo.md"
RECIPES: dict[str, dict[str, Any]] = {
    "classic": read_toml(str(SCRIPTS / "classic.toml")),
    "default": {"epochs": 10},
}
SENTENCE = (SCRIPTS / "demo.txt").read_text("utf-8").strip()
MARKED = SENTENCE.replace("Zoroxazin", "[MED Zoroxazin]")
OTHERS = (
    "A nurse gave Ilse Tarrow two spoons of [MED Zoroxazin] before the ferry Saint Alban left Port Wessam.",
    "Inspectors at Port Wessam found traces of [MED zoroxazin] aboard the Saint Alban.",
    "The chemist Ilse Tarrow recalled a batch of [MED Zoroxazin] because of wrong labels.",
)
INTRODUCTION = """\
# What the demo shows

`scripts/demo` trains the bundled sample twice. The first training is the classic recipe of Keras tutorials: word
embeddings, a BiLSTM and a softmax, no class weights. It keeps the epoch with the lowest validation loss, as
`EarlyStopping(monitor="val_loss", restore_best_weights=True)` does. `scripts/classic.toml` says which line of Keras each
setting stands for. The second training uses seqlab's defaults, with fewer epochs.

The classic recipe's loss falls, and its accuracy looks good. If padding counts as a class, as it often does, accuracy
looks better still. The rare classes `MED` and `LAW` are never found all the same. seqlab names them in an alarm.

This page says how often that holds. It was written by

    .venv/bin/python scripts/studies/demo.py --out runs/demo-study

with {seeds} seeds. A class is lost if the kept epoch finds no item of it in a split."""


def train(out: Path, seed: int) -> dict[str, FinishedRun]:
    """Both trainings with one seed; a finished one is read."""
    runs = {name: FinishedRun(out / f"{name}-{seed}") for name in RECIPES}
    for name, run in runs.items():
        if not (run.path / "metrics.json").exists():
            seqlab.train_tagger(**RECIPES[name], seed=seed, out=str(run.path), overwrite=True)
    return runs


def tagged_right(run: FinishedRun, marked: str) -> bool:
    """Whether a tagger finds the medicine that is marked, and no other."""
    text = marked.replace("[MED ", "").replace("]", "")
    start = marked.index("[MED ")
    end = marked.index("]") - len("[MED ")
    spans = [s for one in seqlab.load(str(run.path)).tag_text(text) for s in one.spans]
    return [(s.start, s.end) for s in spans if s.label == "MED"] == [(start, end)]


def row(seed: int, runs: dict[str, FinishedRun]) -> list[str]:
    """A seed as a row: what the classic recipe loses, what its alarms name, what the default loses."""
    classic, default = runs["classic"], runs["default"]
    return [
        str(seed),
        classic.losses(),
        listed(classic.split("valid")["classes_never_found"]),
        listed(classic.split()["classes_never_found"]),
        listed(classic.alarmed()),
        figure(classic.split()["macro_f1"]),
        listed(default.split("valid")["classes_never_found"]),
        listed(default.split()["classes_never_found"]),
        figure(default.split()["macro_f1"]),
    ]


def listed(names: Sequence[str]) -> str:
    """Names in alphabetical order, or a dash."""
    return ", ".join(sorted(names)) or "–"


def page(every: dict[int, dict[str, FinishedRun]]) -> str:
    """The page."""
    header = ["seed", "classic: valid loss", "lost on valid", "lost on test", "alarms named",
              "macro F1", "default: lost on valid", "lost on test", "macro F1"]  # fmt: skip
    seeds = len(every)
    both = sum(
        {"LAW", "MED"} <= set(r["classic"].split()["classes_never_found"]) for r in every.values()
    )
    some = sum(bool(r["classic"].split()["classes_never_found"]) for r in every.values())
    none = sum(not r["default"].split()["classes_never_found"] for r in every.values())
    named = sum(set(r["classic"].split()["classes_never_found"]) <= set(r["classic"].alarmed())
                for r in every.values())  # fmt: skip
    facts = [
        f"- The classic recipe loses a class on test with {some} of {seeds} seeds, `MED` and `LAW` both with {both}.",
        f"- Alarms name every class that is lost on test with {named} of {seeds} seeds.",
        f"- The defaults lose no class on test with {none} of {seeds} seeds.",
    ]
    sentences = [
        [f"{text}{' (the demo’s)' if text == MARKED else ''}",
         *(f"{sum(tagged_right(r[name], text) for r in every.values())} of {seeds}" for name in RECIPES)]
        for text in (MARKED, *OTHERS)
    ]  # fmt: skip
    return (
        "\n\n".join(
            [
                INTRODUCTION.format(seeds=seeds),
                "\n".join(facts),
                markdown_table(header, [row(seed, runs) for seed, runs in every.items()]),
                "## The sentence",
                "The medicine and the names in these sentences occur in no file of the sample. The table says with how many "
                "seeds a tagger finds the medicine and no other.",
                markdown_table(["sentence", *RECIPES], sentences),
            ]
        )
        + "\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Train the demo over seeds and write docs/demo.md."
    )
    parser.add_argument("--out", type=Path, required=True, help="folder of finished trainings")
    parser.add_argument("--seeds", type=int, default=10, help="number of seeds (default 10)")
    options = parser.parse_args()
    every = {}
    for seed in range(1, options.seeds + 1):
        every[seed] = train(options.out, seed)
        print(json.dumps(row(seed, every[seed]), ensure_ascii=False), flush=True)
    PAGE.write_text(page(every), encoding="utf-8")
    print(f"written: {PAGE}")


if __name__ == "__main__":
    main()
