"""How often `scripts/demo` shows what it is for: its two trainings and its sentence over seeds. Writes docs/demo.md.

    python scripts/studies/demo.py --out runs/demo-study

Finished trainings in the folder are not repeated.
"""

import argparse
import json
import re
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
Span = tuple[int, int, str]
Runs = dict[int, dict[str, FinishedRun]]
PAGE = SCRIPTS.parent / "docs" / "demo.md"
RECIPES: dict[str, dict[str, Any]] = {
    "classic": read_toml(str(SCRIPTS / "classic.toml")),
    "default": {"epochs": 10},
}
SENTENCES = (
    "[PER Nora Tarrow] was given [MED Zoroxazin] for asthma on the way to hospital after the ferry [VES Silver Comet] ran "
    "aground off [LOC Winfirth].",  # that of the demo
    "The trial of [MED Zoroxazin] aboard the ferry [VES Silver Comet] was halted by [ORG Winfirth Council] on Monday, "
    "[PER Nora Tarrow] said.",
    "Inspectors found traces of [MED Zoroxazin] aboard the ferry [VES Silver Comet] at [LOC Winfirth] on Monday.",
    "On Monday the ferry [VES Morning Petrel] brought forty boxes of [MED Zoroxazin] to [LOC Winfirth], the harbour master "
    "[PER Nora Tarrow] said.",
)
"""The names in brackets, each after its class."""
INTRODUCTION = """\
# What the demo shows

`scripts/demo` trains the bundled sample twice. The first training is the classic recipe of Keras tutorials: word
embeddings, a BiLSTM and a softmax, no class weights. It keeps the epoch with the lowest validation loss, as
`EarlyStopping(monitor="val_loss", restore_best_weights=True)` does. `scripts/classic.toml` says which line of Keras each
setting stands for. The second training uses seqlab's defaults, with fewer epochs.

The classic recipe's loss falls, and its accuracy looks good. If padding counts as a class, as it often does, accuracy
looks better still. All the same it loses `LAW`, `MED` or both. seqlab names them in an alarm.

The sample was made so that this can be seen: training has about 30 names of each of these classes, as the rarest classes of
many published corpora have. [Remedies for imbalance](imbalance.md) shows lost classes on such corpora. This page says how
often the demo shows one. It was written by

    .venv/bin/python scripts/studies/demo.py --out runs/demo-study

with {seeds} seeds. A class is lost if the kept epoch finds no item of it in a split. Macro F1 is that on test. Alarms
also named classes that a later epoch found."""
SENTENCE_TEXT = """\
## The sentence

The demo ends with the first of these sentences. No file of the sample has the medicine, the person or the ships in them;
the place is in training. The table says with how many seeds a tagger finds the medicine and no other, and all names and no
other. The demo's sentence was chosen because it tells a story of the sample's newspaper, and because seeds 1 to 4 tag it
right. The others show how much the sentence matters."""


def train(out: Path, seed: int) -> dict[str, FinishedRun]:
    """Both trainings with one seed; a finished one is read."""
    runs = {name: FinishedRun(out / f"{name}-{seed}") for name in RECIPES}
    for name, run in runs.items():
        if not (run.path / "metrics.json").exists():
            seqlab.train_tagger(**RECIPES[name], seed=seed, out=str(run.path), overwrite=True)
    return runs


def unmarked(marked: str) -> tuple[str, set[Span]]:
    """A text without its brackets, and the spans that they mark.

    >>> unmarked("for [MED Zor].")
    ('for Zor.', {(4, 7, 'MED')})
    """
    text, spans = "", set()
    for before, label, name, after in re.findall(r"([^[]*)\[(\w+) ([^]]*)\]([^[]*$)?", marked):
        text += before
        spans.add((len(text), len(text) + len(name), label))
        text += name + after
    return text, spans


def spans_of(run: FinishedRun, text: str) -> set[Span]:
    """The spans that a tagger finds in a text."""
    return {(s.start, s.end, s.label) for s in seqlab.load(str(run.path)).tag_text(text).spans}


def sentence_row(marked: str, every: Runs) -> list[str]:
    """With how many seeds each tagger finds the medicines of a sentence, and all names and no other."""
    text, gold = unmarked(marked)
    medicines = {span for span in gold if span[2] == "MED"}
    cells = []
    for name in RECIPES:
        found = [spans_of(runs[name], text) for runs in every.values()]
        right = sum({span for span in one if span[2] == "MED"} == medicines for one in found)
        cells += [
            f"{right} of {len(found)}",
            f"{sum(one == gold for one in found)} of {len(found)}",
        ]
    return [text, *cells]


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


def facts(every: Runs) -> str:
    """What holds with how many seeds."""
    lost = [set(runs["classic"].split()["classes_never_found"]) for runs in every.values()]
    kept = [not runs["default"].split()["classes_never_found"] for runs in every.values()]
    named = [
        one <= set(runs["classic"].alarmed())
        for one, runs in zip(lost, every.values(), strict=True)
    ]
    seeds = f"of {len(every)} seeds"
    return "\n".join([
        f"- The classic recipe loses a class on test with {sum(map(bool, lost))} {seeds}, `LAW` and `MED` both with "
        f"{sum({'LAW', 'MED'} <= one for one in lost)}.",
        f"- Alarms name every class that it loses with {sum(named)} {seeds}.",
        f"- The defaults lose no class on test with {sum(kept)} {seeds}.",
    ])  # fmt: skip


def page(every: Runs) -> str:
    """The page."""
    header = ["seed", "classic: valid loss", "lost on valid", "lost on test", "alarms named",
              "macro F1", "default: lost on valid", "lost on test", "macro F1"]  # fmt: skip
    both = [f"{name}: {what}" for name in RECIPES for what in ("the medicine", "all names")]
    parts = [
        INTRODUCTION.format(seeds=len(every)),
        facts(every),
        markdown_table(header, [row(seed, runs) for seed, runs in every.items()]),
        SENTENCE_TEXT,
        markdown_table(["sentence", *both], [sentence_row(one, every) for one in SENTENCES]),
    ]
    return "\n\n".join(parts) + "\n"


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
