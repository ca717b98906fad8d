"""The items that are scored (spans, or tokens of plain tags), with the sentence that each stands in."""

from dataclasses import dataclass

import numpy as np

from seqlab.arrays import BoolArray, Int64Array
from seqlab.corpus.schemes import Scheme, parse_scheme
from seqlab.scoring.pairs import TagPairs, TagSequences, pair_tags
from seqlab.scoring.span_counts import MarkedItems, mark_spans


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredItems:
    """The items of both sides of N sentences, whose M tokens stand end to end.

    marked: where the items are, and which are correct.
    lengths: int64 (N,), tokens of each sentence. sentence: int64 (M,), the sentence of each token.
    """

    marked: MarkedItems
    lengths: Int64Array
    sentence: Int64Array

    @property
    def found(self) -> BoolArray:
        """Bool (gold items,): whether a prediction equals this gold item."""
        correct = np.zeros(len(self.sentence), np.bool_)
        correct[self.marked.predicted[self.marked.correct]] = True
        # A correct prediction begins where its gold item begins, and no other gold item begins there.
        found: BoolArray = correct[self.marked.gold]
        return found


def scored_items(gold: TagSequences, predicted: TagSequences, scheme: Scheme | str) -> ScoredItems:
    """Find the items of both sides: spans as in seqeval's default mode, or every token of plain tags.

    gold, predicted: N sentences of tags, of the same lengths.
    Raises UserError when lengths differ, and for an unknown scheme.
    """
    scheme = parse_scheme(scheme)
    pairs = pair_tags(gold, predicted)
    marked = mark_tokens(pairs) if scheme is Scheme.PLAIN else mark_spans(pairs, scheme)
    lengths = np.fromiter(map(len, gold), np.int64, count=len(gold))
    return ScoredItems(
        marked=marked, lengths=lengths, sentence=np.repeat(np.arange(len(gold)), lengths)
    )


def mark_tokens(pairs: TagPairs) -> MarkedItems:
    """Every token of plain tags as an item; its class is its tag."""
    every = np.arange(len(pairs.gold))
    gold, predicted = pairs.gold.astype(np.int64), pairs.predicted.astype(np.int64)
    return MarkedItems(pairs.names, every, every, gold, every, every, predicted, gold == predicted)
