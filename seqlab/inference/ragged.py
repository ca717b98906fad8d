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

    def steps(self, *, backward: bool = False) -> list[Integers]:
        """The flat positions read at each time, a row a sentence; `backward` from each one's end."""
        if backward:
            last = self.starts + self.lengths - 1
            return [last[:count] - time for time, count in enumerate(self.at_work.tolist())]
        return [self.starts[:count] + time for time, count in enumerate(self.at_work.tolist())]
