"""Spans of seqeval's default mode, counted in numpy: what each epoch's figures are made of.

Equal to `spans.default_sums` on every input, legal or not (a property test holds it), several
times faster, and free of seqeval's import of scikit-learn. Strict mode is not counted here.
"""

from typing import NamedTuple

import numpy as np

from seqlab.arrays import BoolArray, Int64Array
from seqlab.corpus.schemes import Scheme
from seqlab.scoring.figures import Sums
from seqlab.scoring.pairs import TagPairs
from seqlab.scoring.tags import parse_tag

NO_SPAN = -1


class MarkedSpans(NamedTuple):
    """Every span of both sides, known by its first token.

    types: the T distinct types. gold, predicted: int64, first tokens of the spans of either side.
    gold_kind, predicted_kind: int64, index into `types`. right: bool, of each predicted span.
    """

    types: tuple[str, ...]
    gold: Int64Array
    gold_kind: Int64Array
    predicted: Int64Array
    predicted_kind: Int64Array
    right: BoolArray


def span_sums(pairs: TagPairs, scheme: Scheme) -> dict[str, Sums]:
    """Correct, predicted and gold spans per type."""
    types, _, gold_kind, _, predicted_kind, right = mark_spans(pairs, scheme)
    columns = (
        np.bincount(kinds, minlength=len(types)).tolist()
        for kinds in (predicted_kind[right], predicted_kind, gold_kind)
    )
    sums = {name: Sums(*row) for name, *row in zip(types, *columns, strict=True)}
    return {name: row for name, row in sums.items() if row.predicted or row.support}


def mark_spans(pairs: TagPairs, scheme: Scheme) -> MarkedSpans:
    """Find the spans of both sides.

    A span is known by its first token, its last token and its type; so `ends` holds, for each
    token at which a gold span starts, the token at which that span ends.
    """
    parts = [parse_tag(name, scheme) for name in pairs.names]
    types = tuple(dict.fromkeys(part.type for part in parts))
    prefix = np.array([ord(part.prefix) for part in parts], dtype=np.int64)
    kind = np.array([types.index(part.type) for part in parts], dtype=np.int64)
    gold_kind, predicted_kind = kind[pairs.gold], kind[pairs.predicted]
    gold, gold_end = _spans(prefix[pairs.gold], gold_kind, pairs.first)
    predicted, predicted_end = _spans(prefix[pairs.predicted], predicted_kind, pairs.first)
    ends = np.full(len(pairs.gold), NO_SPAN)
    ends[gold] = gold_end
    right = (ends[predicted] == predicted_end) & (gold_kind[predicted] == predicted_kind[predicted])
    return MarkedSpans(types, gold, gold_kind[gold], predicted, predicted_kind[predicted], right)


def _spans(prefix: Int64Array, kind: Int64Array, first: BoolArray) -> tuple[Int64Array, Int64Array]:
    """The first and the last token of every span, in order.

    prefix: int64 (M,), letter of each token's tag.
    kind: int64 (M,), type of each token's tag.
    first: bool (M,), True on the first token of a sentence.

    A token of a span starts one where its prefix says so, where nothing runs that it could go
    on, or where the type changes (seqeval's `start_of_chunk`); a span ends before the next
    start and the next 'O' (`end_of_chunk` says the same of the same tokens).
    """
    inside = prefix != ord("O")
    before = np.roll(prefix, 1)
    closed = first | (before == ord("O")) | (before == ord("E")) | (before == ord("S"))
    starts_itself = (prefix == ord("B")) | (prefix == ord("S"))
    start = inside & (starts_itself | closed | (kind != np.roll(kind, 1)))
    border = np.append((start | ~inside)[1:], True)
    return np.flatnonzero(start), np.flatnonzero(inside & border)
