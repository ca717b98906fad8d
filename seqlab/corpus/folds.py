"""Cut a corpus into folds, so that every sentence is tested once: whole documents, classes spread evenly.

One fold after the other is split off with `stratified_split`, which gives each its share of every class. Documents stay
whole if the corpus marks ten or more; otherwise sentences with the same tokens stay together. The folds do not depend on
the seed of a training, so that all trainings are tested on the same ones.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from seqlab.corpus.document_split import FEWEST_DOCUMENTS, count_documents
from seqlab.corpus.schemes import Scheme
from seqlab.corpus.sentence import Sentence, Sentences
from seqlab.corpus.stratify import stratified_split
from seqlab.errors import SettingsError
from seqlab.machine.wording import plural

FOLDS_SEED = 1


@dataclass(frozen=True, kw_only=True)
class Fold:
    """One fold of a corpus. test: its sentences. rest: all others. documents: whole ones in `test`; 0 if divided."""

    rest: Sentences
    test: Sentences
    documents: int


def cut_fold(
    sentences: Sequence[Sentence], *, folds: int, fold: int | None, scheme: Scheme
) -> Fold:
    """The fold with this number, from 1.

    Raises SettingsError without a number, for one above `folds`, and for more folds than documents (or, where documents
    are divided, than different sentences).
    """
    if fold is None:
        raise SettingsError(
            f"folds is {folds}, but fold is not given: train tests one fold, compare tests all of them"
        )
    if fold > folds:
        raise SettingsError(
            f"fold is {fold}: expected a number from 1 to {folds}, as folds is {folds}"
        )
    members = fold_of_sentences(sentences, folds=folds, scheme=scheme)
    test = tuple(s for s, each in zip(sentences, members, strict=True) if each == fold)
    documents = count_documents(sentences)
    return Fold(
        rest=tuple(s for s, each in zip(sentences, members, strict=True) if each != fold),
        test=test,
        documents=count_documents(test) if documents >= FEWEST_DOCUMENTS else 0,
    )


def fold_of_sentences(sentences: Sequence[Sentence], *, folds: int, scheme: Scheme) -> list[int]:
    """The number of the fold that each sentence belongs to, from 1."""
    documents = count_documents(sentences)
    whole = documents >= FEWEST_DOCUMENTS
    units: list[Hashable] = [s.document if whole else s.tokens for s in sentences]
    most = len(set(units))
    if folds > most:
        noun = "document" if whole else "different sentence"
        raise SettingsError(
            f"folds is {folds}: expected at most {most}, as the corpus has {plural(most, noun)}"
        )
    fold_of: dict[Hashable, int] = {}
    left = list(zip(sentences, units, strict=True))
    for number in range(1, folds):
        _, part = stratified_split(
            [sentence for sentence, _ in left],
            1 / (folds - number + 1),
            scheme=scheme,
            seed=FOLDS_SEED,
            units=[unit for _, unit in left] if whole else None,
        )
        # Each later fold needs a unit, also where the split by shares would take them all.
        most = len({unit for _, unit in left}) - (folds - number)
        taken = list(dict.fromkeys(s.document if whole else s.tokens for s in part))[:most]
        fold_of |= dict.fromkeys(taken, number)
        left = [(sentence, unit) for sentence, unit in left if unit not in fold_of]
    return [fold_of.get(unit, folds) for unit in units]
