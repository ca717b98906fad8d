"""Count the spans of seqeval's default mode in numpy, for the figures of each epoch.

The counts equal `spans.default_counts` on every input, legal or not; a property test proves it. This module
is several times faster and does not import scikit-learn, as seqeval does. It does not know strict mode.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from seqlab.arrays import AnyIntArray, BoolArray, Int64Array
from seqlab.corpus.schemes import Scheme
from seqlab.scoring.figures import ItemCounts
from seqlab.scoring.pairs import TagPairs
from seqlab.scoring.tags import parse_tag

NO_SPAN = -1


class MarkedItems(NamedTuple):
    """The scored items of both sides: spans, or the tokens of plain tags.

    names: the C classes. gold, predicted: int64 (items,), the first token of each item.
    gold_last, predicted_last: int64 (items,), the last token of each item.
    gold_class, predicted_class: int64 (items,), index into `names`.
    correct: bool (items,), whether a predicted item equals a gold item.
    """

    names: tuple[str, ...]
    gold: Int64Array
    gold_last: Int64Array
    gold_class: Int64Array
    predicted: Int64Array
    predicted_last: Int64Array
    predicted_class: Int64Array
    correct: BoolArray


def span_counts(pairs: TagPairs, scheme: Scheme) -> dict[str, ItemCounts]:
    """Correct, predicted and gold spans per entity type."""
    spans = mark_spans(pairs, scheme)
    correct = spans.predicted_class[spans.correct]
    counts = counts_by_class(spans.names, correct, spans.predicted_class, spans.gold_class)
    return {name: row for name, row in counts.items() if row.predicted or row.support}


def counts_by_class(names: Sequence[str], *columns: AnyIntArray) -> dict[str, ItemCounts]:
    """The counts of each class. columns: int, the class of each correct, predicted and gold item."""
    counts = (np.bincount(classes, minlength=len(names)).tolist() for classes in columns)
    return {name: ItemCounts(*row) for name, *row in zip(names, *counts, strict=True)}


def mark_spans(pairs: TagPairs, scheme: Scheme) -> MarkedItems:
    """Find the spans of both sides."""
    parts = [parse_tag(name, scheme) for name in pairs.names]
    names = tuple(dict.fromkeys(part.class_name for part in parts))
    prefix = np.array([ord(part.prefix) for part in parts], dtype=np.int64)
    index_of = {name: index for index, name in enumerate(names)}
    class_id = np.array([index_of[part.class_name] for part in parts], dtype=np.int64)
    gold_class, predicted_class = class_id[pairs.gold], class_id[pairs.predicted]
    gold, gold_last = span_borders(prefix[pairs.gold], gold_class, pairs.first)
    predicted, predicted_last = span_borders(prefix[pairs.predicted], predicted_class, pairs.first)
    # Two spans are equal if their first token, last token and class are. last_token holds, on each
    # token that begins a gold span, the last token of that span.
    last_token = np.full(len(pairs.gold), NO_SPAN)
    last_token[gold] = gold_last
    same_class = gold_class[predicted] == predicted_class[predicted]
    equal = (last_token[predicted] == predicted_last) & same_class
    ours = (gold, gold_last, gold_class[gold])
    theirs = (predicted, predicted_last, predicted_class[predicted])
    return MarkedItems(names, *ours, *theirs, equal)


def span_borders(
    prefix: Int64Array, class_id: Int64Array, first: BoolArray
) -> tuple[Int64Array, Int64Array]:
    """The first and the last token of every span, in order.

    prefix: int64 (M,), code of each tag's prefix letter. class_id: int64 (M,), class of each tag.
    first: bool (M,), True on the first token of a sentence.

    A span begins at a token if its prefix says so, if no open span precedes it, or if the class changes
    (seqeval's `start_of_chunk`). It ends before the next begin and before the next outside tag; that is
    equivalent to seqeval's `end_of_chunk`.
    """
    inside = prefix != ord("O")
    # np.roll wraps the last token around to the front; `first` is True there and overrides it.
    before = np.roll(prefix, 1)
    closed = first | (before == ord("E")) | (before == ord("S"))  # after O the class changes
    begins_itself = (prefix == ord("B")) | (prefix == ord("S"))
    begin = inside & (begins_itself | closed | (class_id != np.roll(class_id, 1)))
    border = np.append((begin | ~inside)[1:], True)
    return np.flatnonzero(begin), np.flatnonzero(inside & border)
