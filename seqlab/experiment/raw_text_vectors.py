"""Word vectors that are trained on raw text (--raw-text), from random or given vectors, and kept in a cache."""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from seqlab.catalogue.named_vectors import vectors_location
from seqlab.encoding.raw_text import RawText
from seqlab.encoding.vectors import WordVectors
from seqlab.encoding.word_clusters import WordClusters
from seqlab.errors import SettingsError, VectorsError
from seqlab.experiment.clustering import cluster_words
from seqlab.experiment.identity import corpus_sha256
from seqlab.experiment.vector_training import LONGEST, continue_model, train_model, vectors_of
from seqlab.machine.atomic import atomic_file
from seqlab.machine.checksums import text_sha256
from seqlab.reporting.log import Log
from seqlab.settings.training import TrainSettings
from seqlab.settings.vectors import VectorSettings

VERSION = 1  # of the cache: it changes with the training
CACHE = ".raw-text"  # directory of the cache, beside the run


@dataclass(frozen=True)
class WordKnowledge:
    """Vectors and clusters of words, before the network is trained; each None if the settings ask for none."""

    vectors: WordVectors | None
    clusters: WordClusters | None = None


def with_raw_text(settings: TrainSettings, given: WordVectors | None, log: Log) -> WordKnowledge:
    """The vectors and clusters that the network reads.

    given: the vectors of --vectors; words outside the text of --raw-text keep them.
    """
    if settings.raw_text is None:
        return WordKnowledge(given)
    text = text_vectors(settings, given, log)
    clusters = cluster_words(text) if "clusters" in settings.raw_text_use else None
    if "vectors" not in settings.raw_text_use:
        return WordKnowledge(given, clusters)
    return WordKnowledge(text if given is None else moved(given, text), clusters)


def text_vectors(settings: TrainSettings, given: WordVectors | None, log: Log) -> WordVectors:
    """The vectors of the words of --raw-text, from a cache or trained. They depend on the text and `given` alone.

    given: the vectors of --vectors, from which the training starts; None without them.
    Raises UserError for a text that cannot be read or has no frequent word, and for a fastText model.
    """
    if given is not None and given.ngrams is not None:
        raise SettingsError(
            f"raw_text is given, but {settings.vectors} is a fastText model, which cannot be trained further: "
            "give a file of word vectors, or none"
        )
    path = cache_path(settings, given)
    vectors = read_cache(path)
    if vectors is not None:
        log(f"raw text: {len(vectors.rows):,} words of {vectors.dim} dimensions, from {path}")
        return vectors
    start = time.monotonic()
    log(f"raw text: training word vectors on {settings.raw_text}")
    vectors, words = train_on_text(settings, given)
    seconds = time.monotonic() - start
    if path is not None:
        write_cache(path, vectors)
    log(
        f"raw text: {len(vectors.rows):,} words of {vectors.dim} dimensions, from {words:,} words of text, "
        f"in {seconds:.0f} s"
    )
    return vectors


def train_on_text(settings: TrainSettings, given: WordVectors | None) -> tuple[WordVectors, int]:
    """The vectors of the words that occur often enough, most frequent first, and the number of words in the text."""
    dim = settings.word_dim if given is None else given.dim
    options = VectorSettings(dim=dim, workers=1)  # one thread gives the same numbers each time
    text = RawText(
        (settings.raw_text or "",),
        format="text",
        tokenized=settings.tokenized,
        normalised=given is None or not has_capitals(given),
        encoding=settings.encoding,
        longest=LONGEST,
    )
    try:
        model = (
            train_model(text, options) if given is None else continue_model(text, options, given)
        )
    except VectorsError:  # of options that `seqlab train` does not have
        raise VectorsError(
            f"{settings.raw_text}: no word occurs {options.min_count} times; give a longer text"
        ) from None
    if text.error is not None:
        raise text.error
    return vectors_of(model), text.words


def has_capitals(vectors: WordVectors) -> bool:
    """Whether some word of a file has a capital letter."""
    return any(word != word.lower() for word in vectors.rows)


def moved(given: WordVectors, text: WordVectors) -> WordVectors:
    """The given vectors, in which the words of the text have the vectors from the text; new words are added."""
    others = [word for word in given.rows if word not in text.rows]
    rows = {word: number for number, word in enumerate([*text.rows, *others])}
    return WordVectors(rows, np.concatenate([text.vectors, given.table(others)]))


def cache_path(settings: TrainSettings, given: WordVectors | None) -> Path | None:
    """The file of the cache: in the directory --cache, else beside the run; None without either."""
    if settings.cache is not None:
        directory = Path(settings.cache)
    elif settings.out is not None:
        directory = Path(settings.out).parent / CACHE
    else:
        return None
    parts = {
        "version": VERSION,
        "text": corpus_sha256(settings.raw_text or ""),
        "tokenized": settings.tokenized,
        "encoding": settings.encoding,
        "language": settings.language,
        "dim": settings.word_dim if given is None else given.dim,
        "limit": settings.vectors_limit,
        "vectors": corpus_sha256(vectors_location(settings.vectors)) if settings.vectors else None,
    }
    return directory / f"raw-text-{text_sha256(json.dumps(parts))[:16]}.npz"


def read_cache(path: Path | None) -> WordVectors | None:
    """The vectors in a file of the cache; None if there is none, or it is damaged."""
    if path is None or not path.is_file():
        return None
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            words = arrays["words"].tobytes().decode("utf-8").split("\n")
            vectors = arrays["vectors"]
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return None
    if vectors.dtype != np.float32 or vectors.ndim != 2 or len(vectors) != len(words):
        return None
    return WordVectors({word: row for row, word in enumerate(words)}, vectors)


def write_cache(path: Path, vectors: WordVectors) -> None:
    """Write vectors into the cache. Raises VectorsError if that is impossible."""
    words = np.frombuffer("\n".join(vectors.rows).encode("utf-8"), np.uint8)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_file(path, overwrite=True) as pending, pending.temporary.open("wb") as file:
            np.savez(file, words=words, vectors=vectors.vectors)
    except OSError as error:
        raise VectorsError(f"{path}: cannot be written: {error.strerror or error}") from error
