"""Precision and recall of a class over its bias, with the biases of all other classes as they are.

The tags at each bias are those that a tagger with that bias would choose. From one bias to the next only few
sentences change, so only those are decoded and counted again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seqlab.arrays import AnyFloatArray, AnyIntArray, BoolArray, DoubleArray, Int32Array
from seqlab.deciding.labelled_scores import LabelledScores
from seqlab.deciding.transitions import LegalTransitions
from seqlab.deciding.viterbi import decode, is_legal
from seqlab.machine.wording import ratio
from seqlab.scoring.figures import ItemCounts

BIASES = tuple(np.arange(-8, 8.5, 0.5).tolist())  # nats; those of `search_bias` are within
DECODED = 256  # sentences of similar length that are decoded together


@dataclass(frozen=True, kw_only=True)
class BiasPoint:
    """The counts of a class at one bias, in nats."""

    bias: float
    counts: ItemCounts

    @property
    def precision(self) -> float | None:
        """Correct of the predicted items; None without any."""
        return ratio(self.counts.correct, self.counts.predicted)

    @property
    def recall(self) -> float | None:
        """Correct of the gold items; None without any."""
        return ratio(self.counts.correct, self.counts.support)


def threshold_curve(
    data: LabelledScores, name: str, bias: AnyFloatArray, *, biases: Sequence[float] = BIASES
) -> list[BiasPoint]:
    """The counts of one class at each of some biases, in ascending order, and at its present one.

    name: the class. bias: float (C,), the present bias of each tag, which the other classes keep.
    """
    inside = np.array([one == name for one in data.classes])
    present = float(bias[inside][0])
    points = []
    walk = BiasWalk(data, name)
    for value in sorted({*biases, present}):
        walk.move_to(np.where(inside, value, bias))
        points.append(BiasPoint(bias=value, counts=walk.counts))
    return points


class BiasWalk:
    """The tags and the counts of one class while biases move.

    offsets: int64 (N + 1), the first token of each sentence. best: int32 (M,), the best tag of each token alone.
    illegal: bool (N,), whether the best tags of a sentence break the scheme; its tags then depend on the exact bias.
    """

    def __init__(self, data: LabelledScores, name: str) -> None:
        self.data, self.name = data, name
        self.offsets = np.append(np.flatnonzero(data.first), len(data.first))
        self.sentence = np.cumsum(data.first) - 1
        self.best: Int32Array = np.full(len(data.gold), -1, np.int32)
        self.illegal: BoolArray = np.zeros(len(self.offsets) - 1, np.bool_)
        self.tag_ids: Int32Array = data.gold.copy()
        self.counts = self.counts_of(np.ones(len(data.gold), np.bool_))

    def counts_of(self, chosen: BoolArray) -> ItemCounts:
        """The counts of the class in some sentences. chosen: bool (M,)."""
        part = self.data.subset(chosen)
        return part.counts(self.tag_ids[chosen]).get(self.name, ItemCounts(0, 0, 0))

    def move_to(self, bias: DoubleArray) -> None:
        """Decide all sentences with this bias, float64 (C,)."""
        best = self.data.decide(bias)
        moved = self.illegal.copy()
        moved[self.sentence[best != self.best]] = True
        self.best = best
        if not moved.any():
            return
        chosen = moved[self.sentence]
        before = self.counts_of(chosen)
        self.tag_ids[chosen] = best[chosen]
        self.decode_illegal(np.flatnonzero(moved), bias)
        after = self.counts_of(chosen)
        changes = (new - old for new, old in zip(after, before, strict=True))
        self.counts = ItemCounts(*(n + c for n, c in zip(self.counts, changes, strict=True)))

    def decode_illegal(self, sentences: AnyIntArray, bias: DoubleArray) -> None:
        """Replace the best tags of the sentences that break the scheme by their best legal path."""
        if self.data.legal is None:
            return
        lengths = np.diff(self.offsets)
        ordered = sentences[np.argsort(lengths[sentences], kind="stable")]
        for start in range(0, len(ordered), DECODED):
            self.decode_block(ordered[start : start + DECODED], bias, self.data.legal)

    def decode_block(
        self, sentences: AnyIntArray, bias: DoubleArray, legal: LegalTransitions
    ) -> None:
        """Do this for a few sentences of similar length."""
        starts, lengths = self.offsets[sentences], np.diff(self.offsets)[sentences]
        times = np.arange(lengths.max())
        mask = times < lengths[:, None]
        places = starts[:, None] + np.where(mask, times, 0)
        wrong = ~is_legal(self.best[places], lengths, legal)
        self.illegal[sentences] = wrong
        if wrong.any():
            scores = self.data.log_probabilities[places[wrong]] + bias
            paths = decode(scores, lengths[wrong], legal)
            self.tag_ids[places[wrong][mask[wrong]]] = paths[mask[wrong]]
