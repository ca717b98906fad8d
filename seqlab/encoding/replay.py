"""Replay: each epoch also holds some old sentences, drawn anew, so that the network does not forget them.

This is experience replay (Ratcliff 1990; Rolnick et al. 2019, 'Experience Replay for Continual Learning'). The old
sentences stand behind the new ones in one corpus, and an epoch is a list of indices, so no sentence is copied.
"""

from dataclasses import dataclass

import numpy as np

from seqlab.arrays import AnyIntArray
from seqlab.encoding.batches import Sampler


@dataclass(frozen=True, kw_only=True)
class ReplaySampler:
    """Draws the new sentences of an epoch, and old ones that make up a share of it.

    new, old: numbers of new and of old sentences; the old ones have the indices from `new` on.
    share: of the epoch's sentences that are old, above 0 and below 1.
    inner: draws the new sentences; None draws each once.
    """

    new: int
    old: int
    share: float
    inner: Sampler | None = None

    def draw(self, random: np.random.Generator) -> AnyIntArray:
        """Return the sentences of one epoch: the new ones, then the old ones.

        No old sentence is drawn twice before each was drawn once.
        """
        fresh = np.arange(self.new) if self.inner is None else self.inner.draw(random)
        count = old_sentences(len(fresh), self.share)
        rounds = [random.permutation(self.old) for _ in range(-(-count // self.old))]
        return np.concatenate([fresh, *(self.new + drawn for drawn in rounds)])[
            : len(fresh) + count
        ]


def old_sentences(new: int, share: float) -> int:
    """Return how many old sentences to draw, at least 1, so that they are `share` of an epoch with `new` others.

    >>> old_sentences(80, 0.2), old_sentences(10, 0.5), old_sentences(1, 0.01)
    (20, 10, 1)
    """
    return max(1, round(new * share / (1 - share)))
