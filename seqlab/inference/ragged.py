"""The layout of a batch of sentences without padding.

Tokens have two orders. In sentence order, sentences follow each other. In time order, the tokens that a
recurrent layer reads at time 0 come first, one per sentence, then those of time 1, and so on. The backward
direction reads the last token of each sentence at time 0.
"""

from dataclasses import dataclass

import numpy as np

from seqlab.arrays import Int64Array
from seqlab.machine.cached_property import cached_property


@dataclass(frozen=True)
class RaggedBatch:
    """lengths: int64 (B,), tokens of each sentence, at least 1, longest first. N is the number of tokens.

    >>> RaggedBatch(np.array([2, 1])).time_order.tolist()
    [[0, 2, 1], [1, 2, 0]]
    """

    lengths: Int64Array

    @property
    def tokens(self) -> int:
        """N, the number of tokens."""
        return int(self.lengths.sum())

    @cached_property
    def starts(self) -> Int64Array:
        """int64 (B,): each sentence's first token, in sentence order."""
        return np.cumsum(self.lengths) - self.lengths

    @cached_property
    def active(self) -> Int64Array:
        """int64 (T,): how many sentences have a token at each time; they are the first rows."""
        counts = np.searchsorted(-self.lengths, -np.arange(self.lengths[0]), side="left")
        return counts.astype(np.int64)

    @cached_property
    def time_offsets(self) -> Int64Array:
        """int64 (T + 1,): the first token of each time, in time order."""
        return np.concatenate([np.zeros(1, np.int64), np.cumsum(self.active)])

    @cached_property
    def time_order(self) -> Int64Array:
        """int64 (2, N): for each direction, the token of sentence order at each position of time order."""
        if len(self.lengths) == 1:  # as most calls of a program that waits for each answer
            single = np.arange(self.tokens)
            return np.stack([single, single[::-1]])
        times = np.repeat(np.arange(len(self.active)), self.active)
        sentences = np.arange(len(times)) - self.time_offsets[times]
        first = self.starts[sentences]
        return np.stack([first + times, first + self.lengths[sentences] - 1 - times])

    @property
    def ends(self) -> Int64Array:
        """int64 (B,): index in time order of each sentence's last token, where a direction has read the whole sentence."""
        return self.time_offsets[self.lengths - 1] + np.arange(len(self.lengths))
