"""Do the suspects of `seqlab audit` hold the label errors? Planted errors in three corpora, and docs/suspects.md.

    .venv/bin/python scripts/studies/suspects.py --out runs/suspects --write

Known label errors are planted into a corpus. Then the sentences are looked at in the order of the suspects. The script
counts the planted errors within the first sentences, and among the first suspects.
"""

import argparse
import sys
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from corpora import folder
from finding import SENTENCES, Place, best_share, look, random_shares
from planting import PlantedCorpus, plant_in_spans, plant_in_tags
from suspects_page import CLEANLAB, LACKING, LEARNT, PAGE, SUSPECTS, Finding, page_text

from seqlab.arrays import AnyFloatArray
from seqlab.auditing.suspects import suspect_order
from seqlab.corpus.reading import read_corpus
from seqlab.corpus.retag import in_scheme
from seqlab.corpus.schemes import Scheme, detect_scheme
from seqlab.corpus.sentence import Sentence
from seqlab.experiment.fold_training import FoldProbabilities, probabilities_by_folds
from seqlab.machine.atomic import atomic_file, atomic_text_files
from seqlab.modeling.quiet_import import import_tensorflow
from seqlab.settings.training import make_settings

FOLDS = 4
SHARE = 0.05
"""Planted errors, as a share of the spans or of the tokens."""
SETTINGS = {
    "epochs": 8,
    "word_dim": 50,
    "hidden_units": 64,
    "learning_rate": 0.005,
    "resample": "none",
}


@dataclass(frozen=True)
class CorpusFile:
    """A published corpus. most: how many of its sentences are used."""

    path: str
    scheme: Scheme
    most: int | None = None


CORPORA = {
    "wikigold": CorpusFile("wikigold/CONLL-format/data/wikigold.conll.txt", Scheme.IOB2),
    "gum": CorpusFile("gum_ner/CONLL-format/data/train/gum-train.conll", Scheme.IOB2),
    "ewt": CorpusFile("ud_english_ewt/en_ewt-ud-train.conllu", Scheme.PLAIN, 2000),
}


def read(file: CorpusFile) -> list[Sentence]:
    """Read a corpus, its spans in IOB2."""
    sentences = read_corpus(folder() / file.path).sentences
    if file.scheme is not Scheme.PLAIN:
        found = detect_scheme(s.tags or () for s in sentences)
        sentences = in_scheme("", sentences, found, Scheme.IOB2, [])
    return list(sentences)[: file.most]


def plant(sentences: Sequence[Sentence], scheme: Scheme, seed: int) -> PlantedCorpus:
    """Plant errors of four kinds."""
    change = plant_in_tags if scheme is Scheme.PLAIN else plant_in_spans
    return change(sentences, SHARE, seed)


def tags_of(sentences: Iterable[Sentence]) -> list[str]:
    """All tags, sorted."""
    return sorted({tag for sentence in sentences for tag in sentence.tags or ()})


def opinions(
    corpus: str, planted: PlantedCorpus, scheme: Scheme, seed: int, out: Path
) -> FoldProbabilities:
    """The probabilities of the taggers of all folds; they are kept in `out`."""
    kept = out / f"{corpus}-{seed}.npz"
    if not kept.exists():
        found = probabilities_by_folds(
            planted.sentences,
            make_settings(**SETTINGS, seed=seed),
            folds=FOLDS,
            tags=tags_of(planted.sentences),
            scheme=scheme,
            on_fold=lambda done: print(f"{corpus}, seed {seed}, {done.text()}", flush=True),
        )
        with atomic_file(kept, overwrite=True) as pending, pending.temporary.open("wb") as file:
            np.savez(file, own=found.own, others=found.others, ends=found.ends)
    with np.load(kept) as arrays:
        return FoldProbabilities(**arrays)


def rankings(
    planted: PlantedCorpus, found: FoldProbabilities, scheme: Scheme
) -> dict[str, list[Place]]:
    """The tokens in the order of each ranking, by its name."""
    sentences, tags = planted.sentences, tags_of(planted.sentences)
    own, others = (np.split(rows, found.ends[:-1]) for rows in (found.own, found.others))
    orders = {SUSPECTS: found.mixed, LACKING: own, LEARNT: others}
    places = {
        name: [
            (issue.sentence, issue.position)
            for issue in suspect_order(sentences, rows, tags, scheme=scheme).issues
        ]
        for name, rows in orders.items()
    }
    return {**places, CLEANLAB: cleanlab_order(sentences, own, tags)}


def cleanlab_order(
    sentences: Sequence[Sentence], own: Sequence[AnyFloatArray], tags: Sequence[str]
) -> list[Place]:
    """The label issues that cleanlab finds in probabilities out of fold, in its order."""
    from cleanlab.token_classification.filter import find_label_issues

    labels = [[tags.index(tag) for tag in s.tags or ()] for s in sentences]
    # In float64, because float32 rows miss a sum of 1 by more than cleanlab's checks allow.
    exact = [rows.astype(np.float64) for rows in own]
    exact = [rows / rows.sum(axis=1, keepdims=True) for rows in exact]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of classes with very few tokens
        return [(int(n), int(at)) for n, at in find_label_issues(labels, exact, n_jobs=1)]


def study(corpora: Sequence[str], seeds: Sequence[int], out: Path) -> list[Finding]:
    """Plant, train and look, for each corpus and seed."""
    found = []
    gold = {corpus: read(CORPORA[corpus]) for corpus in corpora}
    for seed in seeds:
        for corpus in corpora:
            scheme = CORPORA[corpus].scheme
            planted = plant(gold[corpus], scheme, seed)
            probabilities = opinions(corpus, planted, scheme, seed, out)
            orders = rankings(planted, probabilities, scheme)
            found.append(
                Finding(
                    corpus=corpus,
                    seed=seed,
                    sentences=len(gold[corpus]),
                    tokens=sum(map(len, gold[corpus])),
                    errors=len(planted.errors),
                    looked={name: look(planted, order) for name, order in orders.items()},
                    random={share: random_shares(planted, share, seed=seed) for share in SENTENCES},
                    best={share: best_share(planted, share) for share in SENTENCES},
                )
            )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="folder of probabilities")
    parser.add_argument("--corpora", type=lambda t: t.split(","), default=list(CORPORA))
    parser.add_argument("--seeds", type=lambda t: [int(s) for s in t.split(",")],
                        default=[11, 12, 13])  # fmt: skip
    parser.add_argument("--write", action="store_true", help="write docs/suspects.md")
    options = parser.parse_args()
    import_tensorflow()
    options.out.mkdir(parents=True, exist_ok=True)
    found = study(options.corpora, options.seeds, options.out)
    text = page_text(found, settings=SETTINGS, folds=FOLDS, share=SHARE)
    print(text)
    if options.write:
        with atomic_text_files() as open_text:
            open_text(PAGE).write(text)


if __name__ == "__main__":
    main()
