"""How often does `compare` call a setting better than itself? Tiny trainings, and docs/null-calibration.md.

    .venv/bin/python scripts/studies/null_calibration.py --out runs/null-calibration

One setting is trained under many seeds. A pair compares two groups of these trainings that share no seed, as `compare`
would compare two settings. Whatever it finds is false: there is no difference. The same trainings serve several pairs, so
the trainings stand for all seeds; given them, the pairs are independent draws.
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

import numpy as np
from scipy import stats

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from corpora import folder

import seqlab
from seqlab.comparing.judging import make_results
from seqlab.comparing.plan import make_plan
from seqlab.comparing.results import ALPHA, Results
from seqlab.comparing.store import FinishedCell
from seqlab.corpus.document_split import split_off
from seqlab.corpus.reading import read_corpus
from seqlab.corpus.retag import in_scheme
from seqlab.corpus.schemes import Scheme, detect_scheme
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.writing import write_corpus
from seqlab.machine.atomic import atomic_text_files
from seqlab.modeling.quiet_import import import_tensorflow
from seqlab.reporting.table import markdown_table
from seqlab.scoring.by_sentence import sentence_counts
from seqlab.scoring.score import score

PAGE = Path(__file__).resolve().parents[2] / "docs" / "null-calibration.md"
WIKIGOLD = "wikigold/CONLL-format/data/wikigold.conll.txt"
VECTORS = "vectors/glove.6B.50d.top5k.txt"
SHARES = {"test": 0.35, "valid": 0.2}  # of the corpus, then of the rest
SETTINGS: dict[str, Any] = {
    "epochs": 6,
    "hidden_units": 16,
    "word_dim": 50,
    "char_encoder": "none",
    "head": "softmax",
    "resample": "none",
    "batch_sentences": 16,
    "learning_rate": 0.01,
}
SIDES = ("one", "other")
CLAIMS = {
    "better": "macro or micro F1 is better",
    "better or worse": "macro or micro F1 is better or worse",
    "a class": "some class is better or worse",
    "sentences alone": "the bootstrap over sentences alone says better or worse",
}


@dataclass(frozen=True)
class Training:
    """The gold and predicted tags of the test sentences under one seed, and the CPU seconds that it took."""

    seed: int
    predicted: list[list[str]]
    seconds: float


def read(path: Path) -> list[Sentence]:
    """The sentences of a corpus in IOB2."""
    corpus = read_corpus(path)
    scheme = detect_scheme(sentence.tags or () for sentence in corpus)
    return list(in_scheme("", corpus.sentences, scheme, Scheme.IOB2, []))


def parts(sentences: Sequence[Sentence], most: int) -> dict[str, list[Sentence]]:
    """Train, valid and test, with whole documents. most: training sentences."""
    cut = split_off(sentences, SHARES["test"], scheme=Scheme.IOB2, seed=1)
    rest = split_off(cut.rest, SHARES["valid"], scheme=Scheme.IOB2, seed=1)
    return {"train": list(rest.rest)[:most], "valid": list(rest.part), "test": list(cut.part)}


def trainings(
    files: dict[str, str], test: Sequence[Sentence], seeds: Sequence[int]
) -> Iterator[Training]:
    """One training per seed."""
    for seed in seeds:
        before = time.process_time()
        run = seqlab.train_tagger(**SETTINGS, **files, seed=seed, vectors=str(folder() / VECTORS))
        predicted = [list(one.tags) for one in run.tagger.predict(test)]
        yield Training(seed, predicted, time.process_time() - before)


def cell_of(training: Training, test: Sequence[Sentence]) -> FinishedCell:
    """The training as a finished cell of a comparison."""
    gold = [list(sentence.tags or ()) for sentence in test]
    return FinishedCell(
        split="test",
        metrics=score(gold, training.predicted, Scheme.IOB2, strict=False).to_json(),
        seconds=training.seconds,
        sums=sentence_counts(gold, training.predicted, Scheme.IOB2),
        documents=tuple(sentence.document for sentence in test),
    )


def pair(cells: Sequence[FinishedCell], size: int, dice: np.random.Generator) -> Results:
    """`compare` of the setting with itself: two groups of `size` trainings that share none."""
    chosen = dice.permutation(len(cells))[: 2 * size]
    plan = make_plan({side: {} for side in SIDES}, {}, seeds=size)
    groups = {
        side: {seed: cells[index] for seed, index in enumerate(chosen[start::2], 1)}
        for start, side in enumerate(SIDES)
    }
    return make_results(plan, groups, {}, resamples=1000)


def claims(results: Results) -> set[str]:
    """Which of `CLAIMS` a comparison makes."""
    other = results.settings[1]
    verdicts = {difference.verdict for difference in other.differences.values()}
    classes = {difference.verdict for difference in other.class_differences.values()}
    made = {
        "better": "better" in verdicts,
        "better or worse": bool(verdicts & {"better", "worse"}),
        "a class": bool(classes & {"better", "worse"}),
        "sentences alone": any(d.corrected < ALPHA for d in other.differences.values()),
    }
    return {name for name, holds in made.items() if holds}


def counted(
    cells: Sequence[FinishedCell], sizes: Sequence[int], pairs: int
) -> dict[int, Counter[str]]:
    """How many pairs make each claim, for each number of seeds."""
    dice = np.random.default_rng(18)
    return {
        size: Counter(name for _ in range(pairs) for name in claims(pair(cells, size, dice)))
        for size in sizes
    }


def share_text(count: int, pairs: int) -> str:
    """A share with its exact (Clopper-Pearson) 95 % interval.

    >>> share_text(4, 200)
    '2.0 % (0.5 to 5.0)'
    """
    interval = stats.binomtest(count, pairs).proportion_ci(0.95, method="exact")
    low, high = 100 * interval.low, 100 * interval.high
    return f"{100 * count / pairs:.1f} % ({low:.1f} to {high:.1f})"


def page_text(
    cells: Sequence[FinishedCell],
    counts: dict[int, Counter[str]],
    sentences: dict[str, list[Sentence]],
    pairs: int,
) -> str:
    """The page."""
    macro = [cell.metrics["macro_f1"] for cell in cells]
    rows = [
        [str(size), *(share_text(count[name], pairs) for name in CLAIMS)]
        for size, count in counts.items()
    ]
    worst = max(counts.values(), key=lambda count: count["better"])["better"]
    promise = "does not exceed" if worst / pairs <= ALPHA else "exceeds"
    head = HEAD.format(
        pairs=pairs,
        trainings=len(cells),
        seconds=sum(cell.seconds or 0.0 for cell in cells) / len(cells),
        epochs=SETTINGS["epochs"],
        hidden=SETTINGS["hidden_units"],
        mean=fmean(macro),
        deviation=stdev(macro),
        documents=len({sentence.document for sentence in sentences["test"]}),
        **{name: len(part) for name, part in sentences.items()},
    )
    verdict = (
        f'At worst, `compare` says "better" in {worst} of {pairs} pairs: {share_text(worst, pairs)}. '
        f"That {promise} the promised {100 * ALPHA:.0f} %."
    )
    return f"{head}\n{verdict}\n\n{markdown_table(['seeds per side', *CLAIMS.values()], rows)}\n\n{TAIL}"


HEAD = """\
# Null calibration of compare

How often does `seqlab compare` call a setting better than itself? Every such verdict is false. This command wrote the page:

    .venv/bin/python scripts/studies/null_calibration.py --out runs/null-calibration

One setting was trained on Wikigold under {trainings} seeds ({train} sentences, {epochs} epochs, {hidden} hidden units, GloVe
vectors of 5,050 words; {seconds:.1f} s of CPU each). Each network was scored on {test} test sentences in {documents}
documents. Macro F1 was {mean:.3f} on average, with a standard deviation of {deviation:.3f} over seeds. A pair compares two
random groups of these trainings that share no seed, as `compare` compares two settings. There are {pairs} pairs for each
number of seeds. Each training is in several pairs, so the intervals (95 %, Clopper-Pearson) hold for these trainings only.
"""
TAIL = """\
The third column counts four possible verdicts: better or worse, for micro and macro F1. The interval over seeds is not
corrected for that, so one of the four is false more often than each of them alone.

The last column shows why the verdict also needs the interval over seeds. The bootstrap over sentences compares networks, not
settings: two trainings of one setting are different networks, and enough sentences show that they differ. Only the
t-interval over seeds separates this from a difference between settings.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--out", type=Path, required=True, help="folder of the trainings' predictions"
    )
    parser.add_argument("--trainings", type=int, default=60)
    parser.add_argument("--sentences", type=int, default=500, help="training sentences")
    parser.add_argument("--pairs", type=int, default=200)
    parser.add_argument("--seeds", type=lambda t: [int(s) for s in t.split(",")], default=[2, 3, 5])
    parser.add_argument("--page", type=Path, default=PAGE, help="the page to write")
    options = parser.parse_args()
    import_tensorflow()
    sentences = parts(read(folder() / WIKIGOLD), options.sentences)
    options.out.mkdir(parents=True, exist_ok=True)
    files = {name: str(options.out / f"{name}.conll") for name in ("train", "valid")}
    for name, path in files.items():
        write_corpus(sentences[name], path, format="conll")
    kept = options.out / "trainings.jsonl"
    kept.touch()
    done = [Training(**json.loads(line)) for line in kept.read_text(encoding="utf-8").splitlines()]
    missing = range(len(done) + 1, options.trainings + 1)
    with kept.open("a", encoding="utf-8") as file:
        for training in trainings(files, sentences["test"], missing):
            file.write(json.dumps(vars(training)) + "\n")
            file.flush()
            done.append(training)
    done = done[: options.trainings]
    cells = [cell_of(training, sentences["test"]) for training in done]
    counts = counted(cells, options.seeds, options.pairs)
    text = page_text(cells, counts, sentences, options.pairs)
    print(text)
    with atomic_text_files() as open_text:
        open_text(options.page).write(text)


if __name__ == "__main__":
    main()
