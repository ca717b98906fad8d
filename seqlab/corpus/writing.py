"""Corpora to files, whole or not at all."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TextIO

from seqlab.corpus.conll import write_conll
from seqlab.corpus.conllu import write_conllu
from seqlab.corpus.format_detection import Format, parse_format
from seqlab.corpus.jsonl import RESERVED, write_jsonl
from seqlab.corpus.parallel import (
    LABEL,
    is_tokens_name,
    tags_path,
    write_parallel,
)
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.sentence_checks import writable
from seqlab.errors import CorpusError, UserError
from seqlab.machine.atomic import atomic_text_files
from seqlab.machine.files import as_path


def write_feature_columns(sentences: Iterable[Sentence], stream: TextIO) -> None:
    """Columns, with those of the first sentence's features between token and tag.

    Raises UserError for a sentence that has others, and as `write_conll` does.
    """
    sentences = iter(sentences)
    first = next(sentences, None)
    if first is not None:
        names = tuple(first.features)
        same = (with_features(sentence, names) for sentence in chain([first], sentences))
        write_conll(same, stream, features=names)


def with_features(sentence: Sentence, names: tuple[str, ...]) -> Sentence:
    """The sentence, refused if its features are others than these."""
    if set(sentence.features) != set(names):
        found, expected = (
            ", ".join(map(repr, one)) or "none" for one in (sentence.features, names)
        )
        fact = f"its features are {found}, the first sentence's {expected}; columns are the same for all"
        raise UserError(f"{sentence.source}: {fact}")
    return sentence


def features_as_keys(sentence: Sentence) -> Sentence:
    """The sentence with its features as metadata, which JSON lines hold by key."""
    for name in sentence.features:
        if name in RESERVED or name in ("tokens", "tags"):
            fact = f"a feature can't be written under the name {name!r}, which JSON lines use themselves"
            raise UserError(f"{sentence.source}: {fact}")
        old = sentence.metadata.get(name)
        if old is not None and not (isinstance(old, list) and len(old) == len(sentence)):
            fact = f"feature {name!r} and metadata of this name, {old!r}, can't be written both"
            raise UserError(f"{sentence.source}: {fact}")
    found = {name: list(values) for name, values in sentence.features.items()}
    return replace(sentence, metadata={**sentence.metadata, **found}) if found else sentence


def without_features(sentence: Sentence) -> Sentence:
    """The sentence, refused if it has features: the format has no place for them."""
    if sentence.features:
        names = ", ".join(map(repr, sentence.features))
        raise UserError(f"{sentence.source}: its features {names} fit into conll and jsonl alone")
    return sentence


def write_corpus(
    sentences: Iterable[Sentence],
    path: str | Path,
    *,
    format: Format | str,
) -> None:
    """Write a corpus under a temporary name, then give it its own: no half file is ever seen.

    path: a file ('.gz' compresses it); for parallel a directory (made) or an `X.in`.
    Features become columns between token and tag (conll), in the order of the first sentence's, or keys
    (jsonl): `read_corpus(..., feature_columns=...)` reads both.
    Raises UserError for a sentence that the format can't hold, CorpusError when the file can't
    be written; what stood there before then stands there still.
    """
    known, path = parse_format(format), as_path(path, "the corpus")
    sentences = writable(sentences)
    try:
        if known is Format.PARALLEL:
            _write_pair(map(without_features, sentences), Path(path))
            return
        with atomic_text_files() as open_text:
            write_file(known, sentences, open_text(Path(path)))
    except OSError as error:
        fact = f"can't be written: {(error.strerror or str(error)).lower()}"
        raise CorpusError(fact, path=str(path)) from None


def write_file(format: Format, sentences: Iterable[Sentence], stream: TextIO) -> None:
    """Write a corpus that is one file."""
    if format is Format.CONLL:
        write_feature_columns(sentences, stream)
    elif format is Format.CONLLU:
        write_conllu(map(without_features, sentences), stream)
    else:
        write_jsonl(map(features_as_keys, sentences), stream)


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
