"""One way in and one way out for corpora of every format."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, overload

from seqlab.corpus.chosen_columns import (
    ChosenColumns,
    ColumnRef,
    conll_column_index,
    is_index,
    json_key,
    refuse_columns,
)
from seqlab.corpus.conll import read_conll
from seqlab.corpus.conllu import read_conllu
from seqlab.corpus.format_detection import Format, detect_format, parse_format, peeked
from seqlab.corpus.jsonl import read_jsonl
from seqlab.corpus.lines import NumberedLines, numbered_lines
from seqlab.corpus.parallel import (
    read_parallel,
    read_token_lines,
)
from seqlab.corpus.sentence import Sentence
from seqlab.errors import CorpusError, SettingsError
from seqlab.machine.files import as_path, is_directory

__all__ = [
    "Corpus",
    "Format",
    "detect_format",
    "iterate_sentences",
    "no_sentence",
    "parse_format",
    "read_corpus",
    "read_sentences",
    "stream_corpus",
]


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """A corpus that has been read: a sequence of its sentences.

    sentences: in the order of the file.
    path, format: where they came from.
    notes: what was skipped, 'multiword ranges skipped': 2614.
    """

    sentences: tuple[Sentence, ...]
    path: str
    format: Format
    notes: Mapping[str, int]

    def __iter__(self) -> Iterator[Sentence]:
        return iter(self.sentences)

    def __len__(self) -> int:
        return len(self.sentences)

    @overload
    def __getitem__(self, index: int) -> Sentence: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Sentence, ...]: ...
    def __getitem__(self, index: int | slice) -> Sentence | tuple[Sentence, ...]:
        return self.sentences[index]


def read_corpus(
    path: str | Path,
    *,
    format: Format | str | None = None,
    token_column: ColumnRef | None = None,
    tag_column: ColumnRef | None = None,
    token_weight_column: ColumnRef | None = None,
    feature_columns: Mapping[str, ColumnRef] | None = None,
    tagged: bool = True,
) -> Corpus:
    """Read a whole corpus into memory.

    path: a file, gzip or not; for parallel files their directory, or the `X.in`.
    format: found in the file unless given.
    token_column, tag_column: index from 0 (conll: first and last unless told), a name or index
    (conllu: FORM and UPOS), or a key (jsonl: tokens and tags).
    token_weight_column: index, of conll alone; jsonl has its weights under 'token_weights'.
    feature_columns: by the name of a feature its column: an index, a name or FEATS key, or a key; an
    index, which JSON lines lack, is there the key of the feature's own name.
    tagged: False reads tokens alone.
    Raises CorpusError for what can't be read and for a corpus without a sentence, SettingsError
    for a format or column that does not exist.
    """
    notes: Counter[str] = Counter()
    columns = ChosenColumns(
        token=token_column,
        tag=tag_column,
        weight=token_weight_column,
        features=feature_columns or {},
    )
    known, sentences = stream_corpus(
        path, format=format, columns=columns, tagged=tagged, notes=notes
    )
    found = tuple(sentences)
    if not found:
        raise no_sentence(path)
    return Corpus(
        sentences=found, path=str(path), format=known, notes=MappingProxyType(dict(notes))
    )


def stream_corpus(
    path: str | Path,
    *,
    format: Format | str | None,
    columns: ChosenColumns,
    tagged: bool = True,
    notes: Counter[str],
) -> tuple[Format, Iterator[Sentence]]:
    """The format of a corpus and its sentences, read as they are asked for.

    notes: counts what was skipped, while reading.
    """
    as_path(path, "a corpus")
    known = None if format is None else parse_format(format)
    if known is Format.PARALLEL or (known is None and is_directory(Path(path))):
        return Format.PARALLEL, _read_parallel(path, columns, tagged, notes)
    known, lines = peeked(numbered_lines(path), str(path), known)
    if known is Format.PARALLEL:
        return known, _read_parallel(path, columns, tagged, notes)
    return known, read_sentences(
        lines, name=str(path), format=known, columns=columns, tagged=tagged, notes=notes
    )


def format_of(path: str | Path) -> Format:
    """The format of a corpus, found by looking. Raises CorpusError for what can't be read."""
    if is_directory(as_path(path, "a corpus")):
        return Format.PARALLEL
    found, _ = peeked(numbered_lines(path), str(path), None)
    return found


def no_sentence(path: str | Path) -> CorpusError:
    """What is wrong with an empty corpus."""
    return CorpusError("there is no sentence in this corpus", path=str(path))


def iterate_sentences(
    source: BinaryIO,
    *,
    name: str,
    format: Format | str | None,
    token_column: ColumnRef | None = None,
    tag_column: ColumnRef | None = None,
    feature_columns: Mapping[str, ColumnRef] | None = None,
    tagged: bool = False,
) -> Iterator[Sentence]:
    """Yield the sentences of an open binary stream, each as soon as its end has been read.

    source: stays open. name: what errors call it. format: None finds it in the first content line.
    Parallel here means lines of tokens: a stream can't hold their tags.
    Raises as `read_corpus` does, but gives an empty stream as no sentences.
    """
    known = None if format is None else parse_format(format)
    known, lines = peeked(numbered_lines(source, name=name), name, known)
    columns = ChosenColumns(token=token_column, tag=tag_column, features=feature_columns or {})
    if known is Format.PARALLEL:
        if tagged:
            raise CorpusError("a stream can't hold seq.in and seq.out; give their path", path=name)
        return _read_token_lines(lines, name, columns)
    return read_sentences(lines, name=name, format=known, columns=columns, tagged=tagged)


def read_sentences(
    lines: NumberedLines,
    *,
    name: str,
    format: Format,
    columns: ChosenColumns,
    tagged: bool = True,
    notes: Counter[str] | None = None,
) -> Iterator[Sentence]:
    """Yield the sentences of numbered lines in a format that is known and not parallel.

    name: what errors call the file. Raises as `read_corpus` does.
    """
    token, tag, weight = columns.token, columns.tag, columns.weight
    if weight is not None and format is not Format.CONLL:
        fact = f"token_weight_column {weight}: only conll files have one, {name} is {format.value}"
        raise SettingsError(fact)
    if format is Format.CONLLU:
        return read_conllu(
            lines,
            name=name,
            token_column="form" if token is None else token,
            tag_column="upos" if tag is None else tag,
            feature_columns=columns.features,
            tagged=tagged,
            notes=notes,
        )
    if format is Format.JSONL:
        return read_jsonl(
            lines,
            name=name,
            token_key=json_key(token, "tokens"),
            tag_key=json_key(tag, "tags"),
            feature_keys={
                feature: feature if is_index(column) else json_key(column, feature)
                for feature, column in columns.features.items()
            },
            tagged=tagged,
        )
    return read_conll(
        lines,
        name=name,
        token_column=0 if token is None else conll_column_index(token, "token_column"),
        tag_column=-1 if tag is None else conll_column_index(tag, "tag_column"),
        weight_column=None if weight is None else conll_column_index(weight, "token_weight_column"),
        feature_columns={
            feature: conll_column_index(column, f"feature {feature!r} has column")
            for feature, column in columns.features.items()
        },
        tagged=tagged,
        notes=notes,
    )


def _read_parallel(
    path: str | Path, columns: ChosenColumns, tagged: bool, notes: Counter[str]
) -> Iterator[Sentence]:
    refuse_columns(columns)
    return read_parallel(path, tagged=tagged, notes=notes)


def _read_token_lines(
    lines: NumberedLines, name: str, columns: ChosenColumns
) -> Iterator[Sentence]:
    refuse_columns(columns)
    return read_token_lines(lines, name=name)
