"""Write one cache entry: a stream of sentences becomes files of arrays, batch by batch.

The text is read once. The scheme of the tags is known only after the last sentence. So the tags are
first written as they stand, and converted in a second pass over their ids.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from seqlab.annotations.span_report import SpanReport
from seqlab.arrays import AnyArray, DoubleArray, Int32Array
from seqlab.corpus.annotation_reading import span_figures
from seqlab.corpus.corpus_arrays import (
    BLOCK,
    NO_TAGS,
    CorpusArraysBuilder,
    SentenceMeasures,
    SymbolIds,
    count_ids,
    smallest_id_type,
)
from seqlab.corpus.format_detection import Format
from seqlab.corpus.mapped_arrays import map_file
from seqlab.corpus.reading import no_sentence
from seqlab.corpus.retag import Retagger, source_scheme
from seqlab.corpus.schemes import Scheme
from seqlab.corpus.sentence import Sentence
from seqlab.machine.checksums import file_sha256, text_sha256

META = "meta.json"
SPELLINGS = "spellings.json"
PLACE = re.compile(r"(.*:(?: record )?)(\d{1,18})", re.DOTALL)
RETAGGED = "retagged"  # tag ids after conversion, before they are shrunk
BATCH = 1 << 18  # tokens held as sentences at a time
SENTENCES = 1 << 16  # sentences whose tags are held at a time


@dataclass(frozen=True)
class ArrayFiles:
    """Arrays that grow at their end. Each is one file without a header.

    dtypes: by array name, its NumPy type.
    """

    folder: Path
    dtypes: dict[str, str] = field(default_factory=dict)

    def append(self, name: str, array: AnyArray) -> None:
        """Append numbers to the array of this name."""
        self.dtypes.setdefault(name, array.dtype.name)
        with (self.folder / name).open("ab") as file:
            file.write(array.tobytes())

    def read_int32(self, name: str, start: int, stop: int) -> Int32Array:
        """int32 (stop - start,): a part of an array of int32."""
        return np.fromfile(self.folder / name, np.int32, count=stop - start, offset=4 * start)

    def remove(self, name: str) -> None:
        """Remove the array of this name."""
        (self.folder / name).unlink()
        del self.dtypes[name]


def write_entry(
    folder: Path,
    sentences: Iterator[Sentence],
    *,
    path: str,
    format: Format,
    scheme: Scheme | None,
    measures: SentenceMeasures,
    features: Sequence[str],
    numbers: Sequence[str],
    skipped: Mapping[str, int],
    spans: SpanReport | None = None,
) -> None:
    """Write sentences, and the facts about them, into an empty directory.

    path, format: the corpus, and its format. scheme: the scheme to convert the tags to.
    measures: what to read from the metadata, by name.
    features, numbers: names of the features and of the numeric columns to keep.
    skipped, spans: counts that the reader fills in; they are complete once all sentences are read.
    Raises CorpusError when there is no sentence, and for tags that cannot be converted.
    """
    builder, files = CorpusArraysBuilder(measures, features, numbers), ArrayFiles(folder)
    place = write_sentences(files, sentences, builder, path=path)
    if not place:
        raise no_sentence(path)
    raw_ids = map_file(folder / RawTags.FILE, files.dtypes[RawTags.FILE])
    raw_counts = count_ids(raw_ids, len(builder.tags)).tolist()
    raw_tags = {tag: n for tag, n in zip(builder.tags, raw_counts, strict=True) if tag != NO_TAGS}
    facts = write_tags(RawTags(files, tuple(builder.tags), path=path, place=place), scheme)
    for kind, size in (("spelling", len(builder.spellings)), ("tag", len(facts["tags"]))):
        ids = map_file(folder / f"{kind}_ids", files.dtypes[f"{kind}_ids"])
        files.append(f"{kind}_counts", count_ids(ids, size))
    (folder / SPELLINGS).write_text(json.dumps(list(builder.spellings)), encoding="ascii")
    facts |= {
        "name": path,
        "place": place,
        "path": path,
        "format": format.value,
        "raw_tags": raw_tags,
        "arrays": files.dtypes,
        "measured": builder.measure_arrays,
    }
    facts["skipped"] = dict(skipped)
    facts["spans"] = None if spans is None else span_figures(spans)
    facts["numbers"] = builder.number_arrays
    facts["features"] = {
        name: {"array": array, "values": list(builder.features[name])}
        for name, array in builder.feature_arrays.items()
    }
    facts["files"] = {file: file_sha256(folder / file) for file in (*files.dtypes, SPELLINGS)}
    text = json.dumps(facts)
    seal = {"sha256": text_sha256(text), "facts": text}  # `cache.unsealed` reads it
    (folder / META).write_text(json.dumps(seal), encoding="ascii")


def write_sentences(
    files: ArrayFiles, sentences: Iterator[Sentence], builder: CorpusArraysBuilder, *, path: str
) -> str:
    """Write all arrays, the tags as they stand in the corpus. Returns what stands before the line in each source.

    path: the corpus. Where a source is not 'path:line', or the paths differ, the number of the sentence stands for
    the line. Returns '' if there is no sentence.
    """
    places: set[str] = set()
    tokens = 0
    files.append("offsets", np.zeros(1, np.int64))
    for batch in sentence_batches(sentences):
        arrays: dict[str, Any] = builder.take(batch)
        ends = tokens + np.cumsum(arrays.pop("lengths"))
        add_token_weights(files, arrays.pop("token_weights"), tokens, int(ends[-1]))
        arrays[RawTags.FILE] = arrays.pop("tag_ids")
        sources = [PLACE.fullmatch(sentence.source) for sentence in batch]
        lines = np.array([int(source[2]) if source else 0 for source in sources], np.int64)
        for array, numbers in {**arrays, "offsets": ends, "lines": lines}.items():
            files.append(array, numbers)
        places |= {source[1] if source else "" for source in sources}
        tokens = int(ends[-1])
    if len(places) == 1 and "" not in places:
        return places.pop()
    lines = np.fromfile(files.folder / "lines", np.int64) if places else np.zeros(0, np.int64)
    np.arange(1, len(lines) + 1, dtype=np.int64).tofile(files.folder / "lines")
    return f"{path}: sentence " if places else ""


def sentence_batches(sentences: Iterator[Sentence]) -> Iterator[list[Sentence]]:
    """Yield the sentences in lists of about `BATCH` tokens, none of them empty."""
    batch: list[Sentence] = []
    tokens = 0
    for sentence in sentences:
        batch.append(sentence)
        tokens += len(sentence)
        if tokens >= BATCH:
            yield batch
            batch, tokens = [], 0
    if batch:
        yield batch


def add_token_weights(files: ArrayFiles, weights: DoubleArray | None, start: int, end: int) -> None:
    """Append the weights of tokens `start` to `end`. The first weights bring 1s for all tokens before them."""
    name = "token_weights"
    if weights is None and name not in files.dtypes:
        return
    if name not in files.dtypes:
        for begin in range(0, start, BLOCK):
            files.append(name, np.ones(min(BLOCK, start - begin)))
    files.append(name, np.ones(end - start) if weights is None else weights)


class RawTags:
    """The tags as they stand in the corpus, read back block by block. `source_scheme` iterates over it."""

    FILE = "raw_tags"

    def __init__(
        self, files: ArrayFiles, symbols: tuple[str, ...], *, path: str, place: str
    ) -> None:
        self.files, self.symbols, self.path, self.place = files, symbols, path, place

    def __iter__(self) -> Iterator[Sentence]:
        """Yield the sentences without their tokens."""
        lines = np.fromfile(self.files.folder / "lines", np.int64)
        for number, tags in enumerate(self.tag_sequences()):
            yield Sentence(tokens=(), tags=tags, source=f"{self.place}{lines[number]}")

    def tag_sequences(self) -> Iterator[tuple[str, ...]]:
        """Yield the tags of each sentence."""
        offsets = np.fromfile(self.files.folder / "offsets", np.int64)
        for start in range(0, len(offsets) - 1, SENTENCES):
            bounds = offsets[start : start + SENTENCES + 1]
            ids = self.files.read_int32(self.FILE, int(bounds[0]), int(bounds[-1]))
            tags = [self.symbols[number] for number in ids.tolist()]
            for first, last in pairwise((bounds - bounds[0]).tolist()):
                yield tuple(tags[first:last])


def write_tags(raw: RawTags, wanted: Scheme | None) -> dict[str, Any]:
    """Write `tag_ids`: repaired, in the wanted scheme, in the smallest type. Returns facts about the tags."""
    scheme_notes: list[str] = []
    source = source_scheme(raw, wanted, scheme_notes)
    target = wanted or source
    symbols, notes, file, files = raw.symbols, list[str](), RawTags.FILE, raw.files
    if Scheme.PLAIN not in (source, target):
        symbols, notes = retag(raw, Retagger(source, target))
        files.remove(file)
        file = RETAGGED
    dtype, total = smallest_id_type(len(symbols)), (files.folder / file).stat().st_size // 4
    for start in range(0, total, BLOCK):
        block = files.read_int32(file, start, min(start + BLOCK, total))
        files.append("tag_ids", block.astype(dtype))
    files.remove(file)
    return {
        "tags": symbols,
        "source": source.value,
        "scheme_notes": scheme_notes,
        "tag_notes": notes,
    }


def retag(raw: RawTags, retagger: Retagger) -> tuple[tuple[str, ...], list[str]]:
    """Write the tags in another scheme as int32. Returns the distinct tags, and notes."""
    tag_ids = SymbolIds()
    block: list[int] = []
    for tags in raw.tag_sequences():
        block.extend(map(tag_ids.__getitem__, retagger.tags(tags)))
        if len(block) >= BLOCK:
            raw.files.append(RETAGGED, np.array(block, np.int32))
            block = []
    raw.files.append(RETAGGED, np.array(block, np.int32))
    return tuple(tag_ids), retagger.notes("train")
