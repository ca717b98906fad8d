"""What does a tagger forget when its training goes on with new data, and what helps? Trainings, and docs/continue.md.

    .venv/bin/python scripts/studies/forgetting.py --out runs/forgetting

Three scenarios. `labels`: a tagger of PER, LOC and ORG (Wikigold, with MISC read as O) goes on with other sentences of
Wikigold that also have MISC. `new-label`: the same, but these sentences are labelled with MISC alone. `domain`: a tagger
of Wikigold's four types goes on with WNUT-17, whose person, location and corporation are read as PER, LOC and ORG, and
whose other types are new. Each remedy starts from the same old run.
"""

import argparse
import json
import statistics
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from corpora import folder

import seqlab
from seqlab.corpus.document_split import split_off
from seqlab.corpus.reading import read_corpus
from seqlab.corpus.retag import in_scheme
from seqlab.corpus.schemes import Scheme, detect_scheme
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.writing import write_corpus
from seqlab.machine.atomic import atomic_text_files
from seqlab.modeling.quiet_import import import_tensorflow
from seqlab.reporting.table import markdown_table
from seqlab.scoring.score import score
from seqlab.tagging.tagger import Tagger

PAGE = Path(__file__).resolve().parents[2] / "docs" / "continue.md"
WIKIGOLD = "wikigold/CONLL-format/data/wikigold.conll.txt"
WNUT = {
    "train": "wnut17train.conll",
    "valid": "emerging.dev.conll",
    "test": "emerging.test.annotated",
}
VECTORS = "vectors/glove.6B.50d.top5k.txt"
SHARED_TYPES = {"person": "PER", "location": "LOC", "corporation": "ORG"}
CLASSES = {
    "labels": {"old": ("PER", "LOC", "ORG"), "new": ("MISC",)},
    "new-label": {"old": ("PER", "LOC", "ORG"), "new": ("MISC",)},
    "domain": {
        "old": ("PER", "LOC", "ORG", "MISC"),
        "new": ("PER", "LOC", "ORG", "creative-work", "group", "product"),
    },
}
SETTINGS = {
    "word_dim": 50,
    "hidden_units": 50,
    "batch_sentences": 16,
    "resample": "none",
    "patience": 99,
    "learning_rate": 0.004,
}
OLD_RUN, SCRATCH = "old run", "from scratch on all data"
REMEDIES: dict[str, dict[str, Any]] = {
    "nothing": {},
    "learning rate / 4": {"learning_rate": 0.001},
    "freeze bilstm": {"freeze": "bilstm"},
    "replay 0.2": {"replay_share": 0.2},
    "replay 0.2 without O": {"replay_share": 0.2, "replay_outside": "ignore"},
    "fill old": {"fill_old": True},
    "fill old and replay 0.2 without O": {
        "fill_old": True,
        "replay_share": 0.2,
        "replay_outside": "ignore",
    },
    SCRATCH: {},
}


@dataclass(frozen=True)
class Cell:
    """F1 of each class on the old and on the new test sentences, after one training."""

    scenario: str
    remedy: str
    seed: int
    old: dict[str, float]
    new: dict[str, float]


def read(path: Path, types: dict[str, str] | None = None) -> list[Sentence]:
    """The sentences of a corpus in IOB2. types: new names of entity types; O drops a type."""
    corpus = read_corpus(path)
    scheme = detect_scheme(sentence.tags or () for sentence in corpus)
    sentences = in_scheme("", corpus.sentences, scheme, Scheme.IOB2, [])
    return [retyped(Sentence(tokens=s.tokens, tags=s.tags), types or {}) for s in sentences]


def retyped(sentence: Sentence, types: dict[str, str]) -> Sentence:
    """The sentence with other names of entity types."""
    tags = []
    for tag in sentence.tags or ():
        name = types.get(tag[2:], tag[2:])
        tags.append("O" if name in ("", "O") else f"{tag[0]}-{name}")
    return replace(sentence, tags=tuple(tags))


def parts(scenario: str, seed: int, most: int) -> dict[str, list[Sentence]]:
    """The sentences of a scenario: train, valid and test of the old and of the new data. most: new training sentences."""
    wikigold = read(folder() / WIKIGOLD)
    cut = split_off(wikigold, 0.25, scheme=Scheme.IOB2, seed=seed)
    rest, test = list(cut.rest), list(cut.part)
    cut = split_off(rest, 0.15, scheme=Scheme.IOB2, seed=seed)
    rest, valid = list(cut.rest), list(cut.part)
    if scenario != "domain":
        halves = split_off(rest, 0.5, scheme=Scheme.IOB2, seed=seed)

        def without(sentences: Sequence[Sentence]) -> list[Sentence]:
            return [retyped(sentence, {"MISC": "O"}) for sentence in sentences]

        old = {"train": without(halves.rest), "valid": without(valid), "test": without(test)}
        new = {"train": list(halves.part), "valid": valid, "test": test}
        if scenario == "new-label":
            others = dict.fromkeys(CLASSES[scenario]["old"], "O")
            new = {name: [retyped(s, others) for s in part] for name, part in new.items()}
    else:
        old = {"train": rest, "valid": valid, "test": test}
        new = {n: read(folder() / "wnut17" / path, SHARED_TYPES) for n, path in WNUT.items()}
        new["train"] = new["train"][:most]
    both = {f"old-{n}": s for n, s in old.items()} | {f"new-{n}": s for n, s in new.items()}
    return both | {"all-train": [*old["train"], *new["train"]]}


def figures(tagger: Tagger, test: Sequence[Sentence], classes: Sequence[str]) -> dict[str, float]:
    """F1 of each class; an undefined F1 counts as 0."""
    predicted = [one.tags for one in tagger.predict(test)]
    gold = [sentence.tags or () for sentence in test]
    found = score(gold, predicted, Scheme.IOB2, strict=False, classes=classes).classes
    return {name: found[name].f1 or 0.0 for name in classes}


def run_seed(scenario: str, seed: int, remedies: Sequence[str], out: Path, options: Any) -> None:
    """All trainings of a scenario and a seed; each result is kept in `out`, and not computed again."""
    sentences = parts(scenario, seed, options.new_sentences)
    place = out / f"{scenario}-{seed}"
    place.mkdir(parents=True, exist_ok=True)
    files = {name: str(place / f"{name}.conll") for name in sentences}
    for name, path in files.items():
        write_corpus(sentences[name], path, format="conll")
    vectors = str(folder() / VECTORS)
    run = place / "run"
    common = {"seed": seed, "accept": "same-files", "vectors": vectors}
    new = {"train": files["new-train"], "valid": files["new-valid"], **common}
    for remedy in (OLD_RUN, *remedies):
        kept = place / f"{remedy.replace(' ', '-').replace('/', '')}.json"
        nothing_to_fill = scenario == "labels" and remedy.startswith("fill")
        if kept.exists() or nothing_to_fill:
            continue
        if remedy == OLD_RUN:
            old = {"train": files["old-train"], "valid": files["old-valid"]}
            settings = {**SETTINGS, **old, **common, "out": str(run), "overwrite": True,
                        "epochs": options.old_epochs}  # fmt: skip
        elif remedy == SCRATCH:
            settings = {
                **SETTINGS,
                **new,
                "train": files["all-train"],
                "epochs": options.old_epochs,
            }
        else:
            training = ("batch_sentences", "resample", "patience", "learning_rate")
            settings = {name: SETTINGS[name] for name in training} | new
            settings |= {"init_from": str(run), "valid_old": files["old-valid"]}
            settings |= {"epochs": options.epochs, **REMEDIES[remedy]}
            if "replay" in remedy:
                settings["replay"] = files["old-train"]
        tagger = seqlab.train_tagger(**settings).tagger
        classes = CLASSES[scenario]
        cell = Cell(
            scenario, remedy, seed,
            old=figures(tagger, sentences["old-test"], classes["old"]),
            new=figures(tagger, sentences["new-test"], classes["new"]),
        )  # fmt: skip
        print(
            f"{scenario} seed {seed} {remedy}: old {shown(cell.old)}; new {shown(cell.new)}",
            flush=True,
        )
        with atomic_text_files() as open_text:
            json.dump(asdict(cell), open_text(kept))


def shown(f1: dict[str, float]) -> str:
    """F1 by class in a row."""
    return ", ".join(f"{name} {value:.3f}" for name, value in f1.items())


def cells_in(out: Path, scenarios: Sequence[str], seeds: Sequence[int]) -> list[Cell]:
    """The results that are kept in a folder."""
    paths = [p for s in scenarios for n in seeds for p in sorted((out / f"{s}-{n}").glob("*.json"))]
    return [Cell(**json.loads(path.read_text(encoding="utf-8"))) for path in paths]


def spread(values: Sequence[float]) -> str:
    """The mean, with the smallest and the largest value."""
    if len(values) == 1:
        return f"{values[0]:.3f}"
    return f"{statistics.fmean(values):.3f} ({min(values):.3f} to {max(values):.3f})"


def tables(cells: Sequence[Cell]) -> str:
    """For each scenario, macro F1 on both test splits with its spread, then the mean F1 of each class."""
    sections = []
    for scenario in dict.fromkeys(cell.scenario for cell in cells):
        mine = [cell for cell in cells if cell.scenario == scenario]
        rows, by_class = [], []
        for remedy in (OLD_RUN, *REMEDIES):
            here = sorted((c for c in mine if c.remedy == remedy), key=lambda cell: cell.seed)
            if not here:
                continue
            macro = [
                [statistics.fmean(getattr(c, side).values()) for c in here]
                for side in ("old", "new")
            ]
            rows.append([remedy, *(spread(values) for values in macro)])
            means = [
                f"{statistics.fmean(getattr(cell, side)[name] for cell in here):.3f}"
                for side in ("old", "new")
                for name in CLASSES[scenario][side]
            ]
            by_class.append([remedy, *means])
        seeds = sorted({cell.seed for cell in mine})
        names = [f"{side}: {name}" for side in ("old", "new") for name in CLASSES[scenario][side]]
        sections.append(
            f"## {HEADINGS[scenario]}\n\nMacro F1 on the test sentences, seeds {', '.join(map(str, seeds))}; "
            "smallest and largest in brackets.\n\n"
            + markdown_table(["training", "old classes, old test", "new classes, new test"], rows)
            + "\n\nMean F1 of each class on the old and on the new test sentences.\n\n"
            + markdown_table(["training", *names], by_class)
        )
    return "\n\n".join(sections)


HEADINGS = {
    "labels": "New type MISC; the new sentences are labelled with all types (Wikigold)",
    "new-label": "New type MISC; the new sentences are labelled with MISC alone (Wikigold)",
    "domain": "New texts and types: Wikigold, then WNUT-17",
}
HEAD = """\
# What a continued training forgets

`seqlab train --init-from RUN` continues a trained run. This study measures, for each remedy, what the tagger loses on
its old test sentences and what it learns from the new data. This command wrote the page:

    .venv/bin/python scripts/studies/forgetting.py --out runs/forgetting --seeds {seeds}

An old run trains for {old_epochs} epochs, a continued run for {epochs}. The kept epoch has the best macro F1 on the
validation sentences; those of a continued run are new. The last scenario uses the first {new_sentences} training
sentences of WNUT-17. All networks have 50 hidden units, GloVe vectors of 50 dimensions (the first 5,050 words) and
learning rate 0.004. "From scratch" is one training of {old_epochs} epochs on the old and new training sentences
together, with their own labels. An epoch with replay holds a quarter more sentences, and so takes a quarter more
steps. A class without a predicted span has F1 0.

"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="folder of finished trainings")
    parser.add_argument("--scenarios", type=lambda t: t.split(","), default=list(CLASSES))
    parser.add_argument("--remedies", type=lambda t: t.split(","), default=list(REMEDIES))
    parser.add_argument("--seeds", type=lambda t: [int(s) for s in t.split(",")], default=[1, 2, 3])
    parser.add_argument("--old-epochs", type=int, default=8)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--new-sentences", type=int, default=1000)
    parser.add_argument("--page", type=Path, default=PAGE, help="the page to write")
    options = parser.parse_args()
    import_tensorflow()
    for seed in options.seeds:
        for scenario in options.scenarios:
            run_seed(scenario, seed, options.remedies, options.out, options)
    text = tables(cells_in(options.out, options.scenarios, options.seeds))
    print(text)
    with atomic_text_files() as open_text:
        head = HEAD.format(**{**vars(options), "seeds": ",".join(map(str, options.seeds))})
        open_text(options.page).write(head + text + "\n")


if __name__ == "__main__":
    main()
