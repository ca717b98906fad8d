"""Everything before training: read the corpora, count the vocabularies, encode, and compute weights.

Does not import keras: a mistake in a file is reported within a moment.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from seqlab.arrays import DoubleArray, FloatArray, Int64Array
from seqlab.augmenting.augmenter import WindowAugmenter
from seqlab.corpus.corpus_arrays import CorpusArrays
from seqlab.corpus.mapped_arrays import release_pages
from seqlab.corpus.split_checks import overlong, scarce
from seqlab.corpus.splits import Splits
from seqlab.encoding.batches import Sampler
from seqlab.encoding.encoded_corpus import EncodedCorpus, window_counts
from seqlab.encoding.encoder import Encoder, fit_encoder
from seqlab.encoding.frozen_words import freeze_words
from seqlab.encoding.number_scaling import NumberScaling
from seqlab.encoding.vectors import WordVectors, vector_spellings
from seqlab.encoding.vocabulary import Vocabulary
from seqlab.errors import SettingsError
from seqlab.experiment.augmentation import (
    augmentation_text,
    augmenter_of,
    with_cased_spellings,
)
from seqlab.experiment.classes import (
    check_validation_gold,
    classes_of,
    resampler_of,
    tag_weight_notes,
    weights_of_tags,
)
from seqlab.experiment.continuing import (
    Start,
    check_same_task,
    check_vectors_fit,
    grown_encoder,
    origin_of,
    start_of,
)
from seqlab.experiment.corpora import log_coverage, read_splits, read_vectors, with_sample
from seqlab.experiment.crf_cost import slow_crf
from seqlab.experiment.defaults import reads_words, settled
from seqlab.experiment.dropping import without_classes
from seqlab.experiment.filling import filled
from seqlab.experiment.gazetteers import with_gazetteers
from seqlab.experiment.named_corpus import corpus_text
from seqlab.experiment.old_run import continued
from seqlab.experiment.raw_text_vectors import WordKnowledge, with_raw_text
from seqlab.experiment.replaying import (
    expected_windows,
    first_windows,
    read_replay,
    replay_text,
    replayed_counts,
)
from seqlab.experiment.teaching import extra_sentences, soft_labels
from seqlab.machine.wording import plural
from seqlab.reporting.log import Log
from seqlab.settings.training import TrainSettings
from seqlab.tuning.costs import Cost, read_costs
from seqlab.weighting.weight_options import stated_class_weights

SHOWN_VALUES = 3  # of a feature column, in the log


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """The input of training.

    settings: with the defaults that depend on the corpus filled in.
    vectors: None without --vectors.
    train: the training split, encoded, with the sentences of --extra-train behind it. Vocabularies, class counts and class
        weights are computed from them. With --replay the old sentences are last.
    windows: `train` cut into training windows.
    resampler: draws the windows of each epoch; None when each window occurs once per epoch.
    augmenter: changes windows; None without --augment.
    epoch_windows: training windows that count for the size of a batch: the new ones once, and the replayed ones.
    tag_counts: int64 (C,), training tokens with each tag; with --replay also the old ones that an epoch holds.
    class_weights: float32 (C,), the weight of each tag.
    watched: the classes that are scored after every epoch.
    costs: the costs of mistakes by class, for --decide cost.
    start: what the training starts from; None without --init-from.
    """

    settings: TrainSettings
    splits: Splits
    vectors: WordVectors | None
    encoder: Encoder
    train: EncodedCorpus
    windows: EncodedCorpus
    resampler: Sampler | None
    augmenter: WindowAugmenter | None
    epoch_windows: int
    tag_counts: Int64Array
    class_weights: FloatArray
    watched: tuple[str, ...]
    costs: Mapping[str, Cost]
    start: Start | None = None


def prepare(
    settings: TrainSettings,
    log: Log,
    *,
    splits: Splits | None = None,
    words: WordKnowledge | None = None,
) -> Prepared:
    """Read and encode the corpora; notes on them go to the log.

    splits: corpora that are in memory, instead of the files of the settings. words: likewise.
    Raises UserError for a file that cannot be read, and for settings that do not fit each other or the corpora.
    """
    if splits is None:
        settings = with_sample(settings)
        if settings.corpus is not None:
            log(corpus_text(settings.corpus, settings.train or ""))
    origin = origin_of(settings)
    if origin is not None:
        settings = continued(settings, origin.old)
    # Refuses unknown weights before a corpus is read.
    stated_class_weights(settings.class_weights, settings.class_weight)
    known_tags = () if origin is None else origin.old.tagger.encoder.tags.symbols
    if splits is None:
        splits = read_splits(settings, log, known_tags=known_tags)
    if origin is not None:
        check_same_task(splits, origin.old)
        splits = without_classes(splits, origin.dropped, log)
        splits = filled(settings, splits, origin, log)
    settings = settled(settings, splits.scheme)
    if words is None:
        words = with_raw_text(settings, read_vectors(settings, log), log)
    vectors = words.vectors
    if vectors is not None:
        log_coverage(vectors, splits, log)
    gold, start = splits.arrays["train"], None
    extra = extra_sentences(settings, splits, log)
    arrays = gold if extra is None else extra.joined(gold)
    encoder = encoder_of(settings, arrays, vectors, log)
    encoder = replace(encoder, clusters=words.clusters)
    if settings.gazetteer:
        encoder, list_notes = with_gazetteers(settings.gazetteer, encoder, splits, log)
        splits = replace(splits, notes=(*splits.notes, *list_notes))
    if origin is not None:
        check_vectors_fit(settings, origin.old, vectors)
        encoder = grown_encoder(origin, encoder)
        start = start_of(origin, settings, encoder, arrays, vectors, log)
    replay = read_replay(settings, origin, encoder, log)
    joined = with_cased_spellings(settings, arrays if replay is None else replay.joined(arrays))
    train = encoder.encode(joined)
    refuse_token_weights(settings, train)
    soft = soft_labels(settings, gold, extra, encoder, splits.scheme, log)
    if soft is not None:  # replayed sentences, behind the others, have none
        rest = train.tokens - len(soft)
        train = replace(train, soft_labels=np.pad(soft, ((0, rest), (0, 0))))
    windows = train.windows(settings.max_tokens)
    new = int(window_counts(arrays.lengths, settings.max_tokens).sum())
    new_windows = windows if replay is None else first_windows(windows, new)
    resampler, resampling_note = resampler_of(settings, splits.scheme, encoder, new_windows)
    watched = classes_of(encoder, splits.scheme)
    check_validation_gold(settings, splits, watched)
    if resampling_note:
        log(resampling_note)
        splits = replace(splits, notes=(*splits.notes, resampling_note))
    long_sentences = overlong(arrays.lengths, settings.max_tokens)
    costs = slow_crf(settings.head, len(encoder.tags.symbols), new_windows, resampler)
    for note in (*long_sentences, *scarce(splits.valid, watched, splits.scheme), *costs):
        log(f"note: {note}")
        splits = replace(splits, notes=(*splits.notes, note))
    counts = arrays.counts_by_tag()
    tag_counts = np.array([counts.get(tag, 0) for tag in encoder.tags], np.int64)
    sampler: Sampler | None = resampler
    if replay is not None:
        per_epoch = expected_windows(resampler, new)
        sampler = replay.sampler(windows, new, resampler)
        log(replay_text(sampler, per_epoch))
        tag_counts += replayed_counts(replay, sampler, per_epoch, encoder)
    augmenter = augmenter_of(settings, splits.scheme, encoder, joined, train)
    if augmenter is not None:
        log(augmentation_text(augmenter))
    class_weights = weights_of_tags(settings, splits.scheme, encoder, tag_counts)
    by_tag = dict(zip(encoder.tags, class_weights.tolist(), strict=True))
    for note in tag_weight_notes(settings, splits.scheme, by_tag):
        log(note)
    release_pages(train.offsets)
    return Prepared(
        settings=settings,
        splits=splits,
        vectors=vectors,
        encoder=encoder,
        train=train,
        windows=windows,
        resampler=sampler,
        augmenter=augmenter,
        epoch_windows=new if replay is None else new + replay.drawn(new),
        tag_counts=tag_counts,
        class_weights=class_weights,
        watched=watched,
        costs=read_costs(settings.costs, watched) if settings.costs else {},
        start=start,
    )


def encoder_of(
    settings: TrainSettings, arrays: CorpusArrays, vectors: WordVectors | None, log: Log
) -> Encoder:
    """The encoder fitted to the training sentences; its columns of features and numbers are described in the log."""
    encoder = fit_encoder(
        arrays,
        min_word_count=settings.min_word_count,
        keep_words=vector_spellings(arrays, vectors) if vectors else (),
        word_features=settings.word_features if reads_words(settings) else (),
        feature_columns=tuple(settings.feature_columns),
        unicode_form=settings.normalise,
        numeric_columns=tuple(settings.numeric_columns),
        reads_words=reads_words(settings),
    )
    for name, values in encoder.feature_columns.items():
        log(describe_column(name, values))
        if len(values.symbols) == 1:
            log(f"note: feature {name!r} has one value in training: it carries no information")
    for name, scaling in encoder.numeric_columns.items():
        log(describe_numbers(name, scaling, arrays.numbers[name]))
        if np.nanmin(arrays.numbers[name]) == np.nanmax(arrays.numbers[name]):
            log(f"note: number {name!r} has one value in training: it carries no information")
        release_pages(arrays.numbers[name])
    if vectors is not None and settings.keep_vectors == "all":
        encoder = replace(encoder, frozen_words=freeze_words(vectors))
    return encoder


def describe_column(name: str, values: Vocabulary) -> str:
    """A line on a feature column, from which a wrong column number shows.

    >>> describe_column("pos", Vocabulary(("NN", "IN", "DT", "VB")))
    "feature 'pos': 4 values in training, 'NN', 'IN', 'DT', …"
    """
    shown = ", ".join(map(repr, values.symbols[:SHOWN_VALUES]))
    rest = ", …" if len(values.symbols) > SHOWN_VALUES else ""
    return f"feature {name!r}: {plural(len(values.symbols), 'value')} in training, {shown}{rest}"


def describe_numbers(name: str, scaling: NumberScaling, numbers: DoubleArray) -> str:
    """A line on a numeric column, from which a wrong column number shows.

    >>> size = NumberScaling(mean=11.5, deviation=2.25, missing=False)
    >>> describe_numbers("size", size, np.array([9.25, 13.75]))
    "number 'size': mean 11.5, deviation 2.25 in training"
    """
    line = (
        f"number {name!r}: mean {scaling.mean:.6g}, deviation {scaling.deviation:.6g} in training"
    )
    if scaling.missing:
        missing = int(np.count_nonzero(np.isnan(numbers)))
        line += f", missing at {plural(missing, 'token')} of {len(numbers):,}"
    return line


def refuse_token_weights(settings: TrainSettings, train: EncodedCorpus) -> None:
    """Raise SettingsError for token weights if the loss is one of whole sentences."""
    if train.token_weights is not None and settings.crf_loss == "likelihood":
        raise SettingsError(
            "the training corpus has token weights, but crf_loss is 'likelihood', a loss of whole "
            "sentences: choose crf_loss 'marginal', which honours them"
        )
