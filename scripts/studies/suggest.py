"""Is the order of `seqlab suggest` better than random order? A simulated labelling loop, and docs/suggest.md.

    .venv/bin/python scripts/studies/suggest.py --out runs/suggest

A tagger is trained on a few random sentences. Then the pool is labelled in rounds: in each, the sentences that the order
puts first get their gold labels, and a new tagger is trained on all labelled sentences. Both orders label the same number
of sentences, from the same start. The score is the mean F1 of the rare classes on the test split.
"""

import argparse
import json
import random
import statistics
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from corpora import folder

import seqlab
from seqlab.corpus.reading import read_corpus
from seqlab.corpus.retag import in_scheme
from seqlab.corpus.schemes import Scheme, decode_spans, detect_scheme
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.writing import write_corpus
from seqlab.machine.atomic import atomic_text_files
from seqlab.modeling.quiet_import import import_tensorflow
from seqlab.reporting.table import markdown_table
from seqlab.scoring.score import evaluate_tags
from seqlab.tagging.labelling_value import LabellingValue, folded, labelling_order
from seqlab.tagging.tagger import Tagger

PAGE = Path(__file__).resolve().parents[2] / "docs" / "suggest.md"
ORDERS = ("random", "suggested")
# Corpora of which some hundred sentences teach rare classes. On WNUT-17 their F1 stays near 0 with either order.
CORPORA = {
    "anem": ("anem/CONLL-format/data/AnEM.train", "anem/CONLL-format/data/AnEM.test"),
    "gum": (
        "gum_ner/CONLL-format/data/train/gum-train.conll",
        "gum_ner/CONLL-format/data/test/gum-test.conll",
    ),
}
SETTINGS = {
    "epochs": 12,
    "word_dim": 50,
    "hidden_units": 64,
    "batch_sentences": 8,
    "learning_rate": 0.005,
    "head": "softmax",
    "char_encoder": "cnn",
    "valid_share": 0.15,
}


@dataclass(frozen=True)
class Sizes:
    """How much is labelled. pool, test: most sentences of each split."""

    start: int = 150
    step: int = 150
    rounds: int = 2
    pool: int = 2500
    test: int = 1000
    epochs: int = 12


@dataclass(frozen=True)
class Point:
    """The score of one tagger of the loop."""

    corpus: str
    order: str
    seed: int
    sentences: int
    tokens: int
    rare_f1: float
    macro_f1: float


def read(path: Path, most: int) -> list[Sentence]:
    """Read sentences in IOB2. most: how many."""
    corpus = read_corpus(path)
    scheme = detect_scheme(sentence.tags or () for sentence in corpus)
    return list(in_scheme("", corpus.sentences, scheme, Scheme.IOB2, []))[:most]


def span_counts(sentences: Sequence[Sentence]) -> dict[str, int]:
    """Count the spans of each class."""
    counts: dict[str, int] = {}
    for sentence in sentences:
        for _, _, label in decode_spans(sentence.tags or (), Scheme.IOB2):
            counts[label] = counts.get(label, 0) + 1
    return counts


def rare_classes(pool: Sequence[Sentence], test: Sequence[Sentence]) -> list[str]:
    """The rarer half of the classes of the pool, of those that the test split has."""
    counts, tested = span_counts(pool), span_counts(test)
    known = sorted(
        (name for name in counts if name in tested), key=lambda name: (counts[name], name)
    )
    return known[: max(1, len(known) // 2)]


def train(sentences: Sequence[Sentence], out: Path, seed: int, epochs: int) -> Tagger:
    """Train a tagger on labelled sentences."""
    path = out / "labelled.conll"
    bare = [Sentence(tokens=s.tokens, tags=s.tags) for s in sentences]
    write_corpus(bare, path, format="conll")
    settings = SETTINGS | {"epochs": epochs, "seed": seed, "train": str(path)}
    return seqlab.train_tagger(**settings).tagger


def score(tagger: Tagger, test: Sequence[Sentence], rare: Sequence[str]) -> tuple[float, float]:
    """The mean F1 of the rare classes, and of all classes; an undefined F1 counts as 0."""
    gold = [sentence.tags or () for sentence in test]
    predicted = [one.tags for one in tagger.predict(test)]
    classes = evaluate_tags(gold, predicted, Scheme.IOB2).figures.classes
    values = {name: classes[name].f1 or 0.0 for name in span_counts(test)}
    return statistics.fmean(values[name] for name in rare), statistics.fmean(values.values())


def chosen(
    order: str,
    tagger: Tagger,
    labelled: Sequence[Sentence],
    rest: list[int],
    pool: Sequence[Sentence],
) -> list[int]:
    """The numbers of the unlabelled sentences in an order. rest: in random order."""
    if order == "random":
        return rest
    sentences = [pool[number] for number in rest]
    values = LabellingValue(tagger=tagger, counts=span_counts(labelled)).of_sentences(sentences)
    places = labelling_order(values.tolist(), [folded(s.tokens) for s in sentences])
    return [rest[place] for place in places]


def loop(
    corpus: str,
    order: str,
    seed: int,
    data: tuple[list[Sentence], list[Sentence]],
    sizes: Sizes,
    out: Path,
    *,
    starts: dict[tuple[str, int], Tagger],
) -> list[Point]:
    """One labelling loop. Returns the score after each round.

    starts: taggers of the first sentences by corpus and seed, which both orders share.
    """
    pool, test = data
    rare = rare_classes(pool, test)
    shuffled = list(range(len(pool)))
    random.Random(seed).shuffle(shuffled)  # noqa: S311, no secret
    labelled, rest = shuffled[: sizes.start], shuffled[sizes.start :]
    points = []
    for number in range(sizes.rounds + 1):
        sentences = [pool[one] for one in labelled]
        tagger = starts.get((corpus, seed)) if number == 0 else None
        tagger = tagger or train(sentences, out, seed, sizes.epochs)
        if number == 0:
            starts[corpus, seed] = tagger
        rare_f1, macro_f1 = score(tagger, test, rare)
        tokens = sum(map(len, sentences))
        points.append(Point(corpus, order, seed, len(labelled), tokens, rare_f1, macro_f1))
        print(f"{corpus} {order} seed {seed}: {len(labelled)} sentences, {tokens} tokens, "
              f"rare F1 {rare_f1:.3f}, macro F1 {macro_f1:.3f}", flush=True)  # fmt: skip
        if number < sizes.rounds:
            ordered = chosen(order, tagger, sentences, rest, pool)
            labelled = labelled + ordered[: sizes.step]
            taken = set(labelled)
            rest = [one for one in rest if one not in taken]
    return points


def study(corpora: Sequence[str], seeds: Sequence[int], sizes: Sizes, out: Path) -> list[Point]:
    """All loops. Finished ones are kept in `out` and not run again."""
    points: list[Point] = []
    starts: dict[tuple[str, int], Tagger] = {}
    for corpus in corpora:
        train_path, test_path = (folder() / name for name in CORPORA[corpus])
        data = read(train_path, sizes.pool), read(test_path, sizes.test)
        for seed in seeds:
            for order in ORDERS:
                kept = out / f"{corpus}-{order}-{seed}.json"
                if not kept.exists():
                    found = loop(corpus, order, seed, data, sizes, out, starts=starts)
                    with atomic_text_files() as open_text:
                        json.dump([asdict(point) for point in found], open_text(kept))
                points += [Point(**point) for point in json.loads(kept.read_text(encoding="utf-8"))]
    return points


def mean_and_spread(values: Sequence[float]) -> str:
    """The mean of the values, and the smallest and largest."""
    return f"{statistics.fmean(values):.3f} ({min(values):.3f} to {max(values):.3f})"


def tables(points: Sequence[Point]) -> str:
    """For each corpus, the rare-class F1 of both orders and their difference, by labelled sentences."""
    parts = []
    for corpus in dict.fromkeys(point.corpus for point in points):
        mine = [point for point in points if point.corpus == corpus]
        seeds = sorted({point.seed for point in mine})
        rows = []
        for sentences in sorted({point.sentences for point in mine}):
            here = {(p.order, p.seed): p for p in mine if p.sentences == sentences}
            f1 = {order: [here[order, seed].rare_f1 for seed in seeds] for order in ORDERS}
            gains = [b - a for a, b in zip(f1["random"], f1["suggested"], strict=True)]
            tokens = [statistics.fmean(here[o, s].tokens for s in seeds) for o in ORDERS]
            per_seed = ", ".join(f"{gain:+.3f}" for gain in gains)
            rows.append([str(sentences), *(mean_and_spread(f1[order]) for order in ORDERS), per_seed,
                         f"{statistics.fmean(gains):+.3f}", *(f"{count:,.0f}" for count in tokens)])  # fmt: skip
        header = ["sentences", "random", "suggested", "difference by seed", "mean",
                  "tokens, random", "tokens, suggested"]  # fmt: skip
        parts.append(f"## {corpus}\n\nMean F1 of the rare classes on test, seeds "
                     f"{', '.join(map(str, seeds))}; smallest and largest in brackets.\n\n"
                     + markdown_table(header, rows))  # fmt: skip
    return "\n\n".join(parts)


HEAD = """\
# Is the suggested order better than random order?

`seqlab suggest` puts the texts first whose labels are worth most. Here the labelling is simulated on published
corpora. {start} random sentences of the training split are labelled at first. In each of {rounds} rounds, {step} more get
their gold labels: the first of the suggested order, or random ones. After each round a tagger is trained anew on all
labelled sentences. Rare classes are the rarer half of the classes in the pool of up to {pool} sentences. Written by

    .venv/bin/python scripts/studies/suggest.py --out runs/suggest --seeds {seeds}

Suggested sentences are longer. The last columns show the tokens, which a person reads.

The corpora were chosen by trials with seed 1. On WNUT-17, 300 sentences taught the rare classes nothing in either order
(F1 .005 and .005), so it is not in the study.

"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="folder of finished loops")
    parser.add_argument("--corpora", type=lambda t: t.split(","), default=list(CORPORA))
    parser.add_argument("--seeds", type=lambda t: [int(s) for s in t.split(",")], default=[1, 2, 3])
    for name, value in asdict(Sizes()).items():
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--page", type=Path, default=PAGE, help="the page to write")
    options = parser.parse_args()
    import_tensorflow()
    sizes = Sizes(**{name: getattr(options, name) for name in asdict(Sizes())})
    options.out.mkdir(parents=True, exist_ok=True)
    points = study(options.corpora, options.seeds, sizes, options.out)
    text = tables(points)
    print(text)
    with atomic_text_files() as open_text:
        open_text(options.page).write(
            HEAD.format(**asdict(sizes), seeds=",".join(map(str, options.seeds))) + text + "\n"
        )


if __name__ == "__main__":
    main()
