"""Join and rewrite corpora that are arrays already."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from seqlab.arrays import AnyArray, DoubleArray
from seqlab.corpus.corpus_arrays import (
    CorpusArrays,
    FeatureArray,
    SymbolIds,
    count_ids,
    smallest_id_type,
)


def join_arrays(first: CorpusArrays, second: CorpusArrays) -> CorpusArrays:
    """Return the sentences of two corpora, in memory. Both have the same features and numeric columns.

    The values that were measured on metadata, and the lines of the files, are left out.
    """
    both = (first, second)
    spellings, spelling_ids = join_ids(
        [one.spellings for one in both], [one.spelling_ids for one in both]
    )
    tags, tag_ids = join_ids([one.tags for one in both], [one.tag_ids for one in both])
    features = {}
    for name in first.features:
        values, ids = join_ids(
            [one.features[name].values for one in both], [one.features[name].ids for one in both]
        )
        features[name] = FeatureArray(values=values, ids=ids)
    return CorpusArrays(
        spellings=spellings,
        spelling_ids=spelling_ids,
        spelling_counts=count_ids(spelling_ids, len(spellings)),
        tags=tags,
        tag_ids=tag_ids.astype(smallest_id_type(len(tags))),
        tag_counts=count_ids(tag_ids, len(tags)),
        offsets=np.concatenate([first.offsets, second.offsets[1:] + first.offsets[-1]]),
        weights=np.concatenate([first.weights, second.weights]),
        token_weights=join_weights(both),
        features=features,
        numbers={
            name: np.concatenate([one.numbers[name] for one in both]) for name in first.numbers
        },
    )


def join_ids(
    symbols: Sequence[Sequence[str]], ids: Sequence[AnyArray]
) -> tuple[tuple[str, ...], AnyArray]:
    """Return the distinct symbols of several lists, in order, and int32: all ids, now of these symbols."""
    known = SymbolIds()
    parts = []
    for names, numbers in zip(symbols, ids, strict=True):
        table = np.fromiter((known[name] for name in names), np.int32, len(names))
        parts.append(table[numbers])
    return tuple(known), np.concatenate(parts)


def join_weights(corpora: Sequence[CorpusArrays]) -> DoubleArray | None:
    """float64 (tokens,), 1 where a corpus has no token weights; None when no corpus has any."""
    if all(one.token_weights is None for one in corpora):
        return None
    return np.concatenate(
        [
            np.ones(len(one.spelling_ids)) if one.token_weights is None else one.token_weights
            for one in corpora
        ]
    )


def rename_tags(arrays: CorpusArrays, rename: Callable[[str], str]) -> CorpusArrays:
    """Return the corpus with its tags renamed. Tags with the same new name are merged."""
    renamed = tuple(map(rename, arrays.tags))
    if renamed == arrays.tags:
        return arrays
    tags, tag_ids = join_ids([renamed], [arrays.tag_ids])
    return replace(
        arrays,
        tags=tags,
        tag_ids=tag_ids.astype(smallest_id_type(len(tags))),
        tag_counts=count_ids(tag_ids, len(tags)),
    )
