"""Scores by the length of spans and of sentences: which lengths a tagger fails at."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from seqlab.arrays import BoolArray, Int64Array
from seqlab.scoring.figures import ItemCounts, class_figures
from seqlab.scoring.items import ScoredItems

SPAN_LENGTHS = (1, 2, 3, 4, 6, 11)  # where a group begins: 1, 2, 3, 4 to 5, 6 to 10, 11 and more
SENTENCE_LENGTHS = (1, 11, 21, 41, 81)


def by_span_length(items: ScoredItems) -> list[dict[str, Any]]:
    """The counts and F1 of spans of each length in tokens, as metrics.json holds them.

    A prediction counts at its own length, so one with a wrong border may count at another length than its gold span.
    """
    marked = items.marked
    return grouped(
        marked.gold_last - marked.gold + 1,
        marked.predicted_last - marked.predicted + 1,
        marked.correct,
        SPAN_LENGTHS,
    )


def by_sentence_length(items: ScoredItems) -> list[dict[str, Any]]:
    """The counts and F1 of all items in sentences of each length in tokens, as metrics.json holds them."""
    tokens = items.lengths[items.sentence]
    marked = items.marked
    return grouped(tokens[marked.gold], tokens[marked.predicted], marked.correct, SENTENCE_LENGTHS)


def grouped(
    gold: Int64Array, predicted: Int64Array, correct: BoolArray, starts: Sequence[int]
) -> list[dict[str, Any]]:
    """A row for each group of lengths with items. gold, predicted: the length that each item counts at."""
    columns = [
        np.bincount(np.searchsorted(starts, lengths, side="right") - 1, minlength=len(starts))
        for lengths in (predicted[correct], predicted, gold)
    ]
    counts = [ItemCounts(*row) for row in zip(*(c.tolist() for c in columns), strict=True)]
    ends = [start - 1 for start in starts[1:]]
    return [
        {
            "from": start,
            "to": end,
            "support": row.support,
            "predicted": row.predicted,
            "correct": row.correct,
            "f1": class_figures(row).f1,
        }
        for start, end, row in zip(starts, [*ends, None], counts, strict=True)
        if row.support or row.predicted
    ]
