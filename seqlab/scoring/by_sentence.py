"""Counts per sentence and class, for bootstrap tests that resample sentences.

Spans are those of seqeval's default mode. Nothing is divided here.
"""

from dataclasses import dataclass

import numpy as np

from seqlab.arrays import Int64Array
from seqlab.corpus.schemes import Scheme
from seqlab.scoring.items import scored_items
from seqlab.scoring.pairs import TagSequences


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceCounts:
    """What each of N sentences contributes to the figures of each class.

    names: the C classes of either side, sorted.
    counts: int64 (N, C, 3), correct, predicted and gold items.
    """

    names: tuple[str, ...]
    counts: Int64Array

    def aligned(self, names: tuple[str, ...]) -> Int64Array:
        """int64 (N, len(names), 3): the counts in the order of `names`, which must include every class counted here."""
        aligned = np.zeros((len(self.counts), len(names), 3), np.int64)
        aligned[:, [names.index(name) for name in self.names]] = self.counts
        return aligned


def sentence_counts(gold: TagSequences, predicted: TagSequences, scheme: Scheme) -> SentenceCounts:
    """Count each sentence separately.

    gold, predicted: N sentences of tags, of the same lengths.
    Raises UserError when lengths differ.

    >>> result = sentence_counts([["B-PER", "O"], ["B-PER"]], [["B-PER", "O"], ["O"]], Scheme.IOB2)
    >>> result.names, result.counts.tolist()
    (('PER',), [[[1, 1, 1]], [[0, 0, 1]]])
    """
    scored = scored_items(gold, predicted, scheme)
    items, sentence = scored.marked, scored.sentence
    columns = (
        (items.predicted[items.correct], items.predicted_class[items.correct]),
        (items.predicted, items.predicted_class),
        (items.gold, items.gold_class),
    )
    size = len(items.names)
    cells = (sentence[tokens] * size + classes for tokens, classes in columns)
    flat = [np.bincount(cell, minlength=len(gold) * size) for cell in cells]
    counts = np.stack(flat, axis=-1).reshape(len(gold), size, 3)
    occurring = (index for index in range(size) if counts[:, index].any())
    order = sorted(occurring, key=items.names.__getitem__)
    names = tuple(items.names[index] for index in order)
    return SentenceCounts(names=names, counts=counts[:, order])
