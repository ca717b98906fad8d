"""Write sentences as Parquet files and datasets of Hugging Face, with the names of the tags."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any

from seqlab.corpus.arrow_files import SCHEMA_KEY, import_extra, pyarrow_module
from seqlab.corpus.hugging_face import further_columns
from seqlab.corpus.jsonl import HALF_SURROGATE
from seqlab.corpus.schemes import OUTSIDE_TAG, split_tag
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.sentence_checks import checked_for_writing
from seqlab.errors import UserError
from seqlab.machine.atomic import atomic_file

PART = 10_000  # sentences in memory at a time


class RowWriter:
    """Turns sentences into columns. Tags become integers, whose names are known when all are written.

    `O` is 0 in a corpus of spans; other tags are numbered as they come.
    """

    def __init__(self, first: Sentence) -> None:
        self.tagged = first.tags is not None
        self.features = tuple(first.features)
        self.values = [key for key in further_columns(first) if key not in first.features]
        self.types = {key: type(first.metadata[key]) for key in self.values}
        spans = any(tag == OUTSIDE_TAG or split_tag(tag) for tag in first.tags or ())
        self.ids: dict[str, int] = {OUTSIDE_TAG: 0} if spans else {}

    def columns(self, sentences: Sequence[Sentence]) -> dict[str, list[Any]]:
        """Return the columns of some sentences. Raises UserError for a sentence that they cannot hold."""
        for sentence in sentences:
            self.check(sentence)
        columns: dict[str, list[Any]] = {"tokens": [list(s.tokens) for s in sentences]}
        if self.tagged:
            columns["ner_tags"] = [
                [self.ids.setdefault(tag, len(self.ids)) for tag in s.tags or ()] for s in sentences
            ]
        for name in self.features:
            columns[name] = [list(s.features[name]) for s in sentences]
        for key in self.values:
            columns[key] = [s.metadata.get(key) for s in sentences]
        return columns

    def check(self, sentence: Sentence) -> None:
        """Raise UserError for a sentence unlike the first, and for text that UTF-8 cannot hold."""
        if sentence.weight != 1.0 or sentence.token_weights is not None:
            fact = "Parquet of Hugging Face can't hold weights; write jsonl"
        elif self.tagged is not (sentence.tags is not None):
            fact = "only some of the sentences have tags"
        elif set(sentence.features) != set(self.features):
            fact = "its features are not those of the first sentence"
        elif not sentence.tokens or "" in sentence.tokens or "" in (sentence.tags or ()):
            fact = "no tokens, or an empty token or tag; can't be written"
        elif any(map(HALF_SURROGATE.search, chain(sentence.tokens, sentence.tags or ()))):
            fact = "half a surrogate pair; utf-8 can't hold this sentence"
        else:
            further_columns(sentence)
            values = {key: sentence.metadata.get(key) for key in self.values}
            odd = [k for k, v in values.items() if v is not None and type(v) is not self.types[k]]
            if not odd:
                return
            fact = f"metadata {odd[0]!r} is not of one type in all sentences"
        raise UserError(f"{sentence.source}: {fact}")

    def features_json(self) -> dict[str, Any]:
        """Return the features in the JSON form of `datasets`."""
        text = {"dtype": "string", "_type": "Value"}
        features: dict[str, Any] = {"tokens": {"feature": text, "_type": "Sequence"}}
        if self.tagged:
            label = {"names": list(self.ids), "_type": "ClassLabel"}
            features["ner_tags"] = {"feature": label, "_type": "Sequence"}
        for name in self.features:
            features[name] = {"feature": text, "_type": "Sequence"}
        names = {str: "string", bool: "bool", int: "int64", float: "float64"}
        for key, kind in self.types.items():
            features[key] = {"dtype": names[kind], "_type": "Value"}
        return features

    def schema(self) -> Any:
        """Return the Arrow schema of the columns."""
        arrow = pyarrow_module("pyarrow")
        text, labels = arrow.list_(arrow.string()), arrow.list_(arrow.int64())
        types = {
            str: arrow.string(),
            bool: arrow.bool_(),
            int: arrow.int64(),
            float: arrow.float64(),
        }
        fields = [("tokens", text), *([("ner_tags", labels)] if self.tagged else [])]
        fields += [(name, text) for name in self.features]
        return arrow.schema(fields + [(key, types[kind]) for key, kind in self.types.items()])


def write_parquet(sentences: Iterable[Sentence], path: Path) -> None:
    """Write a Parquet file that `datasets.load_dataset("parquet", …)` reads with the names of the tags.

    Columns: `tokens`, `ner_tags` as integers, the features, and the single values that the metadata of the first
    sentence holds. Other metadata is left out. Raises UserError for a sentence that the columns cannot hold.
    """
    parquet, arrow = pyarrow_module("pyarrow.parquet"), pyarrow_module("pyarrow")
    sentences = iter(sentences)
    first = next(sentences, None)
    if first is None:
        raise UserError("there is no sentence to write")
    rows = RowWriter(first)
    schema = rows.schema()
    # The names are known at the end. Readers see them only if no schema is stored at the beginning.
    open_writer = partial(parquet.ParquetWriter, schema=schema, store_schema=False)
    with atomic_file(path, overwrite=True) as pending, open_writer(pending.temporary) as writer:
        for part in _parts(chain([first], sentences)):
            with _storing(part):
                table = arrow.table(rows.columns(part), schema=schema)
            writer.write_table(table)
        metadata = {"info": {"features": rows.features_json()}}
        writer.add_key_value_metadata({SCHEMA_KEY.decode(): json.dumps(metadata)})


def _parts(sentences: Iterator[Sentence]) -> Iterator[list[Sentence]]:
    while part := list(islice(sentences, PART)):
        yield part


@contextmanager
def _storing(sentences: Sequence[Sentence]) -> Iterator[None]:
    try:
        yield
    except UserError:
        raise
    except (ValueError, OverflowError, TypeError) as error:
        fact = str(error).split("\n")[0]
        raise UserError(f"{sentences[0].source} and following: can't be written: {fact}") from None


def dataset_of_sentences(sentences: Iterable[Sentence]) -> Any:
    """Return a `datasets.Dataset` of sentences: `tokens`, `ner_tags` with the names of the tags, and the features.

    Raises UserError as `write_parquet` does, and SettingsError when `datasets` is not installed.
    """
    datasets = import_extra("datasets", "datasets of Hugging Face")
    arrow = pyarrow_module("pyarrow")
    sentences = checked_for_writing(sentences)
    first = next(sentences, None)
    if first is None:
        raise UserError("there is no sentence to write")
    rows = RowWriter(first)
    schema = rows.schema()
    tables = []
    for part in _parts(chain([first], sentences)):
        with _storing(part):
            tables.append(arrow.table(rows.columns(part), schema=schema))
    metadata = {SCHEMA_KEY: json.dumps({"info": {"features": rows.features_json()}})}
    return datasets.Dataset(arrow.concat_tables(tables).replace_schema_metadata(metadata))
