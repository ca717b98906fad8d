"""Before any training: corpora, vectors, vocabularies and weights, as the settings ask for them.

Nothing here needs keras, so that a mistake in a file is told in a moment.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from seqlab.arrays import FloatArray, Int64Array
from seqlab.corpus.cache import Cache
from seqlab.corpus.mapped_arrays import release_pages
from seqlab.corpus.schemes import OUTSIDE_TAG, Scheme, class_of_tag
from seqlab.corpus.split_checks import scarce
from seqlab.corpus.splits import Splits, load_splits
from seqlab.deciding.costs import Cost, check_class, read_costs
from seqlab.encoding.encoded_corpus import EncodedCorpus
from seqlab.encoding.encoder import Encoder, fit_encoder
from seqlab.encoding.frozen_words import freeze_words
from seqlab.encoding.vector_file import load_vectors
from seqlab.encoding.vectors import WordVectors, describe_coverage, vector_spellings
from seqlab.encoding.vocabulary import Vocabulary
from seqlab.errors import SettingsError
from seqlab.experiment.defaults import resample_of, settled
from seqlab.experiment.sentence_weights import measures_of, weigh_splits
from seqlab.machine.wording import plural
from seqlab.reporting.log import Log
from seqlab.settings.training import TrainSettings
from seqlab.training.checkpoint_selection import check_selection
from seqlab.weighting.class_weights import parse_weight_scheme, tag_weights
from seqlab.weighting.formulas import WeightScheme
from seqlab.weighting.manual import checked_manual_weights, read_weight_table
from seqlab.weighting.resampling import (
    Resampler,
    describe_resampling,
    make_resampler,
    sentence_class_counts,
)

INSTALLED = Path(__file__).parents[1] / "data"
CLONE = Path(__file__).parents[2] / "data"


def sample_paths() -> dict[str, str]:
    """The files of the sample corpus, as the settings train, valid and test."""
    folder = INSTALLED if INSTALLED.is_dir() else CLONE
    return {part: str(folder / f"{part}.conll") for part in ("train", "valid", "test")}


WINDOWS = 1 << 16  # that are counted together
SHOWN = 3  # values of a column


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """What training starts from.

    vectors: None where the settings name none. train: the training split, encoded.
    windows: the same in windows, what training steps see. resampler: which of them an epoch holds;
    None for each once. Neither touches what is counted: vocabularies, frequencies, class weights.
    tag_counts: int64 (C,), training tokens with each tag.
    class_weights: float32 (C,), a weight for every tag. watched: the classes that have figures.
    costs, recalls: what the settings ask of the decisions after training, by class.
    """

    settings: TrainSettings
    splits: Splits
    vectors: WordVectors | None
    encoder: Encoder
    train: EncodedCorpus
    windows: EncodedCorpus
    resampler: Resampler | None
    tag_counts: Int64Array
    class_weights: FloatArray
    watched: tuple[str, ...]
    costs: Mapping[str, Cost]
    recalls: Mapping[str, float]


def prepare(settings: TrainSettings, log: Log) -> Prepared:
    """Read what the settings name, say what there is to say of it, and count the vocabularies.

    Raises UserError for a file that cannot be read and for settings that contradict each other.
    """
    settings = with_sample(settings)
    stated_weights(settings)  # what no corpus could mend is refused before one is read
    splits = weigh_sentences(settings, read_splits(settings, log), log)
    settings = settled(settings, splits.scheme)
    vectors = read_vectors(settings, splits, log)
    arrays = splits.arrays["train"]
    encoder = fit_encoder(
        arrays,
        min_word_count=settings.min_word_count,
        keep_words=vector_spellings(arrays, vectors) if vectors else (),
        word_features=settings.word_features,
        feature_columns=tuple(settings.feature_columns),
    )
    for name, values in encoder.feature_columns.items():
        log(describe_column(name, values))
        if len(values.symbols) == 1:
            log(f"note: feature {name!r} has one value in training: it tells nothing")
    if vectors is not None and settings.keep_vectors == "all":
        encoder = replace(encoder, frozen_words=freeze_words(vectors))
    train = encoder.encode(arrays)
    refuse_token_weights(settings, train)
    windows = train.windows(settings.max_tokens)
    resampler, note = resampler_of(settings, splits.scheme, encoder, windows)
    if note:
        if settings.resample != "none" and settings.class_weights != "none":
            note += "; class weights favour the same classes once more, --resample none leaves it to them"
        log(note)
        splits = replace(splits, notes=(*splits.notes, note))
    watched = watched_classes(settings, splits, encoder)
    for few in scarce(splits.valid, watched, splits.scheme):
        log(f"note: {few}")
        splits = replace(splits, notes=(*splits.notes, few))
    counts = arrays.counts_by_tag()
    tag_counts = np.array([counts[tag] for tag in encoder.tags], np.int64)
    class_weights = weights_of_tags(settings, splits.scheme, encoder, tag_counts)
    release_pages(train.offsets)
    return Prepared(
        settings=settings,
        splits=splits,
        vectors=vectors,
        encoder=encoder,
        train=train,
        windows=windows,
        resampler=resampler,
        tag_counts=tag_counts,
        class_weights=class_weights,
        watched=watched,
        costs=read_costs(settings.costs, watched) if settings.costs else {},
        recalls=wanted_recalls(settings, splits, watched),
    )


def describe_column(name: str, values: Vocabulary) -> str:
    """What a feature column holds, in one line: a wrong column shows at once.

    >>> describe_column("pos", Vocabulary(("NN", "IN", "DT", "VB")))
    "feature 'pos': 4 values in training, 'NN', 'IN', 'DT', …"
    """
    shown = ", ".join(map(repr, values.symbols[:SHOWN]))
    rest = ", …" if len(values.symbols) > SHOWN else ""
    return f"feature {name!r}: {plural(len(values.symbols), 'value')} in training, {shown}{rest}"


def with_sample(settings: TrainSettings) -> TrainSettings:
    """The settings with the bundled sample where no training corpus is named."""
    if settings.train is not None:
        return settings
    if settings.valid is not None or settings.test is not None:
        raise SettingsError("valid or test is given without train")
    paths = sample_paths()
    return replace(
        settings,
        train=paths["train"],
        valid=paths["valid"] if settings.valid_share is None else None,
        test=paths["test"] if settings.test_share is None else None,
    )


def read_splits(settings: TrainSettings, log: Log) -> Splits:
    """The corpora; what was noticed in them goes to the log."""
    splits = load_splits(
        settings.train or "",
        settings.valid,
        settings.test,
        format=settings.format,
        token_column=settings.token_column,
        tag_column=settings.tag_column,
        token_weight_column=settings.token_weight_column,
        feature_columns=dict(settings.feature_columns),
        scheme=settings.scheme,
        valid_share=settings.valid_share,
        test_share=settings.test_share,
        seed=settings.seed,
        cache=cache_of(settings, log),
    )
    for note in splits.notes:
        log(f"note: {note}")
    return splits


def cache_of(settings: TrainSettings, log: Log) -> Cache | None:
    """Where the training corpus is kept between runs, with what sentence weights read of it."""
    if settings.cache is None:
        return None
    return Cache(folder=Path(settings.cache), measures=measures_of(settings), say=log)


def weigh_sentences(settings: TrainSettings, splits: Splits, log: Log) -> Splits:
    """The splits with the sentence weights that the settings ask for; what they are goes to the log."""
    splits, notes = weigh_splits(settings, splits)
    for note in notes:
        log(note)
    return replace(splits, notes=(*splits.notes, *notes))


def refuse_token_weights(settings: TrainSettings, train: EncodedCorpus) -> None:
    """Refuse a loss of whole sentences where tokens are weighed."""
    if train.token_weights is not None and settings.crf_loss == "likelihood":
        raise SettingsError(
            "the training corpus has token weights, but crf_loss is 'likelihood', a loss of whole "
            "sentences: choose crf_loss 'marginal', which honours them"
        )


def resampler_of(
    settings: TrainSettings, scheme: Scheme, encoder: Encoder, windows: EncodedCorpus
) -> tuple[Resampler | None, str]:
    """What draws the windows of an epoch, and a line about it; None and '' for each window once."""
    plain = scheme is Scheme.PLAIN
    name = resample_of(settings, scheme)
    if name == "none" and settings.keep_empty == 1:
        return None, ""
    if plain and settings.keep_empty != 1:
        raise SettingsError(f"keep_empty is {settings.keep_empty!r}: plain tags have no spans")
    of_tags = [class_of_tag(tag, scheme) for tag in encoder.tags]
    names = [one for one in dict.fromkeys(of_tags) if plain or one != OUTSIDE_TAG]
    numbers = {one: number for number, one in enumerate(names)}
    classes = np.array([-1, *(numbers.get(one, -1) for one in of_tags)])[windows.tag_labels]
    counts = counts_of_windows(classes, windows, number=len(names))
    resampler = make_resampler(name, counts, windows.lengths, keep_empty=settings.keep_empty)
    if resampler is None:
        return None, ""
    return resampler, describe_resampling(name, resampler, counts, windows.lengths, names)


def counts_of_windows(classes: Int64Array, windows: EncodedCorpus, *, number: int) -> Int64Array:
    """int64 (N, E): tokens of each class in each window, counted some windows at a time.

    classes: int64 (tags,), the class of each row of `tag_labels`, -1 for none. number: E.
    """
    counts = np.zeros((len(windows), number), np.int64)
    for start in range(0, len(windows), WINDOWS):
        offsets = windows.offsets[start : start + WINDOWS + 1]
        tags = windows.tags[offsets[0] : offsets[-1]]
        block = sentence_class_counts(classes[tags], offsets - offsets[0], number=number)
        counts[start : start + WINDOWS] = block
    return counts


def read_vectors(settings: TrainSettings, splits: Splits, log: Log) -> WordVectors | None:
    """The word vectors; how they cover train and valid goes to the log."""
    if settings.vectors is None:
        return None
    vectors = load_vectors(settings.vectors, limit=settings.vectors_limit)
    log(f"vectors: {len(vectors.rows):,} words of {vectors.dim} dimensions")
    log(f"  {describe_coverage('train', splits.arrays['train'], vectors)}")
    log(f"  {describe_coverage('valid', splits.arrays['valid'], vectors)}")
    if vectors.ngrams is not None:
        log("  unknown words get the vectors of their n-grams")
    return vectors


def stated_weights(settings: TrainSettings) -> tuple[WeightScheme, dict[str, float]]:
    """The weighting scheme, and the weights that are set by hand.

    Raises WeightsError for a scheme or a weight that does not exist, whatever the corpus.
    """
    name, manual = settings.class_weights, checked_manual_weights(settings.class_weight)
    if name.endswith(".toml"):
        name, manual = "none", read_weight_table(name) | manual
    return parse_weight_scheme(name), manual


def weights_of_tags(
    settings: TrainSettings, scheme: Scheme, encoder: Encoder, counts: Int64Array
) -> FloatArray:
    """float32 (C,): the weight of every tag, by the settings and the training split's counts."""
    name, manual = stated_weights(settings)
    weights = tag_weights(
        dict(zip(encoder.tags, counts.tolist(), strict=True)),
        name,
        tag_scheme=scheme,
        share_prefixes=settings.share_prefix_weights,
        beta=settings.weight_beta,
        cap=settings.weight_cap,
        manual=manual,
    )
    return np.array([weights[tag] for tag in encoder.tags], np.float32)


def wanted_recalls(
    settings: TrainSettings, splits: Splits, watched: tuple[str, ...]
) -> dict[str, float]:
    """The recall wanted by class.

    Raises SettingsError for a class of which validation has no gold.
    """
    gold = {class_of_tag(tag, splits.scheme) for tag in splits.arrays["valid"].counts_by_tag()}
    for name in settings.recall:
        check_class(name, watched, "recall")
        if name not in gold:
            raise SettingsError(
                f"recall names {name!r}, but the validation split has no gold for it: "
                "give more validation data"
            )
    return dict(settings.recall)


def watched_classes(settings: TrainSettings, splits: Splits, encoder: Encoder) -> tuple[str, ...]:
    """The classes that are scored at every epoch: entity types without O, or plain tags.

    Raises SettingsError when the settings select by what validation has no gold for.
    """
    plain = splits.scheme is Scheme.PLAIN
    names = dict.fromkeys(class_of_tag(tag, splits.scheme) for tag in encoder.tags)
    watched = tuple(name for name in names if plain or name != OUTSIDE_TAG)
    gold = {class_of_tag(tag, splits.scheme) for tag in splits.arrays["valid"].counts_by_tag()}
    check_selection(settings.select, watched, gold if plain else gold - {OUTSIDE_TAG})
    return watched
