"""Sentences of a batch laid end to end, and walked through time together without padding."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Ragged:
    """lengths: int64 (B,), tokens of each sentence, longest first and at least 1 each."""

    lengths: Integers

    @property
    def tokens(self) -> int:
        """N, all tokens."""
        return int(self.lengths.sum())

    @cached_property
    def starts(self) -> Integers:
        """int64 (B,), the flat position of each sentence's first token."""
        return np.cumsum(self.lengths) - self.lengths

    @cached_property
    def at_work(self) -> Integers:
        """int64 (T,), sentences that have a token at each time: those that begin the batch."""
        reached = np.searchsorted(-self.lengths, -np.arange(self.lengths[0]), side="left")
        return reached.astype(np.int64)

    @cached_property
    def edges(self) -> Integers:
        """int64 (T + 1,), where each time begins when the tokens are laid out time after time."""
        return np.concatenate([np.zeros(1, np.int64), np.cumsum(self.at_work)])

    @cached_property
    def places(self) -> Integers:
        """int64 (2, N): the flat positions that are read, time after time, from each sentence's first token
        on, and from its last one back.
        """
        times = np.repeat(np.arange(len(self.at_work)), self.at_work)
        sentences = np.arange(len(times)) - self.edges[times]
        first = self.starts[sentences]
        return np.stack([first + times, first + self.lengths[sentences] - 1 - times])

    @property
    def ends(self) -> Integers:
        """int64 (B,): where each sentence's last time stands, when they are laid out so."""
        return self.edges[self.lengths - 1] + np.arange(len(self.lengths))
