"""Counts per class for plain tags, where every token is an item of its own.

Spans are not counted here: see `spans` and `span_counts`.
"""

import numpy as np

from seqlab.scoring.figures import Sums
from seqlab.scoring.pairs import TagPairs


def token_sums(pairs: TagPairs) -> dict[str, Sums]:
    """Correct, predicted and gold tokens of every tag that occurs on either side."""
    size = len(pairs.names)
    correct = np.bincount(pairs.gold[pairs.gold == pairs.predicted], minlength=size)
    predicted = np.bincount(pairs.predicted, minlength=size)
    support = np.bincount(pairs.gold, minlength=size)
    columns = zip(correct.tolist(), predicted.tolist(), support.tolist(), strict=True)
    return {name: Sums(*sums) for name, sums in zip(pairs.names, columns, strict=True)}
