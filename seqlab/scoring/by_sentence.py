"""Counts per sentence and class: what a resampling of sentences adds up.

Spans are those of seqeval's default mode, as in `score`; nothing is divided here.
"""

from dataclasses import dataclass

import numpy as np

from seqlab.arrays import Int64Array
from seqlab.corpus.schemes import Scheme, parse_scheme
from seqlab.scoring.pairs import TagPairs, TagSequences, pair_tags
from seqlab.scoring.span_counts import mark_spans


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceSums:
    """What each sentence adds to the figures of each class.

    names: the C classes of either side, by name.
    counts: int64 (N, C, 3), how many are correct, predicted and in the gold tags.
    """

    names: tuple[str, ...]
    counts: Int64Array

    def aligned(self, names: tuple[str, ...]) -> Int64Array:
        """int64 (N, len(names), 3): the counts under other names, which include all of ours."""
        found = np.zeros((len(self.counts), len(names), 3), np.int64)
        found[:, [names.index(name) for name in self.names]] = self.counts
        return found


def sentence_sums(gold: TagSequences, predicted: TagSequences, scheme: Scheme) -> SentenceSums:
    """Count every sentence on its own.

    gold: N sentences of tags. predicted: N sentences of tags, each as long as its gold one.
    Raises UserError when lengths differ.

    >>> found = sentence_sums([["B-PER", "O"], ["B-PER"]], [["B-PER", "O"], ["O"]], Scheme.IOB2)
    >>> found.names, found.counts.tolist()
    (('PER',), [[[1, 1, 1]], [[0, 0, 1]]])
    """
    scheme = parse_scheme(scheme)
    pairs = pair_tags(gold, predicted)
    lengths = np.fromiter(map(len, gold), np.int64, count=len(gold))
    sentence = np.repeat(np.arange(len(gold)), lengths)
    types, columns = (_tokens if scheme is Scheme.PLAIN else _spans)(pairs, scheme)
    counts = np.stack(
        [_count(sentence[places], kinds, len(gold), len(types)) for places, kinds in columns], -1
    )
    kept = sorted((t for t in range(len(types)) if counts[:, t].any()), key=lambda t: types[t])
    return SentenceSums(names=tuple(types[t] for t in kept), counts=counts[:, kept])


Columns = tuple[tuple[str, ...], list[tuple[Int64Array, Int64Array]]]
"""The names of the classes; the place and the class of what is correct, predicted and gold."""


def _tokens(pairs: TagPairs, scheme: Scheme) -> Columns:
    everywhere = np.arange(len(pairs.gold))
    right = np.flatnonzero(pairs.gold == pairs.predicted)
    gold, predicted = pairs.gold.astype(np.int64), pairs.predicted.astype(np.int64)
    return pairs.names, [(right, gold[right]), (everywhere, predicted), (everywhere, gold)]


def _spans(pairs: TagPairs, scheme: Scheme) -> Columns:
    found = mark_spans(pairs, scheme)
    return found.types, [
        (found.predicted[found.right], found.predicted_kind[found.right]),
        (found.predicted, found.predicted_kind),
        (found.gold, found.gold_kind),
    ]


def _count(sentence: Int64Array, kind: Int64Array, sentences: int, classes: int) -> Int64Array:
    cells = np.bincount(sentence * classes + kind, minlength=sentences * classes)
    return cells.reshape(sentences, classes)
