"""The confusion matrix: tokens by gold class and predicted class.

Tags of a span scheme count by entity type, so B-PER for I-PER is not a confusion. Wrong span borders show
in the span figures; see `score`.
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
    """The number of tokens of class `gold` that were tagged as class `predicted`."""

    gold: str
    predicted: str
    tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfusionMatrix:
    """names: the C classes of either side, most gold tokens first, then by name.

    counts: int64 (C, C), tokens, [gold class, predicted class].
    """

    names: tuple[str, ...]
    counts: Int64Array

    def most_confused(self, n: int) -> tuple[Mistake, ...]:
        """The `n` most frequent mistakes, most frequent first, then by name."""
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
        """The matrix from the result of `to_json`."""
        size = len(value["names"])
        counts = np.array(value["counts"], np.int64).reshape(size, size)
        return cls(names=tuple(value["names"]), counts=counts)


def confusion(gold: TagSequences, predicted: TagSequences, scheme: Scheme | str) -> ConfusionMatrix:
    """Count every token by its gold and its predicted class, the outside tag included.

    gold, predicted: N sentences of tags, of the same lengths. scheme: the tag scheme of both.
    Raises UserError when lengths differ, and for an unknown scheme.

    >>> matrix = confusion([["B-PER", "I-PER", "O"]], [["B-LOC", "I-PER", "O"]], Scheme.IOB2)
    >>> matrix.names, matrix.counts.tolist()
    (('PER', 'O', 'LOC'), [[1, 0, 1], [0, 1, 0], [0, 0, 0]])
    """
    scheme = parse_scheme(scheme)
    pairs = pair_tags(gold, predicted)
    classes = [class_of(tag, scheme) for tag in pairs.names]
    names = tuple(dict.fromkeys(classes))
    index_of = {name: index for index, name in enumerate(names)}
    class_id = np.array([index_of[name] for name in classes], dtype=np.int64)
    size = len(names)
    cells = class_id[pairs.gold] * size + class_id[pairs.predicted]
    counts = np.bincount(cells, minlength=size * size).reshape(size, size)
    support = counts.sum(axis=1)
    order = sorted(range(size), key=lambda index: (-support[index], names[index]))
    ordered = tuple(names[index] for index in order)
    return ConfusionMatrix(names=ordered, counts=counts[np.ix_(order, order)])
