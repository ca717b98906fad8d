"""Suspects in corpora without a trained network: taggers are trained on folds of the corpora."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from seqlab.auditing.reading import read_audited_corpora
from seqlab.auditing.suspects import Suspects, check_most, rank_suspects
from seqlab.corpus.checks.finding import notes_or_error
from seqlab.corpus.reading_options import reading_options
from seqlab.errors import SettingsError
from seqlab.experiment.corpora import sample_paths
from seqlab.experiment.fold_training import OnFold, probabilities_by_folds, settings_for_folds
from seqlab.experiment.resume import stored_settings
from seqlab.machine.numbers import is_whole
from seqlab.storing.run_settings import reading_keywords

FEWEST_FOLDS = 2


@dataclass(frozen=True, kw_only=True)
class FoldAudit:
    """The suspects of corpora. folds: how many taggers were trained. sentences: how many they judged."""

    folds: int
    sentences: int
    suspects: Suspects
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The audit as `--json` prints it."""
        return asdict(self)


def audit_folds(
    train: str | Path | None = None,
    valid: str | Path | None = None,
    test: str | Path | None = None,
    *,
    suspects: int,
    folds: int,
    run: str | Path | None = None,
    on_fold: OnFold = lambda done: None,
    **settings: Any,
) -> FoldAudit:
    """Find labels that are probably wrong in all sentences of the corpora.

    suspects: how many to list. folds: how many taggers to train.
    run: a run directory. Its settings are the defaults, and its training corpus is the default of `train`.
    Without corpora and run, the bundled sample is audited.
    on_fold: called when the tagger of a fold is trained. settings: of the trainings, as for `train_tagger`.
    Raises UserError for mistakes in the arguments or the files.

    seqlab.audit_folds("train.conll", suspects=20, folds=5).suspects.found
    """
    check_most(suspects)
    if not is_whole(folds) or folds < FEWEST_FOLDS:
        raise SettingsError(f"folds is {folds!r}: expected a whole number, {FEWEST_FOLDS} or more")
    chosen = settings_for_folds(run, settings)
    named: Mapping[str, Any] = {"train": train, "valid": valid, "test": test}
    paths = {name: str(path) for name, path in named.items() if path is not None}
    if not paths:
        paths = sample_paths() if run is None else {"train": train_of_run(run)}
    corpora = read_audited_corpora(
        paths, options=reading_options(**reading_keywords(chosen)), scheme=chosen.scheme
    )
    notes = [*corpora.notes, *notes_or_error(corpora.findings, ())]
    sentences = [sentence for split in corpora.splits.values() for sentence in split]
    tags = sorted({tag for sentence in sentences for tag in sentence.tags or ()})
    probabilities = probabilities_by_folds(
        sentences, chosen, folds=folds, tags=tags, scheme=corpora.scheme, on_fold=on_fold
    )
    return FoldAudit(
        folds=folds,
        sentences=len(sentences),
        suspects=rank_suspects(
            sentences, probabilities.mixed, tags, scheme=corpora.scheme, most=suspects
        ),
        notes=tuple(notes),
    )


def train_of_run(run: str | Path) -> str:
    """The training corpus of a run. Raises SettingsError if the run does not record it."""
    path = stored_settings(Path(run)).get("train")
    if path is None:
        raise SettingsError("the run does not record its training corpus; give a corpus")
    return str(path)
