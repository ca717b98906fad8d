"""Features of sentences in the files that are written: columns of CoNLL, keys of JSONL, refused elsewhere."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import chain
from typing import TextIO

from seqlab.corpus.columns import write_columns
from seqlab.corpus.jsonl import RESERVED
from seqlab.corpus.sentence import Sentence
from seqlab.errors import UserError


def write_feature_columns(sentences: Iterable[Sentence], stream: TextIO) -> None:
    """Columns, with those of the first sentence's features between token and tag.

    Raises UserError for a sentence that has others, and as `write_columns` does.
    """
    sentences = iter(sentences)
    first = next(sentences, None)
    if first is not None:
        names = tuple(first.features)
        same = (with_features(sentence, names) for sentence in chain([first], sentences))
        write_columns(same, stream, features=names)


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
