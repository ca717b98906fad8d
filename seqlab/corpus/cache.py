"""Keep the training corpus on disk as arrays. It is read once; later runs map the arrays into memory.

A cache entry is a directory. Its name depends on the contents of the corpus files and on how they are read.
The directory appears when it is complete. A damaged entry is made again. `cache_writing.py` writes entries.
"""

import json
import os
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from io import BufferedReader
from pathlib import Path
from typing import Any, cast

from seqlab.annotations.span_report import SpanReport
from seqlab.corpus.annotation_reading import span_report_of
from seqlab.corpus.cache_writing import META, SPELLINGS, write_entry
from seqlab.corpus.checks.facts import CorpusFacts
from seqlab.corpus.checks.finding import notes_or_error
from seqlab.corpus.checks.reading_checks import corpus_findings
from seqlab.corpus.corpus_arrays import CorpusArrays, FeatureArray, LazySentences, SentenceMeasures
from seqlab.corpus.format_detection import ANNOTATION_FORMATS, Format
from seqlab.corpus.mapped_arrays import map_file
from seqlab.corpus.parallel import LABEL, is_tokens_name, tags_path, tokens_path
from seqlab.corpus.reading import stream_corpus
from seqlab.corpus.reading_options import ReadingOptions
from seqlab.corpus.schemes import Scheme
from seqlab.corpus.sentence import Sentence
from seqlab.errors import CorpusError, UserError
from seqlab.machine.atomic import atomic_directory, remove_leftovers
from seqlab.machine.checksums import file_sha256, stream_sha256, text_sha256
from seqlab.machine.locks import file_lock
from seqlab.text.lines import open_corpus

VERSION = 6
BRAT_PAIR = (".txt", ".ann")
NAME = 80  # characters of the corpus name at the start of an entry name


@dataclass(frozen=True, kw_only=True)
class Cache:
    """Where to keep cached corpora.

    measures: values to read from the metadata of each sentence. An entry is found again by their names, so
        a name must say which value of which field it stands for.
    say: receives one line: the corpus was found, or it was read.
    """

    folder: Path
    measures: SentenceMeasures = field(default_factory=dict)
    say: Callable[[str], None] = lambda text: None


@dataclass(frozen=True, kw_only=True)
class TrainingCorpus:
    """A training corpus, its tags repaired and in the target scheme.

    sentences: in memory, or built when accessed. skipped: counts of what the reader skipped.
    source: the scheme of the file.
    scheme_notes, tag_notes, check_notes: notes for the user on the scheme, on the tags, and from the checks.
    spans: what became of the spans of an annotation tool's file; None for files of tokens.
    """

    sentences: Sequence[Sentence]
    skipped: Mapping[str, int]
    source: Scheme
    scheme_notes: tuple[str, ...]
    tag_notes: tuple[str, ...]
    spans: SpanReport | None = None
    check_notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CacheEntry:
    """What an entry holds: the corpus, and what the checks need.

    path, format: of the file. tag_counts: tokens with each tag, as the file has them.
    """

    corpus: TrainingCorpus
    path: str
    format: Format
    tag_counts: Mapping[str, int]


def cached_corpus(
    path: str | Path,
    cache: Cache,
    *,
    options: ReadingOptions,
    scheme: Scheme | None,
) -> TrainingCorpus:
    """Return the training corpus of a path: from the cache, or read and put there.

    options: as in `stream_corpus`. scheme: the scheme to convert the tags to.
    Raises CorpusError for a file that cannot be read, and UserError when the cache cannot be written.
    """
    facts = {
        "version": VERSION,
        "path": str(path),
        "files": file_checksums(path),
        "options": asdict(replace(options, accept=())),
        "scheme": None if scheme is None else scheme.value,
        "measured": list(cache.measures),
    }
    key = text_sha256(json.dumps(facts, default=sorted))[:16]  # token rules have sets
    entry = cache.folder / f"{Path(path).name.split('.')[0][:NAME]}-{key}"
    with entry_lock(entry):
        kept = load_or_remove(entry, cache.say)
        if kept is not None:
            return with_checks(kept, options, scheme)
        start = time.perf_counter()
        remove_leftovers(entry.parent, entry.name)
        with atomic_directory(entry) as pending:
            skipped: Counter[str] = Counter()
            spans = SpanReport()
            known, sentences = stream_corpus(path, options, notes=skipped, spans=spans)
            write_entry(
                pending.temporary,
                sentences,
                path=str(path),
                format=known,
                scheme=scheme,
                measures=cache.measures,
                features=tuple(options.columns.features),
                numbers=tuple(options.columns.numbers),
                skipped=skipped,
                spans=spans if known in ANNOTATION_FORMATS else None,
            )
        seconds = time.perf_counter() - start
        cache.say(f"cache: the training corpus was read into {entry} in {seconds:.1f} s")
        return with_checks(load_entry(pending.path), options, scheme)


def with_checks(
    entry: CacheEntry, options: ReadingOptions, scheme: Scheme | None
) -> TrainingCorpus:
    """Return the corpus of an entry, with the notes of the checks. They read the counts of the entry.

    Raises CorpusError when a check stops.
    """
    facts = CorpusFacts(
        path=entry.path,
        format=entry.format,
        options=options,
        sentences=entry.corpus.sentences,
        tag_counts=entry.tag_counts,
        scheme=scheme,
        training=True,
    )
    notes = notes_or_error(corpus_findings(facts), options.accept)
    return replace(entry.corpus, check_notes=tuple(notes))


def load_or_remove(entry: Path, say: Callable[[str], None]) -> CacheEntry | None:
    """Load an entry. Returns None if there is no entry, or a damaged entry, which is removed."""
    if not os.path.lexists(entry):
        return None
    fault = damage(entry)
    if fault is None:
        say(f"cache: the training corpus was found at {entry}")
        return load_entry(entry)
    say(f"cache: {entry} is damaged ({fault}); it is made again")
    if entry.is_dir() and not entry.is_symlink():
        shutil.rmtree(entry)
    else:
        entry.unlink()
    return None


def file_checksums(path: str | Path) -> dict[str, str]:
    """Return the sha256 of each file that a corpus is read from, by its path below the corpus."""
    folder = Path(path) if Path(path).is_dir() else Path(path).parent
    return {str(file.relative_to(folder)): corpus_checksum(file) for file in corpus_files(path)}


def corpus_files(path: str | Path) -> list[Path]:
    """Return the files that a corpus is read from.

    They are all files of a folder that does not hold parallel files, and the .txt beside an .ann.
    """
    path = Path(path)
    if path.is_dir() and not any(is_tokens_name(file.name) for file in path.iterdir()):
        return sorted(file for file in path.rglob("*") if file.is_file())
    if path.suffix in BRAT_PAIR:
        pair = (path.with_suffix(suffix) for suffix in BRAT_PAIR)
        return [file for file in pair if file.is_file()]
    if not path.is_dir() and not is_tokens_name(path.name):
        return [path]
    tokens = tokens_path(path)
    beside = (tags_path(tokens), tokens.with_name(LABEL))
    return [tokens, *(file for file in beside if file.is_file())]


def corpus_checksum(file: Path) -> str:
    """Return the sha256 of a corpus file. Raises CorpusError for one that cannot be opened or read twice."""
    if file.exists() and not file.is_file():
        raise CorpusError("not a regular file; a cache needs one", path=str(file))
    with cast(BufferedReader, open_corpus(file)) as stream:
        return stream_sha256(stream)


@contextmanager
def entry_lock(entry: Path) -> Iterator[None]:
    """Hold the lock of an entry; waits while another process checks or makes it. Raises UserError for an OSError."""
    try:
        entry.parent.mkdir(parents=True, exist_ok=True)
        with file_lock(entry.with_name(f".{entry.name}.lock"), wait=True):
            yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UserError(f"{entry}: the cache can't be written: {reason}") from None


def damage(entry: Path) -> str | None:
    """Compare each file of an entry with its checksum. Returns what is wrong, or None."""
    try:
        for name, expected in unsealed(entry)["files"].items():
            if file_sha256(entry / name) != expected:
                return f"{name} is not what was written"
    except OSError as error:
        return f"{(error.strerror or str(error)).lower()}: {Path(error.filename or entry).name}"
    except (ValueError, KeyError, TypeError, RecursionError):
        return f"{META} is not what was written"
    return None


def unsealed(entry: Path) -> dict[str, Any]:
    """Return the facts of an entry. Raises ValueError when their checksum does not match."""
    seal = json.loads((entry / META).read_text(encoding="ascii"))
    if text_sha256(seal["facts"]) != seal["sha256"]:
        raise ValueError
    facts: dict[str, Any] = json.loads(seal["facts"])
    return facts


def load_entry(entry: Path) -> CacheEntry:
    """Load an undamaged entry."""
    meta = unsealed(entry)
    dtypes = meta["arrays"].items()
    arrays: dict[str, Any] = {name: map_file(entry / name, dtype) for name, dtype in dtypes}
    corpus = CorpusArrays(
        spellings=tuple(json.loads((entry / SPELLINGS).read_text(encoding="ascii"))),
        tags=tuple(meta["tags"]),
        measured={name: arrays.pop(file) for name, file in meta["measured"].items()},
        numbers={name: arrays.pop(file) for name, file in meta["numbers"].items()},
        features={
            name: FeatureArray(values=tuple(feature["values"]), ids=arrays.pop(feature["array"]))
            for name, feature in meta["features"].items()
        },
        name=meta["name"],
        place=meta["place"],
        **arrays,  # the other arrays have the names of the fields
    )
    training = TrainingCorpus(
        sentences=LazySentences(corpus),
        skipped=meta["skipped"],
        source=Scheme(meta["source"]),
        scheme_notes=tuple(meta["scheme_notes"]),
        tag_notes=tuple(meta["tag_notes"]),
        spans=None if meta["spans"] is None else span_report_of(meta["spans"]),
    )
    return CacheEntry(
        corpus=training,
        path=meta["path"],
        format=Format(meta["format"]),
        tag_counts=meta["raw_tags"],
    )
