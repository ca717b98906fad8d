"""Read Parquet and Arrow files of Hugging Face data. Only this file imports pyarrow and datasets."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from importlib import import_module
from itertools import chain
from pathlib import Path
from types import ModuleType
from typing import Any

from seqlab.corpus.chosen_columns import ChosenColumns, ColumnRef
from seqlab.corpus.hugging_face import NumberedRow, RowSource, sentences_of_rows
from seqlab.corpus.jsonl import RESERVED
from seqlab.corpus.label_names import LabelNames, names_beside, names_in_document
from seqlab.corpus.reading_options import ReadingOptions
from seqlab.corpus.sentence import Sentence
from seqlab.errors import CorpusError, SettingsError, UserError, pip_install

BATCH = 1000  # rows in memory at a time
STATE = "state.json"  # in the folder of `Dataset.save_to_disk`
SPLITS = "dataset_dict.json"  # in the folder of `DatasetDict.save_to_disk`
SHARD_NUMBER = re.compile(r"-\d+(-of-\d+)?$")
SCHEMA_KEY = b"huggingface"
STREAM_MAGIC, FILE_MAGIC, PARQUET_MAGIC = b"\xff\xff\xff\xff", b"ARROW1", b"PAR1"


def is_arrow_data(path: Path) -> bool:
    """Tell whether a path is a Parquet or Arrow file, or a folder of them.

    A folder holds Parquet files, itself or in `data`, or is what `save_to_disk` wrote. A pattern such as
    `data/train-*.parquet` stands for the files of one split.
    """
    try:
        if path.is_dir():
            saved = (path / STATE).is_file() or (path / SPLITS).is_file()
            return saved or bool(_parquet_files(path))
        if is_pattern(path):
            return True
        if not path.is_file():
            return False
        with path.open("rb") as stream:
            first = stream.read(6)
    except (OSError, ValueError):
        return False
    is_stream = first.startswith(STREAM_MAGIC) and path.suffix.lower() == ".arrow"
    return first.startswith(PARQUET_MAGIC) or first == FILE_MAGIC or is_stream


def read_arrow_data(
    path: str | Path, options: ReadingOptions, *, tagged: bool, notes: Counter[str]
) -> Iterator[Sentence]:
    """Yield the sentences of a Parquet or Arrow file, or of a folder that `Dataset.save_to_disk` wrote.

    Names of integer tags come from the options, the schema, or JSON beside the file. Columns are chosen as in
    `read_json_rows`. `BATCH` rows are in memory at a time.
    Raises CorpusError for a damaged file, for columns that are not there, and for a folder of several splits.
    """
    file = Path(path)
    metadata: dict[bytes, bytes] = {}

    def names(column: str) -> LabelNames | None:
        return names_of_schema(metadata, column) or names_beside(file, column)

    columns = options.columns
    source = RowSource(name=str(path), by_line=False, names=names)
    further = {**columns.features, **columns.numbers}
    wanted = {columns.token, columns.tag, *further.values(), *further}
    with _reading(file):
        batches = _batches(file, metadata, {str(column) for column in wanted})
        first = next(batches, None)
    if first is not None:
        rows = _rows(chain([first], batches), file)
        yield from sentences_of_rows(
            rows,
            source,
            columns=columns,
            tagged=tagged,
            tag_names=options.tag_names,
            notes=notes,
        )


def read_tokens_of_arrow(
    path: str | Path, feature_columns: Mapping[str, ColumnRef]
) -> Iterator[Sentence]:
    """Yield the sentences of a Parquet or Arrow file without tags. Raises as `read_arrow_data` does."""
    options = ReadingOptions(columns=ChosenColumns(features=feature_columns))
    return read_arrow_data(path, options, tagged=False, notes=Counter())


def _rows(batches: Iterator[Any], path: Path) -> Iterator[NumberedRow]:
    number = 0
    with _reading(path):
        for batch in batches:
            for row in batch.to_pylist():
                number += 1
                yield number, row


def _batches(path: Path, metadata: dict[bytes, bytes], wanted: set[str]) -> Iterator[Any]:
    """Yield batches of rows; puts the metadata of the schema into `metadata` first."""
    for file in data_files(path):
        with closing(file.open("rb")) as stream:
            if stream.read(4) == PARQUET_MAGIC:
                parquet = pyarrow_module("pyarrow.parquet").ParquetFile(file)
                schema = parquet.schema_arrow
                metadata.update(schema.metadata or {})
                yield from parquet.iter_batches(BATCH, columns=_needed(schema, wanted))
                continue
        ipc, arrow = pyarrow_module("pyarrow.ipc"), pyarrow_module("pyarrow")
        with arrow.memory_map(str(file)) as mapped:
            is_file = mapped.read(6) == FILE_MAGIC
            mapped.seek(0)
            reader = ipc.open_file(mapped) if is_file else ipc.open_stream(mapped)
            metadata.update(reader.schema.metadata or {})
            needed = _needed(reader.schema, wanted)
            every = map(reader.get_batch, range(reader.num_record_batches)) if is_file else reader
            for batch in every:
                chosen = batch.select(needed)
                for start in range(0, batch.num_rows, BATCH):
                    yield chosen.slice(start, BATCH)


def _needed(schema: Any, wanted: set[str]) -> list[str]:
    """Return the columns that may be read: those wanted, lists of tags and tokens, and single values."""
    types = pyarrow_module("pyarrow").types

    def is_single(column: Any) -> bool:
        return bool(
            types.is_integer(column)
            or types.is_floating(column)
            or types.is_boolean(column)
            or types.is_string(column)
            or types.is_large_string(column)
        )

    return [f.name for f in schema if f.name in wanted or is_single(f.type) or is_list_name(f.name)]


def is_list_name(name: str) -> bool:
    """Tell whether a column may hold tokens, tags or weights, by its name."""
    return name in ("tokens", "words", "labels", "tags", "ner_labels", "upos", *RESERVED) or (
        name.endswith("_tags")
    )


def data_files(path: Path) -> list[Path]:
    """Return the files that hold the rows. Raises CorpusError for a folder of several splits."""
    if is_pattern(path):
        files = sorted(path.parent.glob(path.name))
        if not files:
            raise CorpusError("no file has a name like this", path=str(path))
        return files
    if path.is_dir() and not (path / STATE).is_file() and not (path / SPLITS).is_file():
        return _shards_of_one_split(path)
    if not path.is_dir():
        return [path]
    if (path / SPLITS).is_file():
        splits = json.loads((path / SPLITS).read_text(encoding="utf-8")).get("splits", [])
        fact = f"this folder holds the splits {', '.join(map(repr, splits))}"
        example = path / str(splits[0]) if splits else path
        raise CorpusError(f"{fact}; give one of them, such as {example}", path=str(path))
    state = json.loads((path / STATE).read_text(encoding="utf-8"))
    names = [Path(str(file["filename"])).name for file in state["_data_files"]]
    return [path / name for name in names]


def is_pattern(path: Path) -> bool:
    """Tell whether a path is a pattern of Parquet files, such as `data/train-*.parquet`."""
    return "*" in path.name and path.suffix == ".parquet" and not path.is_file()


def _parquet_files(folder: Path) -> list[Path]:
    """The Parquet files of a folder, or of `data` in it, where datasets of the Hub have them."""
    return sorted(folder.glob("*.parquet")) or sorted(folder.glob("data/*.parquet"))


def _shards_of_one_split(folder: Path) -> list[Path]:
    """Return the Parquet files of a folder. Raises CorpusError if they are of several splits."""
    files = _parquet_files(folder)
    splits: dict[str, list[Path]] = {}
    for file in files:
        splits.setdefault(SHARD_NUMBER.sub("", file.stem), []).append(file)
    if len(splits) > 1:
        patterns = [
            str(shards[0] if len(shards) == 1 else shards[0].with_name(f"{split}-*.parquet"))
            for split, shards in splits.items()
        ]
        fact = f"this folder holds the splits {', '.join(map(repr, splits))}"
        raise CorpusError(f"{fact}; give one: {', '.join(patterns)}", path=str(folder))
    return files


def names_of_schema(metadata: Mapping[bytes, bytes], column: str) -> LabelNames | None:
    """Return the names of a column from the metadata of an Arrow schema, as `datasets` writes it."""
    try:
        document = json.loads(metadata.get(SCHEMA_KEY, b"null"))
    except ValueError:
        return None
    info = document.get("info") if isinstance(document, dict) else None
    return names_in_document(info, column)


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Turn the errors of pyarrow into a CorpusError."""
    try:
        yield
    except UserError:
        raise
    except OSError as error:
        fact = (error.strerror or str(error)).split("\n")[0]
        raise CorpusError(f"can't be read: {fact.lower()}", path=str(path)) from None
    except (ValueError, KeyError, TypeError, NotImplementedError, MemoryError) as error:
        fact = str(error).split("\n")[0]
        raise CorpusError(f"damaged, or not Hugging Face data ({fact})", path=str(path)) from None


def pyarrow_module(name: str) -> ModuleType:
    """Import pyarrow or one of its modules. Raises SettingsError when it is not installed."""
    return import_extra(name, "Parquet and Arrow files")


def import_extra(name: str, purpose: str) -> ModuleType:
    """Import a module of the extra `hf`. Raises SettingsError when it is not installed."""
    try:
        return import_module(name)
    except ImportError:
        package = name.split(".")[0]
        raise SettingsError(f"{purpose} need {package}: {pip_install('hf', package)}") from None
