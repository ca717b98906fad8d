"""One entry of the cache: a stream of sentences written as arrays, part by part.

The text is read once. What the tags are written in is known only when all of them have been seen, so
they are brought into their scheme in a second pass, over their numbers.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from seqlab.arrays import AnyArray, DoubleArray, Int32Array
from seqlab.corpus.corpus_arrays import (
    BLOCK,
    CorpusArraysBuilder,
    SentenceMeasures,
    SymbolIds,
    smallest_id_type,
)
from seqlab.corpus.reading import no_sentence
from seqlab.corpus.retag import Retagger, source_scheme
from seqlab.corpus.schemes import Scheme
from seqlab.corpus.sentence import Sentence
from seqlab.machine.checksums import file_sha256, text_sha256

META = "meta.json"
SPELLINGS = "spellings.json"
PART = 1 << 18  # tokens that are held as sentences at one time
SENTENCES = 1 << 16  # whose tags are held at one time


class Arrays(ExitStack):
    """Arrays that grow at their end, each a file of its own, without a header.

    kinds: by name, what numbers the file holds.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.kinds: dict[str, str] = {}
        self.streams: dict[str, BinaryIO] = {}

    def append(self, name: str, array: AnyArray) -> None:
        """Write numbers behind those that the array has already."""
        if name not in self.streams:
            self.streams[name] = self.enter_context((self.folder / name).open("wb"))
            self.kinds[name] = array.dtype.name
        self.streams[name].write(array.tobytes())


def write_entry(
    folder: Path,
    sentences: Iterator[Sentence],
    *,
    path: str,
    scheme: Scheme | None,
    measures: SentenceMeasures,
    features: Sequence[str],
    skipped: Mapping[str, int],
) -> None:
    """Write sentences, and what is known of them, into an empty directory.

    path: of the corpus. scheme: what to convert the tags to. measures: what to measure, by name.
    features: the names of those that the sentences have.
    skipped: what the reader skips; looked at when the sentences have been read.
    Raises CorpusError when there is no sentence, and for tags that can't be converted.
    """
    files = {name: f"measured-{number}" for number, name in enumerate(measures)}
    measured = {files[name]: measure for name, measure in measures.items()}
    numbering = CorpusArraysBuilder(measured, features)
    with Arrays(folder) as arrays:
        name = write_sentences(arrays, sentences, numbering)
    if not name:
        raise no_sentence(path)
    raw = RawTags(folder, tuple(numbering.tags), path=path, name=name)
    facts = write_tags(raw, scheme)
    (folder / SPELLINGS).write_text(json.dumps(list(numbering.spellings)), encoding="ascii")
    kinds = arrays.kinds | {"tag_ids": facts.pop("kind")}
    del kinds[RawTags.FILE]
    facts |= {"name": name, "arrays": kinds, "measured": files, "skipped": dict(skipped)}
    facts["features"] = {
        name: {"array": array, "values": list(numbering.features[name])}
        for name, array in numbering.feature_arrays.items()
    }
    facts["files"] = {file: file_sha256(folder / file) for file in (*kinds, SPELLINGS)}
    (folder / META).write_text(sealed(facts), encoding="ascii")


def sealed(facts: Mapping[str, Any]) -> str:
    """Facts with the checksum of their text, as `unsealed` of `cache.py` takes them."""
    text = json.dumps(facts)
    return json.dumps({"sha256": text_sha256(text), "facts": text})


def write_sentences(
    arrays: Arrays, sentences: Iterator[Sentence], numbering: CorpusArraysBuilder
) -> str:
    """Write all arrays, the tags as they stand in the file. Returns the file's name in `source`."""
    name, tokens = "", 0
    arrays.append("offsets", np.zeros(1, np.int64))
    for part in sentence_batches(sentences):
        found: dict[str, Any] = numbering.take(part)
        ends = tokens + np.cumsum(found.pop("lengths"))
        append_token_weights(arrays, found.pop("token_weights"), tokens, int(ends[-1]))
        found[RawTags.FILE] = found.pop("tag_ids")
        sources = [sentence.source.rpartition(":") for sentence in part]
        lines = np.array([int(line) for _, _, line in sources], np.int64)
        for array, numbers in {**found, "offsets": ends, "lines": lines}.items():
            arrays.append(array, numbers)
        name, tokens = sources[0][0], int(ends[-1])
    return name


def sentence_batches(sentences: Iterator[Sentence]) -> Iterator[list[Sentence]]:
    """The sentences in lists of about `PART` tokens, none of them empty."""
    part: list[Sentence] = []
    tokens = 0
    for sentence in sentences:
        part.append(sentence)
        tokens += len(sentence)
        if tokens >= PART:
            yield part
            part, tokens = [], 0
    if part:
        yield part


def append_token_weights(
    arrays: Arrays, weights: DoubleArray | None, start: int, stop: int
) -> None:
    """Write the weights of the tokens from `start` to `stop`: 1 where there are none but elsewhere are."""
    name = "token_weights"
    if weights is None and name not in arrays.kinds:
        return
    if name not in arrays.kinds:
        for begin in range(0, start, BLOCK):
            arrays.append(name, np.ones(min(BLOCK, start - begin)))
    arrays.append(name, np.ones(stop - start) if weights is None else weights)


class RawTags:
    """The tags as they stand in the corpus, read back a block at a time; what `source_scheme` reads."""

    FILE = "raw_tags"

    def __init__(self, folder: Path, symbols: tuple[str, ...], *, path: str, name: str) -> None:
        self.folder, self.symbols, self.path, self.name = folder, symbols, path, name

    def __iter__(self) -> Iterator[Sentence]:
        """The sentences without their tokens."""
        lines = np.fromfile(self.folder / "lines", np.int64)
        for number, tags in enumerate(self.lists()):
            yield Sentence(tokens=(), tags=tags, source=f"{self.name}:{lines[number]}")

    def lists(self) -> Iterator[tuple[str, ...]]:
        """The tags of every sentence."""
        offsets = np.fromfile(self.folder / "offsets", np.int64)
        for start in range(0, len(offsets) - 1, SENTENCES):
            bounds = offsets[start : start + SENTENCES + 1]
            ids = self.block(int(bounds[0]), int(bounds[-1]))
            tags = [self.symbols[number] for number in ids.tolist()]
            for first, last in pairwise((bounds - bounds[0]).tolist()):
                yield tuple(tags[first:last])

    def block(self, start: int, stop: int) -> Int32Array:
        """int32 (stop - start,): the numbers of some tokens' tags."""
        return numbers_of(self.folder / self.FILE, start, stop)


def numbers_of(file: Path, start: int, stop: int) -> Int32Array:
    """Some of the numbers of a file of int32."""
    return np.fromfile(file, np.int32, count=stop - start, offset=4 * start)


def write_tags(raw: RawTags, wanted: Scheme | None) -> dict[str, Any]:
    """Write the tags, mended and in the wanted scheme, and say what was noticed in them."""
    scheme_notes: list[str] = []
    source = source_scheme(raw, wanted, scheme_notes)
    target = wanted or source
    symbols, notes, file = raw.symbols, list[str](), raw.folder / RawTags.FILE
    if Scheme.PLAIN not in (source, target):
        symbols, notes = retag(raw, Retagger(source, target))
        file.unlink()
        file = raw.folder / RETAGGED
    kind = shrink(file, raw.folder, smallest_id_type(len(symbols)))
    file.unlink()
    return {
        "tags": symbols,
        "kind": kind,
        "source": source.value,
        "scheme_notes": scheme_notes,
        "tag_notes": notes,
    }


RETAGGED = "retagged"


def retag(raw: RawTags, retagger: Retagger) -> tuple[tuple[str, ...], list[str]]:
    """Write the tags in another scheme as int32. Returns their symbols, and notes."""
    numbers = SymbolIds()
    with Arrays(raw.folder) as arrays:
        block: list[int] = []
        for tags in raw.lists():
            block.extend(map(numbers.__getitem__, retagger.tags(tags)))
            if len(block) >= BLOCK:
                arrays.append(RETAGGED, np.array(block, np.int32))
                block = []
        arrays.append(RETAGGED, np.array(block, np.int32))
    return tuple(numbers), retagger.notes("train")


def shrink(file: Path, folder: Path, kind: type[np.integer[Any]]) -> str:
    """Write the int32 of a file as `tag_ids`, in a smaller kind, whose name is returned."""
    with Arrays(folder) as arrays:
        total = file.stat().st_size // 4
        for start in range(0, total, BLOCK):
            block = numbers_of(file, start, min(start + BLOCK, total))
            arrays.append("tag_ids", block.astype(kind))
    return arrays.kinds["tag_ids"]
