"""Read and write Hugging Face token-classification data: rows of tokens and tags, where tags may be integers.

Rows come from JSON lines, from Parquet or Arrow files (`arrow_files.py`), or from a `datasets.Dataset`.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from sys import intern
from typing import Any, TextIO

from seqlab.corpus.chosen_columns import PLACEHOLDER, ChosenColumns, ColumnRef, is_index
from seqlab.corpus.json_array import json_objects
from seqlab.corpus.jsonl import (
    DOCUMENT,
    RESERVED,
    ObjectFault,
    finite,
    json_line,
    json_type,
    number_lists,
    parse_object,
    string_list,
    token_weight_list,
    value_list,
)
from seqlab.corpus.label_names import LabelNames, given_names, names_beside, names_of_feature
from seqlab.corpus.sentence import NOTHING, Sentence
from seqlab.corpus.sentence_blocks import ColumnFile, check_weight
from seqlab.errors import CorpusError, UserError, nearest
from seqlab.machine.wording import listed, plural
from seqlab.text.lines import NumberedLine

TOKENS = ("tokens", "words")
TAGS = ("ner_tags", "tags", "labels", "ner_labels", "upos", "pos_tags")
IGNORED = -100  # tag that training scripts of transformers give to later pieces of a word
ROWS_SKIPPED = "rows without tokens skipped"
NAME_OPTIONS = "give --tag-names, or NAME.features.json or dataset_info.json beside the file"

TableRow = Mapping[str, Any]
NumberedRow = tuple[int, TableRow]
NamesOfColumn = Callable[[str], LabelNames | None]


@dataclass(frozen=True, kw_only=True)
class RowSource:
    """Where rows come from, for messages, and the names that the source states.

    by_line: the number of a row is that of its line; otherwise rows are records, counted from 1.
    """

    name: str
    by_line: bool
    names: NamesOfColumn

    def fault(self, fact: str, number: int) -> CorpusError:
        """Return the error for a row."""
        if self.by_line:
            return CorpusError(fact, path=self.name, line=number)
        return CorpusError(fact, path=f"{self.name}: record {number}")

    def location(self, number: int) -> str:
        """Return the source of the row's sentence."""
        return f"{self.name}:{number}" if self.by_line else f"{self.name}: record {number}"


@dataclass(frozen=True, kw_only=True)
class RowColumns:
    """The columns to read, and the names of those that hold integers.

    token: the column of words; in data without words, another column with one value per token.
    """

    token: str
    has_words: bool
    tag: str | None
    features: Mapping[str, str]
    numbers: Mapping[str, str]
    names: Mapping[str, LabelNames | None]


def read_json_rows(
    lines: Iterable[NumberedLine],
    file: ColumnFile,
    *,
    columns: ChosenColumns,
    tagged: bool,
    tag_names: Sequence[str] | None,
) -> Iterator[Sentence]:
    """Yield one sentence for each JSON line, such as `{"tokens": ["Ada"], "ner_tags": [1]}`.

    lines, columns, tagged: as in `read_jsonl`. The default tag column is `ner_tags`, `tags` or `labels`; else the only
        one that ends in `_tags`; else `ner_labels` or `upos`. String tags are taken as they are.
    tag_names: the names of integer tags, in order, or the path of features JSON. None looks beside the file.
    Raises CorpusError as `read_jsonl` does, and for integer tags without names.
    """

    def rows() -> Iterator[NumberedRow]:
        for number, line in json_objects(lines, file.name):
            try:
                yield number, parse_object(line)
            except ObjectFault as fault:
                raise CorpusError(str(fault), path=file.name, line=number, text=line) from None

    def names(column: str) -> LabelNames | None:
        return names_beside(Path(file.name), column)

    source = RowSource(name=file.name, by_line=True, names=names)
    return sentences_of_rows(
        rows(), source, columns=columns, tagged=tagged, tag_names=tag_names, notes=file.notes
    )


def sentences_of_rows(
    rows: Iterable[NumberedRow],
    source: RowSource,
    *,
    columns: ChosenColumns,
    tagged: bool,
    tag_names: Sequence[str] | None,
    notes: Counter[str] | None,
) -> Iterator[Sentence]:
    """Yield the sentences of rows. Arguments and errors as in `read_json_rows`."""
    notes = Counter() if notes is None else notes
    chosen: RowColumns | None = None
    for number, row in rows:
        try:
            if chosen is None:
                chosen = _choose(row, source, columns, tagged=tagged, tag_names=tag_names)
            sentence = _sentence(row, chosen, source, number)
        except ObjectFault as fault:
            raise source.fault(str(fault), number) from None
        if sentence is None:
            notes[ROWS_SKIPPED] += 1
        else:
            yield sentence


def _choose(
    row: TableRow,
    source: RowSource,
    columns: ChosenColumns,
    *,
    tagged: bool,
    tag_names: Sequence[str] | None,
) -> RowColumns:
    """Choose the columns from the keys of the first row. Raises ObjectFault when one is missing."""
    token = _key(row, columns.token, TOKENS, "token") if columns.has_words else ""
    tag = _tag_key(row, columns.tag) if tagged else None
    features = {
        feature: _key(row, feature if is_index(column) else column, (), f"feature {feature!r}")
        for feature, column in columns.features.items()
    }
    numbers = {
        name: _key(row, name if is_index(column) else column, (), f"numeric {name!r}")
        for name, column in columns.numbers.items()
    }
    token = token or next(iter((numbers or features).values()))
    if tag is not None and tag in (token, *features.values(), *numbers.values()):
        raise ObjectFault(
            f"column {tag!r} can't hold the tags and also tokens, a feature or numbers"
        )
    names = {column: source.names(column) for column in features.values()}
    if tag is not None:
        names[tag] = given_names(tag_names, tag) if tag_names else source.names(tag)
    return RowColumns(
        token=token,
        has_words=columns.has_words,
        tag=tag,
        features=features,
        numbers=numbers,
        names=names,
    )


def _key(row: TableRow, column: ColumnRef | None, usual: Sequence[str], what: str) -> str:
    if column is None:
        found = next((name for name in usual if name in row), None)
        if found is not None:
            return found
        advice = "this is raw text, without tokens" if "text" in row else f"give --{what}-column"
        raise ObjectFault(f"there is no column {usual[0]!r}; found {_columns(row)}; {advice}")
    if str(column) not in row:
        fact = f"there is no {what} column {str(column)!r}"
        raise ObjectFault(f"{fact}{nearest(column, row)}; found {_columns(row)}")
    return str(column)


def _tag_key(row: TableRow, column: ColumnRef | None) -> str:
    if column is not None or any(name in row for name in TAGS[:3]):
        return _key(row, column, TAGS, "tag")
    ends = [key for key in row if key.endswith("_tags")] or [key for key in TAGS if key in row]
    if len(ends) == 1:
        return ends[0]
    found = f"columns of tags are {listed([*map(repr, ends)])}" if ends else "no column of tags"
    raise ObjectFault(f"{found}; found {_columns(row)}; choose with --tag-column")


def _columns(row: TableRow) -> str:
    return "columns " + ", ".join(map(repr, row))


def _sentence(
    row: TableRow, columns: RowColumns, source: RowSource, number: int
) -> Sentence | None:
    rows = value_list(row, columns.token)
    if not rows:
        return None
    tokens = (PLACEHOLDER,) * len(rows)
    if columns.has_words:
        tokens = string_list(row, columns.token)
    tags = None if columns.tag is None else _labels(row, columns.tag, columns, len(tokens))
    features = {
        feature: _labels(row, column, columns, len(tokens), feature=True)
        for feature, column in columns.features.items()
    }
    known = {columns.token, columns.tag, *columns.features.values(), *columns.numbers.values()}
    known |= {*RESERVED}
    metadata = {
        key: value
        for key, value in row.items()
        if key not in known and isinstance(value, str | int | float)
    }
    document = metadata.get(DOCUMENT)
    weight, place = row.get("weight"), source.location(number)
    return Sentence(
        tokens=tokens,
        tags=tags,
        features=features or NOTHING,
        numbers=number_lists(row, columns.numbers, len(tokens)) or NOTHING,
        weight=1.0 if weight is None else check_weight(weight, path=place, line=None),
        token_weights=token_weight_list(row.get("token_weights"), len(tokens), place, None),
        metadata=metadata or NOTHING,
        source=place,
        document=document if isinstance(document, int | str) else None,
    )


def _labels(
    row: TableRow, column: str, columns: RowColumns, tokens: int, *, feature: bool = False
) -> tuple[str, ...]:
    """Return the values of a column as strings: integers by their names, strings as they are."""
    values, names = value_list(row, column), columns.names.get(column)
    if len(values) != tokens:
        fact = f"{plural(tokens, 'token')} and {plural(len(values), 'value')} in {column!r}"
        raise ObjectFault(f"{fact}; expected one per token")
    return tuple(
        intern(value) if type(value) is str and value else _label(value, column, names, feature)
        for value in values
    )


def _label(value: object, column: str, names: LabelNames | None, feature: bool) -> str:
    if not isinstance(value, int) or isinstance(value, bool):
        if feature and isinstance(value, str | float | bool):
            return intern(str(value))
        shown = "an empty string" if value == "" else json_type(value)
        raise ObjectFault(f"{column!r} holds {shown}; expected integers or strings")
    if names is None:
        if feature:
            return intern(str(value))
        raise ObjectFault(f"{column!r} holds integers without names; {NAME_OPTIONS}")
    if value == IGNORED:
        fact = f"tag {IGNORED} in {column!r} marks pieces of words, as a tokeniser cut them"
        raise ObjectFault(f"{fact}; give the data with one tag per word")
    if not 0 <= value < len(names):
        fact = f"tag {value} in {column!r} has no name: the names are those of tags 0 to {len(names) - 1}"
        raise ObjectFault(f"{fact}; {NAME_OPTIONS}")
    return intern(names[value])


def sentences_of_dataset(
    dataset: Any,
    *,
    token_column: ColumnRef | None = None,
    tag_column: ColumnRef | None = None,
    feature_columns: Mapping[str, ColumnRef] | None = None,
    tag_names: Sequence[str] | None = None,
    tagged: bool = True,
) -> tuple[Sentence, ...]:
    """Return the sentences of a `datasets.Dataset` or `IterableDataset` for token classification.

    token_column, tag_column, feature_columns: names of columns; the defaults are those of `read_json_rows`.
    tag_names: the names of integer tags, in order; None takes those of the dataset's `ClassLabel`.
    tagged: False yields sentences without tags.
    Raises UserError for anything but a dataset, and for rows without the columns.

    train = seqlab.sentences_of_dataset(datasets.load_dataset("conll2003", split="train"))
    """
    if isinstance(dataset, Mapping):
        raise UserError(f"expected one split of a dataset; give one of {_columns(dataset)[8:]}")
    if not hasattr(dataset, "features") or not hasattr(dataset, "iter"):
        fact = f"expected a datasets.Dataset, found {type(dataset).__name__}"
        raise UserError(f"{fact}; read_corpus reads files")
    features = dataset.features.to_dict() if dataset.features else {}

    def rows() -> Iterator[NumberedRow]:
        number = 0
        for batch in dataset.iter(batch_size=1000):
            for values in zip(*batch.values(), strict=True):
                number += 1
                yield number, dict(zip(batch, values, strict=True))

    source = RowSource(
        name="dataset",
        by_line=False,
        names=lambda column: names_of_feature(features.get(column)),
    )
    columns = ChosenColumns(token=token_column, tag=tag_column, features=feature_columns or {})
    return tuple(
        sentences_of_rows(
            rows(), source, columns=columns, tagged=tagged, tag_names=tag_names, notes=None
        )
    )


def write_json_rows(sentences: Iterable[Sentence], stream: TextIO) -> None:
    """Write JSON lines with `tokens`, `ner_tags` as strings, and each feature and value of metadata under its name.

    `datasets.load_dataset("json", …)` reads them. Lists and objects of metadata are left out; null stands for NaN.
    Raises UserError as `write_jsonl` does, and for a feature or metadata called like another column.
    """
    for sentence in sentences:
        fields: dict[str, Any] = {"tokens": sentence.tokens}
        if sentence.tags is not None:
            fields["ner_tags"] = sentence.tags
        if sentence.weight != 1.0:
            fields["weight"] = sentence.weight
        if sentence.token_weights is not None:
            fields["token_weights"] = sentence.token_weights
        stream.write(json_line(fields | finite(further_columns(sentence)), sentence) + "\n")


def further_columns(sentence: Sentence) -> dict[str, Any]:
    """Return the features and the single values of metadata by column name.

    Raises UserError for a name that another column has.
    """
    values = {key: v for key, v in sentence.metadata.items() if isinstance(v, str | int | float)}
    for name in (*sentence.features, *values):
        taken = name in ("tokens", "ner_tags", *RESERVED)
        if taken or (name in sentence.features and name in values):
            fact = f"{name!r} can't be written: hf has another column of this name; rename it"
            raise UserError(f"{sentence.source}: {fact}")
    return {**sentence.features, **values}
