"""The sentences of --extra-train, and the soft labels that a teacher gives. Does not import keras.

Knowledge distillation (Hinton, Vinyals & Dean 2015): the student learns the teacher's probabilities beside the tags.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from seqlab.arrays import FloatArray, HalfArray
from seqlab.corpus.corpus_arrays import CorpusArrays, LazySentences, corpus_arrays
from seqlab.corpus.joined_arrays import join_arrays
from seqlab.corpus.reading_options import reading_options
from seqlab.corpus.schemes import Scheme
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.splits import Splits, read_as
from seqlab.encoding.encoder import Encoder
from seqlab.encoding.soft_labels import read_probabilities
from seqlab.errors import CorpusError, UserError, nearest
from seqlab.experiment.classes import classes_of
from seqlab.experiment.self_training import (
    calibrated_probabilities,
    item_counts_of,
    read_self_trained,
)
from seqlab.machine.files import is_same_path
from seqlab.machine.progress import watched
from seqlab.machine.wording import listed, percent, plural
from seqlab.reporting.log import Log
from seqlab.settings.training import TrainSettings
from seqlab.storing.run_settings import reading_keywords, run_settings
from seqlab.storing.save_and_load import load_run
from seqlab.tagging.tagger import CHUNK, Tagger

PROBABILITIES = "tag_probabilities"


@dataclass(frozen=True, kw_only=True)
class ExtraTrain:
    """Further training sentences, also as arrays. The metadata of a sentence may hold tag probabilities.

    self_trained: how many of them, the last ones, are raw text with the teacher's tags.
    """

    arrays: CorpusArrays
    sentences: Sequence[Sentence]
    self_trained: int = 0

    def joined(self, train: CorpusArrays) -> CorpusArrays:
        """The training corpus with these sentences behind it."""
        return join_arrays(train, self.arrays)


def extra_sentences(settings: TrainSettings, splits: Splits, log: Log) -> ExtraTrain | None:
    """The sentences of --extra-train, and with --self-train those of --raw-text; None without both.

    Raises UserError for a file that cannot be read, and for a teacher that cannot label raw text.
    """
    given = read_extra(settings, splits.scheme, log)
    for note in new_class_notes(given, splits):
        log(f"note: extra: {note}")
    own = read_self_trained(settings, splits, log)
    sentences = [*given, *own]
    if not sentences:
        return None
    columns = tuple(settings.feature_columns), tuple(settings.numeric_columns)
    return ExtraTrain(
        arrays=corpus_arrays(sentences, *columns), sentences=sentences, self_trained=len(own)
    )


def read_extra(settings: TrainSettings, scheme: Scheme, log: Log) -> Sequence[Sentence]:
    """Read the sentences of --extra-train as the training corpus is read; none without it. Notes go to the log.

    Raises CorpusError for a file that cannot be read.
    """
    path = settings.extra_train
    if path is None:
        return ()
    options = reading_options(**reading_keywords(settings))
    sentences, notes = read_as(path, scheme=scheme, options=options)
    for note in notes:
        log(f"note: {note}")
    soft = sum(PROBABILITIES in sentence.metadata for sentence in sentences)
    share = percent(soft / max(len(sentences), 1), digits=0)
    mean = fmean(sentence.weight for sentence in sentences)
    log(
        f"extra: {plural(len(sentences), 'sentence')} with {plural(sum(map(len, sentences)), 'token')}, "
        f"mean weight {mean:.3g}; {share} have tag probabilities"
    )
    return sentences


def new_class_notes(extra: Sequence[Sentence], splits: Splits) -> Iterator[str]:
    """Yield a note for each class that --extra-train has and the training corpus lacks: it may be a typing error."""
    if not extra:
        return
    known = item_counts_of(splits.train, splits.scheme)
    for name in sorted(item_counts_of(extra, splits.scheme).keys() - known.keys()):
        yield (
            f"{name!r} is no class of the training corpus{nearest(name, known)}; "
            "the tagger learns it, and no validation sentence measures it"
        )


def soft_labels(
    settings: TrainSettings,
    train: CorpusArrays,
    extra: ExtraTrain | None,
    encoder: Encoder,
    scheme: Scheme,
    log: Log,
) -> HalfArray | None:
    """The soft labels of the training sentences and, behind them, of those of --extra-train; None if nothing gives any.

    The labels of a sentence with tag probabilities are these. Those of raw text are the teacher's probabilities. Those of
    every other sentence are the teacher's probabilities times --teacher-share.
    Raises UserError for a teacher of other tags, CorpusError for probabilities that are wrong.
    """
    columns = {tag: column for column, tag in enumerate(encoder.tags)}
    given = [] if extra is None else given_probabilities(extra, columns)
    if settings.teacher is None and not any(one is not None for one in given):
        return None
    parts = [LazySentences(train), () if extra is None else extra.sentences]
    tokens = [len(train.spelling_ids), sum(map(len, parts[1]))]
    labels = np.zeros((sum(tokens), len(columns)), np.float16)
    if settings.teacher is not None:
        teacher = teacher_of(settings.teacher, encoder, scheme, log)
        for note in seen_notes(settings.teacher, settings):
            log(f"note: {note}")
        raw = 0 if extra is None else extra.self_trained
        tagged, untagged = parts[1][: len(parts[1]) - raw], parts[1][len(parts[1]) - raw :]
        rest = len(labels) - sum(map(len, untagged))
        share = settings.teacher_share
        write_taught(labels[:rest], [*parts[0], *tagged], teacher, columns, share)
        write_taught(labels[rest:], untagged, teacher, columns, 1.0)
    start = tokens[0]
    for sentence, own in zip(parts[1], given, strict=True):
        if own is not None:
            labels[start : start + len(sentence)] = own
        start += len(sentence)
    return labels


def given_probabilities(extra: ExtraTrain, columns: Mapping[str, int]) -> list[FloatArray | None]:
    """float32 (T, C) of each sentence that has tag probabilities, else None. Raises CorpusError for wrong ones."""
    found: list[FloatArray | None] = []
    for sentence in extra.sentences:
        value = sentence.metadata.get(PROBABILITIES)
        if value is None:
            found.append(None)
            continue
        try:
            found.append(read_probabilities(value, sentence.tokens, columns))
        except ValueError as error:
            raise CorpusError(str(error), path=sentence.source) from None
    return found


def teacher_of(path: str, encoder: Encoder, scheme: Scheme, log: Log) -> Tagger:
    """Load the tagger of --teacher. Raises UserError if it lacks a class of training, or has another scheme."""
    teacher = load_run(path)
    if teacher.scheme is not scheme:
        raise UserError(
            f"{path}: its tag scheme is {teacher.scheme}, but that of this training is {scheme}; "
            f"give --scheme {teacher.scheme}"
        )
    known = classes_of(teacher.encoder, scheme)
    missing = [repr(name) for name in classes_of(encoder, scheme) if name not in known]
    if missing:
        raise UserError(
            f"{path}: does not know {listed(missing)}; a teacher must know all classes of training"
        )
    more = [repr(tag) for tag in teacher.encoder.tags if tag not in encoder.tags]
    if more:
        log(f"note: teacher: its tags {listed(more)} do not occur in training and are ignored")
    networks = plural(len(teacher.members) or 1, "network")
    log(f"teacher: {path}, {networks}, temperature {teacher.decision.temperature:.3g}")
    return teacher


def seen_notes(path: str, settings: TrainSettings) -> list[str]:
    """A note if the teacher may have learnt from the validation sentences of this training."""
    trained = run_settings(path).train
    if settings.valid is not None or not is_same_path(settings.train or "", trained):
        return []
    return [
        f"teacher: {path} was trained on a part of {settings.train}, and validation is split off the same file; "
        "the teacher may know these sentences: give --valid"
    ]


def write_taught(
    labels: HalfArray,
    sentences: Sequence[Sentence],
    teacher: Tagger,
    columns: Mapping[str, int],
    share: float,
) -> None:
    """Write the teacher's calibrated probabilities, times the share, into the rows of some sentences.

    A token whose tag the teacher lacks, such as a rare S- tag, gets none.
    """
    symbols = teacher.encoder.tags.symbols
    both = {tag: column for tag, column in columns.items() if tag in symbols}
    order, places = [symbols.index(tag) for tag in both], list(both.values())
    starts, start = range(0, len(sentences), CHUNK), 0
    for first in watched(starts, "teacher", total=len(starts)):
        chunk = sentences[first : first + CHUNK]
        for sentence, logs in zip(chunk, teacher.token_log_probabilities(chunk), strict=True):
            own = calibrated_probabilities(logs[:, order], teacher.decision)
            known = np.array([tag in both for tag in sentence.tags or ()], np.bool_)
            rows = labels[start : start + len(own)]
            rows[:, places] = share * own * known[:, None]
            start += len(own)
