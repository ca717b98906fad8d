"""A corpus on disk as numbers: read once, in memory that does not grow with it, and mapped from then on.

An entry of the cache is a directory, named after what the corpus files hold and how they are read.
It appears when it is whole; one that is damaged is made again. How it is written: `cache_writing.py`.
"""

import json
import os
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from io import BufferedReader
from pathlib import Path
from typing import Any, cast

from seqlab.corpus.cache_writing import META, SPELLINGS, write_entry
from seqlab.corpus.chosen_columns import ChosenColumns
from seqlab.corpus.corpus_arrays import (
    CorpusArrays,
    FeatureArray,
    LazySentences,
    SentenceMeasures,
)
from seqlab.corpus.lines import open_corpus
from seqlab.corpus.mapped_arrays import map_file
from seqlab.corpus.parallel import LABEL, is_tokens_name, tags_path, tokens_path
from seqlab.corpus.reading import Format, stream_corpus
from seqlab.corpus.schemes import Scheme
from seqlab.corpus.sentence import Sentence
from seqlab.errors import CorpusError, UserError
from seqlab.machine.atomic import atomic_directory, remove_leftovers
from seqlab.machine.checksums import file_sha256, stream_sha256, text_sha256
from seqlab.machine.locks import file_lock

VERSION = 4
NAME = 80  # characters of a corpus's name that an entry's begins with


@dataclass(frozen=True, kw_only=True)
class Cache:
    """Where cached corpora are kept.

    measures: what is measured of each sentence, by names that say what is measured of what.
    say: gets a line about whether the corpus was found.
    """

    folder: Path
    measures: SentenceMeasures = field(default_factory=dict)
    say: Callable[[str], None] = lambda text: None


@dataclass(frozen=True, kw_only=True)
class TrainingCorpus:
    """A training corpus, its tags mended and in the target scheme.

    sentences: in memory, or made when they are asked for. skipped: what the reader skipped.
    source: the scheme that the file is written in.
    scheme_notes, tag_notes: what a person should know of the scheme, and of the tags.
    """

    sentences: Sequence[Sentence]
    skipped: Mapping[str, int]
    source: Scheme
    scheme_notes: tuple[str, ...]
    tag_notes: tuple[str, ...]


def cached_corpus(
    path: str | Path,
    cache: Cache,
    *,
    format: Format | str | None,
    columns: ChosenColumns,
    scheme: Scheme | None,
) -> TrainingCorpus:
    """The training corpus at a path: found in the cache, or read and put there.

    format, columns: of the file, as `stream_corpus` has them. scheme: what to convert the tags to.
    Raises CorpusError for what can't be read, UserError when the cache can't be written.
    """
    facts = {
        "version": VERSION,
        "path": str(path),
        "files": {file.name: checksum_of(file) for file in corpus_files(path)},
        "format": None if format is None else str(format),
        "columns": asdict(columns),
        "scheme": None if scheme is None else scheme.value,
        "measured": list(cache.measures),
    }
    key = text_sha256(json.dumps(facts))[:16]
    place = cache.folder / f"{Path(path).name.split('.')[0][:NAME]}-{key}"
    with told(place), alone(place):
        found = whole(place, cache.say)
        return found or made(place, path, cache, format=format, columns=columns, scheme=scheme)


def whole(place: Path, say: Callable[[str], None]) -> TrainingCorpus | None:
    """The entry at a place; one that is damaged is removed."""
    if not os.path.lexists(place):
        return None
    fault = damage(place)
    if fault is None:
        say(f"cache: the training corpus was found at {place}")
        return load_entry(place)
    say(f"cache: {place} is damaged ({fault}); it is made again")
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    else:
        place.unlink()
    return None


def made(
    place: Path,
    path: str | Path,
    cache: Cache,
    *,
    format: Format | str | None,
    columns: ChosenColumns,
    scheme: Scheme | None,
) -> TrainingCorpus:
    """The entry, read from the corpus and put at its place."""
    start = time.perf_counter()
    remove_leftovers(place.parent, place.name)
    with atomic_directory(place) as pending:
        skipped: Counter[str] = Counter()
        _, sentences = stream_corpus(path, format=format, columns=columns, notes=skipped)
        write_entry(
            pending.temporary,
            sentences,
            path=str(path),
            scheme=scheme,
            measures=cache.measures,
            features=tuple(columns.features),
            skipped=skipped,
        )
    seconds = time.perf_counter() - start
    cache.say(f"cache: the training corpus was read into {place} in {seconds:.1f} s")
    return load_entry(pending.path)


def corpus_files(path: str | Path) -> list[Path]:
    """The files that a corpus is read from."""
    place = Path(path)
    if not place.is_dir() and not is_tokens_name(place.name):
        return [place]
    tokens = tokens_path(place)
    beside = (tags_path(tokens), tokens.with_name(LABEL))
    return [tokens, *(file for file in beside if file.is_file())]


def checksum_of(file: Path) -> str:
    """The sha256 of a corpus file. Raises CorpusError when it can't be opened, or read twice."""
    if file.exists() and not file.is_file():
        raise CorpusError("no regular file; expected one where there is a cache", path=str(file))
    with cast(BufferedReader, open_corpus(file)) as stream:
        return stream_sha256(stream)


@contextmanager
def told(place: Path) -> Iterator[None]:
    """Within it, what the operating system says against the cache is the user's to mend."""
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UserError(f"{place}: the cache can't be written: {reason}") from None


@contextmanager
def alone(place: Path) -> Iterator[None]:
    """Wait until no other process looks at this entry or makes it."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with file_lock(place.with_name(f".{place.name}.lock"), wait=True):
        yield


def damage(place: Path) -> str | None:
    """What is wrong with an entry, or None: each file is compared with its checksum."""
    try:
        for name, expected in unsealed(place)["files"].items():
            if file_sha256(place / name) != expected:
                return f"{name} is not what was written"
    except OSError as error:
        return f"{(error.strerror or str(error)).lower()}: {Path(error.filename or place).name}"
    except (ValueError, KeyError, TypeError, RecursionError):
        return f"{META} is not what was written"
    return None


def unsealed(place: Path) -> dict[str, Any]:
    """The facts of an entry. Raises ValueError when they are not those that were written."""
    seal = json.loads((place / META).read_text(encoding="ascii"))
    if text_sha256(seal["facts"]) != seal["sha256"]:
        raise ValueError
    facts: dict[str, Any] = json.loads(seal["facts"])
    return facts


def load_entry(place: Path) -> TrainingCorpus:
    """An entry whose files are whole."""
    meta = unsealed(place)
    arrays: dict[str, Any] = {
        name: map_file(place / name, dtype) for name, dtype in meta["arrays"].items()
    }
    numbers = CorpusArrays(
        spellings=tuple(json.loads((place / SPELLINGS).read_text(encoding="ascii"))),
        spelling_ids=arrays["spelling_ids"],
        spelling_counts=arrays["spelling_counts"],
        tags=tuple(meta["tags"]),
        tag_ids=arrays["tag_ids"],
        tag_counts=arrays["tag_counts"],
        offsets=arrays["offsets"],
        weights=arrays["weights"],
        token_weights=arrays.get("token_weights"),
        measured={name: arrays[file] for name, file in meta["measured"].items()},
        features={
            name: FeatureArray(values=tuple(found["values"]), ids=arrays[found["array"]])
            for name, found in meta["features"].items()
        },
        lines=arrays["lines"],
        name=meta["name"],
    )
    return TrainingCorpus(
        sentences=LazySentences(numbers),
        skipped=meta["skipped"],
        source=Scheme(meta["source"]),
        scheme_notes=tuple(meta["scheme_notes"]),
        tag_notes=tuple(meta["tag_notes"]),
    )
