"""Write a corpus in any format. A file appears only when it is complete."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any, Protocol, TextIO

from seqlab.corpus.annotation_writing import write_annotations
from seqlab.corpus.arrow_writing import write_parquet
from seqlab.corpus.conll import write_conll
from seqlab.corpus.conllu import write_conllu
from seqlab.corpus.csv_table import write_csv
from seqlab.corpus.format_detection import ANNOTATION_FORMATS, Format, parse_format
from seqlab.corpus.hugging_face import write_json_rows
from seqlab.corpus.jsonl import RESERVED, write_jsonl
from seqlab.corpus.numeric_columns import cells_of_numbers
from seqlab.corpus.parallel import LABEL, is_tokens_name, tags_path, write_parallel
from seqlab.corpus.sentence import NOTHING, Sentence
from seqlab.corpus.sentence_checks import checked_for_writing
from seqlab.errors import CorpusError, SettingsError, UserError
from seqlab.machine.atomic import atomic_text_files
from seqlab.machine.files import as_path


class ColumnWriter(Protocol):
    """A writer of columns that takes the names of the features to write."""

    def __call__(  # noqa: D102
        self, sentences: Iterable[Sentence], stream: TextIO, *, features: Sequence[str]
    ) -> None: ...


def write_feature_columns(
    sentences: Iterable[Sentence], stream: TextIO, write: ColumnWriter = write_conll
) -> None:
    """Write columns, with the features of the first sentence between token and tag.

    write: `write_conll` or `write_csv`. Raises UserError for a sentence with other features, and as `write` does.
    """
    sentences = iter(sentences)
    first = next(sentences, None)
    if first is not None:
        names = tuple(first.features)
        same = (with_features(sentence, names) for sentence in chain([first], sentences))
        write(same, stream, features=names)


def numbers_as_features(sentence: Sentence) -> Sentence:
    """Return the sentence with its numbers as features, whose text is read back as the same numbers."""
    if not sentence.numbers:
        return sentence
    cells = {name: cells_of_numbers(numbers) for name, numbers in sentence.numbers.items()}
    return replace(sentence, features={**sentence.features, **cells}, numbers=NOTHING)


def with_features(sentence: Sentence, names: tuple[str, ...]) -> Sentence:
    """Return the sentence. Raises UserError unless it has exactly these features."""
    if set(sentence.features) != set(names):
        both = (sentence.features, names)
        found, expected = (", ".join(map(repr, features)) or "none" for features in both)
        fact = f"features {found}, but the first sentence has {expected}; all must have the same"
        raise UserError(f"{sentence.source}: {fact}")
    return sentence


def features_as_keys(sentence: Sentence) -> Sentence:
    """Return the sentence with its features and numbers as metadata, which JSON lines store by key."""
    for name in (*sentence.features, *sentence.numbers):
        if name in RESERVED or name in ("tokens", "tags"):
            fact = f"feature {name!r} can't be written: JSON lines use this key; rename it"
            raise UserError(f"{sentence.source}: {fact}")
        old = sentence.metadata.get(name)
        if old is not None and not (isinstance(old, list) and len(old) == len(sentence)):
            fact = f"feature {name!r} can't be written: metadata has this key too, with {old!r}"
            raise UserError(f"{sentence.source}: {fact}")
    lists: dict[str, list[Any]] = {n: list(values) for n, values in sentence.features.items()}
    for name, numbers in sentence.numbers.items():
        lists[name] = [None if math.isnan(number) else number for number in numbers]
    return replace(sentence, metadata={**sentence.metadata, **lists}) if lists else sentence


def without_features(sentence: Sentence) -> Sentence:
    """Return the sentence. Raises UserError if it has features, which the format cannot hold."""
    if sentence.features:
        names = ", ".join(map(repr, sentence.features))
        raise UserError(
            f"{sentence.source}: only conll, csv and jsonl can hold its features {names}"
        )
    return sentence


def without_weights(sentence: Sentence) -> Sentence:
    """Return the sentence. Raises UserError if it has weights, which the format cannot hold."""
    if sentence.weight != 1.0 or sentence.token_weights is not None:
        fact = "files of annotation tools can't hold weights; write jsonl"
        raise UserError(f"{sentence.source}: {fact}")
    return sentence


def write_corpus(sentences: Iterable[Sentence], path: str | Path, *, format: Format | str) -> None:
    """Write a corpus to a temporary file and rename it, so that no half-written file is ever seen.

    path: a file ('.gz' compresses it). For parallel it is a directory, created if missing, or a file `X.in`.
        For hf it is Parquet if it ends in '.parquet', else JSON lines.
    Features become columns between token and tag (conll, csv), in the order of the first sentence, or keys
    (jsonl). `read_corpus(..., feature_columns=...)` reads both. Numbers are written beside them; numeric_columns
    reads the same numbers.
    The formats of annotation tools hold spans: see `annotation_writing.annotated_texts`.
    Raises UserError for a sentence that the format cannot hold, and CorpusError when the file cannot be
    written. An older file of this name then stays as it was.
    """
    known, path = parse_format(format), as_path(path, "the corpus")
    sentences = checked_for_writing(sentences)
    if known is not Format.JSONL:
        sentences = map(numbers_as_features, sentences)
    try:
        if known is Format.PARALLEL:
            _write_pair(map(without_features, sentences), Path(path))
            return
        if known in ANNOTATION_FORMATS:
            write_annotations(map(without_weights, map(without_features, sentences)), path, known)
            return
        if known is Format.TEXT:
            raise SettingsError("text has no tags and can't be written; expected another format")
        if known is Format.HF and path.suffix == ".parquet":
            write_parquet(sentences, path)
            return
        with atomic_text_files() as open_text:
            stream = open_text(Path(path))
            if known is Format.CONLL:
                write_feature_columns(sentences, stream)
            elif known is Format.CSV:
                write_feature_columns(sentences, stream, write_csv)
            elif known is Format.HF:
                write_json_rows(sentences, stream)
            elif known is Format.CONLLU:
                write_conllu(map(without_features, sentences), stream)
            else:
                write_jsonl(map(features_as_keys, sentences), stream)
    except OSError as error:
        fact = f"can't be written: {(error.strerror or str(error)).lower()}"
        raise CorpusError(fact, path=str(path)) from None


def _write_pair(sentences: Iterator[Sentence], path: Path) -> None:
    if not is_tokens_name(path.name):
        path.mkdir(parents=True, exist_ok=True)
        path = path / "seq.in"
    first = next(sentences, None)
    if first is None:
        raise UserError("there is no sentence to write")
    with atomic_text_files() as open_text:
        tokens, tags = open_text(path), open_text(tags_path(path))
        labels = open_text(path.with_name(LABEL)) if LABEL in first.metadata else None
        write_parallel(chain([first], sentences), tokens, tags, labels)
