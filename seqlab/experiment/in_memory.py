"""Train on sentences in memory, for callers that have lists instead of files. Nothing is written to disk."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from seqlab.corpus.document_split import split_off
from seqlab.corpus.retag import in_scheme, scheme_of_split, source_scheme
from seqlab.corpus.schemes import Scheme
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.splits import VALID_SHARE, Splits, splits_of
from seqlab.errors import CorpusError, UserError
from seqlab.experiment.finished_run import Run
from seqlab.experiment.prepare import prepare
from seqlab.experiment.run import fit_in_memory
from seqlab.experiment.sentence_weights import weigh_splits
from seqlab.machine.wording import plural
from seqlab.reporting.log import Log, Say
from seqlab.settings.training import TrainSettings

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True, kw_only=True)
class GivenSentences:
    """Sentences that a caller built. path: what messages call them."""

    path: str
    sentences: tuple[Sentence, ...]

    def __iter__(self) -> Iterator[Sentence]:
        return iter(self.sentences)


@dataclass(frozen=True, kw_only=True)
class InMemoryRun:
    """A training on sentences. given_scheme: of their tags, before they were converted to the tagger's."""

    run: Run
    given_scheme: Scheme


def train_in_memory(
    settings: TrainSettings,
    train: Sequence[Sentence],
    valid: Sequence[Sentence] | None,
    *,
    say: Say,
    load_keras: "Callable[[], Sequence[keras.callbacks.Callback]]",
) -> InMemoryRun:
    """Train as `run_experiment` does, without a run directory.

    settings: without corpora. train, valid: sentences with tags; without `valid`, a part is split off `train`.
    Raises UserError for tags that do not fit the scheme of the settings, and KeyboardInterrupt when a signal stops it.
    """
    log = Log(say, None, table=settings.table)
    given = GivenSentences(path="the training sentences", sentences=tuple(train))
    held_out = valid and GivenSentences(path="the validation sentences", sentences=tuple(valid))
    scheme, splits = given_splits(settings, given, held_out or None)
    for note in splits.notes:
        log(f"note: {note}")
    splits, notes = weigh_splits(settings, splits)
    for note in notes:
        log(note)
    prepared = prepare(settings, log, splits=replace(splits, notes=(*splits.notes, *notes)))
    with ExitStack() as stack:
        fitted = fit_in_memory(prepared, log, load_keras, stack)
    if fitted.metrics["interrupted"]:
        raise KeyboardInterrupt
    run = Run(
        tagger=fitted.tagger,
        metrics=fitted.metrics,
        history=fitted.history,
        settings=prepared.settings,
        notes=(*prepared.splits.notes, *fitted.notes),
        path=None,
        details=None,
    )
    return InMemoryRun(run=run, given_scheme=scheme)


def given_splits(
    settings: TrainSettings, given: GivenSentences, held_out: GivenSentences | None
) -> tuple[Scheme, Splits]:
    """The scheme of the given tags, and the splits in the scheme of the settings."""
    wanted = None if settings.scheme is None else Scheme(settings.scheme)
    notes: list[str] = []
    source = source_scheme(given, wanted, notes)
    target = wanted or source
    train = in_scheme("train", given.sentences, source, target, notes)
    if held_out is None:
        train, valid = valid_split_off(settings, train, target, notes)
    else:
        own = scheme_of_split("valid", held_out, source, target, notes)
        valid = in_scheme("valid", held_out.sentences, own, target, notes)
    splits = splits_of(train, valid, scheme=target)
    return source, replace(splits, notes=tuple(notes))


def valid_split_off(
    settings: TrainSettings, train: tuple[Sentence, ...], scheme: Scheme, notes: list[str]
) -> tuple[tuple[Sentence, ...], tuple[Sentence, ...]]:
    """The rest and the validation split. Raises UserError for too few sentences."""
    share = settings.valid_share or VALID_SHARE
    try:
        cut = split_off(train, share, scheme=scheme, seed=settings.seed)
    except UserError as error:
        raise CorpusError(f"valid: {error}", path="the training sentences") from None
    notes.append(
        f"valid: {plural(len(cut.part), 'sentence')} of {len(train)} split off, "
        f"stratified by class (share {share:g}, seed {settings.seed}); {len(cut.rest)} left"
    )
    notes += cut.remarks("valid")
    return tuple(cut.rest), tuple(cut.part)
