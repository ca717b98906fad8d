"""Read the corpora and the word vectors that the settings name; notes on them go to the log."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from seqlab.catalogue.named_vectors import load_vectors
from seqlab.corpus.cache import Cache
from seqlab.corpus.splits import Splits, load_splits
from seqlab.encoding.coverage import describe_coverage
from seqlab.encoding.vectors import WordVectors
from seqlab.errors import SettingsError
from seqlab.experiment.named_corpus import with_named_corpus
from seqlab.experiment.sentence_weights import measures_of, weigh_splits
from seqlab.reporting.log import Log
from seqlab.settings.training import TrainSettings
from seqlab.storing.run_settings import reading_keywords

INSTALLED_SAMPLE = Path(__file__).parents[1] / "data"
CLONED_SAMPLE = Path(__file__).parents[2] / "data"


def sample_paths() -> dict[str, str]:
    """The files of the bundled sample, by the names of the splits."""
    folder = INSTALLED_SAMPLE if INSTALLED_SAMPLE.is_dir() else CLONED_SAMPLE
    return {part: str(folder / f"{part}.conll") for part in ("train", "valid", "test")}


def with_sample(settings: TrainSettings) -> TrainSettings:
    """The settings, with the files of --corpus, or the bundled sample when they name no corpus.

    Raises SettingsError when they name a validation or test corpus only, and as `with_named_corpus` does.
    """
    settings = with_named_corpus(settings)
    if settings.train is not None:
        return settings
    if settings.valid is not None or settings.test is not None:
        raise SettingsError("valid or test is given without train")
    paths = sample_paths()
    return replace(
        settings,
        train=paths["train"],
        valid=paths["valid"] if settings.valid_share is None else None,
        test=paths["test"] if settings.test_share is None and settings.folds is None else None,
    )


def read_splits(settings: TrainSettings, log: Log, *, known_tags: Iterable[str] = ()) -> Splits:
    """Read the corpora and multiply their sentence weights by the factors of the settings.

    known_tags: tags that the network has even if training lacks them.
    Raises UserError for a corpus that cannot be read, and as `weigh_splits` does.
    """
    cache = None
    if settings.cache is not None:  # it keeps the metadata that sentence weights read
        cache = Cache(folder=Path(settings.cache), measures=measures_of(settings), say=log)
    splits = load_splits(
        settings.train or "",
        settings.valid,
        settings.test,
        scheme=settings.scheme,
        valid_share=settings.valid_share,
        test_share=settings.test_share,
        folds=settings.folds,
        fold=settings.fold,
        seed=settings.seed,
        cache=cache,
        known_tags=known_tags,
        **reading_keywords(settings),
    )
    for note in splits.notes:
        log(f"note: {note}")
    splits, notes = weigh_splits(settings, splits)
    for note in notes:
        log(note)
    return replace(splits, notes=(*splits.notes, *notes))


def read_vectors(settings: TrainSettings, log: Log) -> WordVectors | None:
    """Read the word vectors, if the settings name any."""
    if settings.vectors is None:
        return None
    vectors = load_vectors(settings.vectors, limit=settings.vectors_limit, offline=settings.offline)
    log(f"vectors: {len(vectors.rows):,} words of {vectors.dim} dimensions")
    return vectors


def log_coverage(vectors: WordVectors, splits: Splits, log: Log) -> None:
    """Log how many words of training and validation the vectors cover."""
    log(f"  {describe_coverage('train', splits.arrays['train'], vectors)}")
    log(f"  {describe_coverage('valid', splits.arrays['valid'], vectors)}")
    if vectors.ngrams is not None:
        log("  unknown words get the vectors of their n-grams")
