"""Before any training: corpora, vectors and vocabularies, as the settings ask for them.

Nothing here needs keras, so that a mistake in a file is told in a moment.
"""

from dataclasses import dataclass, replace

from seqlab.config import TrainSettings
from seqlab.corpus.splits import Splits, load_splits
from seqlab.encoding.encoder import Encoder, fit_encoder
from seqlab.encoding.vectors import WordVectors, describe_coverage, load_vectors, spellings
from seqlab.errors import SettingsError
from seqlab.reporting.log import Log
from seqlab.sample import sample_paths


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """What training starts from. vectors: None where the settings name none."""

    settings: TrainSettings
    splits: Splits
    vectors: WordVectors | None
    encoder: Encoder


def prepare(settings: TrainSettings, log: Log) -> Prepared:
    """Read what the settings name, say what there is to say of it, and count the vocabularies.

    Raises UserError for a file that cannot be read and for settings that contradict each other.
    """
    settings = with_sample(settings)
    splits = read_splits(settings, log)
    vectors = read_vectors(settings, splits, log)
    encoder = fit_encoder(
        splits.train,
        min_word_count=settings.min_word_count,
        keep_words=spellings(splits.train, vectors) if vectors else (),
    )
    return Prepared(settings=settings, splits=splits, vectors=vectors, encoder=encoder)


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
        scheme=settings.scheme,
        valid_share=settings.valid_share,
        test_share=settings.test_share,
        seed=settings.seed,
    )
    for note in splits.notes:
        log(f"note: {note}")
    return splits


def read_vectors(settings: TrainSettings, splits: Splits, log: Log) -> WordVectors | None:
    """The word vectors; how they cover train and valid goes to the log."""
    if settings.vectors is None:
        if settings.freeze_vectors or settings.vectors_limit:
            raise SettingsError("freeze_vectors and vectors_limit need vectors")
        return None
    vectors = load_vectors(settings.vectors, limit=settings.vectors_limit)
    log(f"vectors: {len(vectors.rows):,} words of {vectors.dim} dimensions")
    log(f"  {describe_coverage('train', splits.train, vectors)}")
    log(f"  {describe_coverage('valid', splits.valid, vectors)}")
    return vectors
