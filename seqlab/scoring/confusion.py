"""Which class is taken for which, token by token.

Tags of a span scheme are counted by their type, so B-PER for I-PER is no confusion here; what
is wrong about borders shows in the span figures (`score`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from seqlab.arrays import Int64Array
from seqlab.corpus.schemes import Scheme, parse_scheme
from seqlab.scoring.pairs import TagSequences, pair_tags
from seqlab.scoring.tags import class_of


class Mistake(NamedTuple):
    """How many tokens of class `gold` were tagged as class `predicted`."""

    gold: str
    predicted: str
    tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfusionMatrix:
    """Tokens by gold and by predicted class.

    names: the C classes of either side, by gold tokens, the largest first, then by name.
    counts: int64 (C, C), tokens; a row is a gold class, a column a predicted one.
    """

    names: tuple[str, ...]
    counts: Int64Array

    def most_confused(self, n: int) -> tuple[Mistake, ...]:
        """The `n` most frequent mistakes, the most frequent first, then by name."""
        mistakes = [
            Mistake(self.names[row], self.names[column], int(self.counts[row, column]))
            for row, column in np.argwhere(self.counts)
            if row != column
        ]
        return tuple(sorted(mistakes, key=lambda m: (-m.tokens, m.gold, m.predicted))[:n])

    def to_json(self) -> dict[str, Any]:
        """The names, and the counts as rows of numbers."""
        return {"names": list(self.names), "counts": self.counts.tolist()}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "ConfusionMatrix":
        """The matrix that `to_json` gave."""
        return cls(names=tuple(value["names"]), counts=np.array(value["counts"], np.int64))


def confusion(gold: TagSequences, predicted: TagSequences, scheme: Scheme | str) -> ConfusionMatrix:
    """Count every token under its gold and its predicted class, 'O' included.

    gold: N sentences of tags.
    predicted: N sentences of tags, each as long as its gold one.
    scheme: how both are written.
    Raises UserError when lengths differ, and for an unknown scheme.

    >>> matrix = confusion([["B-PER", "I-PER", "O"]], [["B-LOC", "I-PER", "O"]], Scheme.IOB2)
    >>> matrix.names, matrix.counts.tolist()
    (('PER', 'O', 'LOC'), [[1, 0, 1], [0, 1, 0], [0, 0, 0]])
    """
    scheme = parse_scheme(scheme)
    pairs = pair_tags(gold, predicted)
    names = tuple(dict.fromkeys(class_of(tag, scheme) for tag in pairs.names))
    column = np.array([names.index(class_of(tag, scheme)) for tag in pairs.names], dtype=np.int64)
    size = len(names)
    cells = column[pairs.gold] * size + column[pairs.predicted]
    counts = np.bincount(cells, minlength=size * size).reshape(size, size)
    support = counts.sum(axis=1)
    order = sorted(range(size), key=lambda index: (-support[index], names[index]))
    return ConfusionMatrix(
        names=tuple(names[index] for index in order), counts=counts[np.ix_(order, order)]
    )
