"""The weights from which a continued training starts: those of the old run, extended for new symbols and tags."""

from collections.abc import Mapping, Sequence

import numpy as np

from seqlab.arrays import FloatArray, Int64Array
from seqlab.encoding.encoder import Encoder
from seqlab.encoding.vocabulary import UNKNOWN
from seqlab.inference.weights import NetworkWeights
from seqlab.tagging.tagger import Tagger

WORDS, CHARACTERS = "word_embedding/0", "characters/0"
TAG_AXES: Mapping[str, Mapping[str, tuple[int, ...]]] = {
    "softmax": {"logits/0": (1,), "logits/1": (0,)},
    "crf": {
        "emissions/0": (1,),
        "emissions/1": (0,),
        "logits/0": (0, 1),  # transitions from tag to tag
        "logits/1": (0,),
        "logits/2": (0,),
    },
}
"""By output layer, the weights that have one entry per tag, and along which axes."""


def grow_weights(
    fresh: NetworkWeights, old: Tagger, encoder: Encoder, new_vectors: FloatArray
) -> NetworkWeights:
    """Return the weights of the old tagger in the shapes of a new network.

    New characters and feature values start as the unknown symbol, which the old tagger read for them. New tags keep the
    weights of `fresh`. Everything else is copied.
    fresh: the weights of the untrained new network. encoder: of the new network; old symbols have their old ids, new tags
    come last. new_vectors: float32 (new words, D).
    """
    grown = {name: old.weights[name] for name in fresh}
    if WORDS in grown:
        grown[WORDS] = np.concatenate([grown[WORDS], new_vectors])
    if CHARACTERS in grown:
        grown[CHARACTERS] = with_unknown_rows(grown[CHARACTERS], encoder.characters.id_count)
    for name, vocabulary in encoder.features.items():
        table = f"{name}_embedding/0"
        grown[table] = with_unknown_rows(grown[table], vocabulary.id_count)
    rows = tag_rows(old.encoder.tags.symbols, encoder.tags.symbols)
    for name, axes in TAG_AXES[old.architecture.head].items():
        grown[name] = with_old_tags(fresh[name], grown[name], rows, axes)
    return grown


def with_unknown_rows(table: FloatArray, size: int) -> FloatArray:
    """The table with copies of the unknown symbol's row behind it. size: rows of the result."""
    return np.concatenate([table, np.repeat(table[[UNKNOWN]], size - len(table), axis=0)])


def tag_rows(old: Sequence[str], new: Sequence[str]) -> tuple[Int64Array, Int64Array]:
    """The numbers of the tags that both networks have, int64 each: in the new network, and in the old one."""
    pairs = [(number, old.index(tag)) for number, tag in enumerate(new) if tag in old]
    both = np.array(pairs, np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def with_old_tags(
    fresh: FloatArray, old: FloatArray, rows: tuple[Int64Array, Int64Array], axes: Sequence[int]
) -> FloatArray:
    """The fresh weights, with the old ones for each tag that both networks have; for transitions, for each pair.

    rows: from `tag_rows`. axes: those that have one entry per tag.
    """
    grown = fresh.copy()
    targets, sources = (
        np.ix_(
            *(rows[side] if axis in axes else np.arange(size) for axis, size in enumerate(shape))
        )
        for side, shape in enumerate((fresh.shape, old.shape))
    )
    grown[targets] = old[sources]
    return grown
