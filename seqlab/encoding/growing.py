"""Grow the vocabularies of a trained encoder: old symbols keep their ids, new ones get the ids after them."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from itertools import chain

from seqlab.encoding.encoder import Encoder
from seqlab.encoding.vocabulary import Vocabulary


def grow_encoder(old: Encoder, fresh: Encoder, *, dropped: Collection[str] = ()) -> Encoder:
    """Return the encoder of a run, extended by the symbols of new data.

    Numeric columns keep the scaling of the run, and frozen words stay. If the run has no frozen words, those of `fresh`
    are taken.
    fresh: the encoder that was fitted to the new data with the inputs of the run. dropped: tags to leave out; all later
    tags get smaller ids.
    """
    tags = (tag for tag in chain(old.tags, fresh.tags) if tag not in dropped)
    return replace(
        old,
        words=grow_vocabulary(old.words, fresh.words),
        characters=grow_vocabulary(old.characters, fresh.characters),
        tags=replace(old.tags, symbols=tuple(dict.fromkeys(tags))),
        word_features=grow_each(old.word_features, fresh.word_features),
        feature_columns=grow_each(old.feature_columns, fresh.feature_columns),
        frozen_words=fresh.frozen_words if old.frozen_words is None else old.frozen_words,
    )


def grow_vocabulary(old: Vocabulary, fresh: Vocabulary) -> Vocabulary:
    """Return the old symbols, then the new ones in their own order.

    >>> grow_vocabulary(Vocabulary(("cat", "sat")), Vocabulary(("dog", "cat"))).symbols
    ('cat', 'sat', 'dog')
    """
    return replace(old, symbols=tuple(dict.fromkeys(chain(old.symbols, fresh.symbols))))


def grow_each(
    old: Mapping[str, Vocabulary], fresh: Mapping[str, Vocabulary]
) -> dict[str, Vocabulary]:
    """Grow the vocabularies of the same names."""
    return {name: grow_vocabulary(known, fresh[name]) for name, known in old.items()}
