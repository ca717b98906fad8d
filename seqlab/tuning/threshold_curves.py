"""Precision and recall of a class over its bias, with the biases of all other classes as they are.

The tags at each bias are those that a tagger with that bias would choose. From one bias to the next only few
sentences change, so only those are decoded and counted again.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from seqlab.arrays import AnyIntArray, BoolArray, DoubleArray, Int32Array, Int64Array
from seqlab.deciding.viterbi import decode, is_legal
from seqlab.machine.wording import ratio
from seqlab.scoring.figures import ItemCounts
from seqlab.tuning.labelled_scores import LabelledScores

BIASES = tuple(np.arange(-8, 8.5, 0.5).tolist())  # nats; those of `search_bias` are within
DECODED = 256  # sentences of similar length that are decoded together
ROUNDING = 1e-6  # nats per sentence


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


def threshold_curves(
    data: LabelledScores,
    names: Iterable[str],
    bias: DoubleArray,
    *,
    biases: Sequence[float] = BIASES,
) -> Iterator[tuple[str, list[BiasPoint]]]:
    """Yield each class with its counts at several biases, its present one among them, in ascending order of bias.

    names: the classes. bias: float64 (C,), the present bias of each tag, which the other classes keep.
    """
    present = present_tags(data, bias)
    for name in names:
        walk = BiasWalk(present, name)
        own = float(bias[data.classes.index(name)])
        yield (
            name,
            [BiasPoint(bias=v, counts=walk.counts_at(v)) for v in sorted({*biases, own})],
        )


@dataclass(frozen=True, kw_only=True)
class PresentTags:
    """The tags under the present biases, from which the walks of all classes start.

    scores: float64 (M, C), log-probabilities with the present biases. tag_ids: int32 (M,), the chosen tags.
    offsets: int64 (N + 1), the first token of each sentence. sentence: int64 (M,), the sentence of each token.
    slack: float64 (N,), how much less a sentence's path scores than its best tags do; 0 if these are legal.
    """

    data: LabelledScores
    bias: DoubleArray
    scores: DoubleArray
    tag_ids: Int32Array
    offsets: Int64Array
    sentence: Int64Array
    slack: DoubleArray


def present_tags(data: LabelledScores, bias: DoubleArray) -> PresentTags:
    """Decode all sentences with the present biases."""
    scores = data.log_probabilities + bias
    offsets = np.append(np.flatnonzero(data.first), len(data.first))
    best = data.decide(bias)
    tag_ids = best.copy()
    make_legal(tag_ids, np.arange(len(offsets) - 1), data, offsets, bias)
    rows, sentence = np.arange(len(best)), np.cumsum(data.first) - 1
    lost = scores[rows, best] - scores[rows, tag_ids]
    slack = np.bincount(sentence, weights=lost, minlength=len(offsets) - 1)
    return PresentTags(
        data=data,
        bias=bias,
        scores=scores,
        tag_ids=tag_ids,
        offsets=offsets,
        sentence=sentence,
        slack=slack.astype(np.float64),
    )


class BiasWalk:
    """The counts of one class while its bias rises.

    A path with a tag of the class scores at most what the best tags of all tokens score, less the smallest distance
    of the class's tags from the best ones. While that is below the score of the present path, the path stays.

    enters: float64 (N,), the bias below which a sentence keeps its present path; -inf if that holds the class.
    settled: bool (N,), sentences whose best tags were legal at the last bias: their tags change with the best tags only.
    wins: bool (M,), where a tag of the class was the best one at the last bias.
    """

    def __init__(self, present: PresentTags, name: str) -> None:
        data, rows = present.data, np.arange(len(present.tag_ids))
        self.present, self.name = present, name
        self.inside = np.array([one == name for one in data.classes])
        parts = (self.inside, ~self.inside)
        own, other = (np.where(part, present.scores, -np.inf) for part in parts)
        self.own_tag, self.other_tag = (p.argmax(axis=1).astype(np.int32) for p in (own, other))
        self.own_score = data.log_probabilities[rows, self.own_tag]
        self.other_score = other[rows, self.other_tag]
        distance = np.full(len(present.slack), np.inf)
        np.minimum.at(distance, present.sentence, self.other_score - self.own_score)
        self.enters = distance - present.slack - ROUNDING
        self.enters[present.sentence[self.inside[present.tag_ids]]] = -np.inf
        self.settled = np.zeros(len(present.slack), np.bool_)
        self.wins = np.zeros(len(rows), np.bool_)
        self.tag_ids = present.tag_ids.copy()
        self.counts = self.counts_of(np.ones(len(rows), np.bool_))

    def counts_of(self, chosen: BoolArray) -> ItemCounts:
        """The counts of the class in some sentences. chosen: bool (M,)."""
        part = self.present.data.subset(chosen)
        return part.counts(self.tag_ids[chosen]).get(self.name, ItemCounts(0, 0, 0))

    def counts_at(self, value: float) -> ItemCounts:
        """The counts with this bias of the class, which is at least the last one."""
        raised = self.own_score + value
        # On equal scores the smaller tag id wins, as in argmax over all tags.
        ties = (raised == self.other_score) & (self.own_tag < self.other_tag)
        wins = (raised > self.other_score) | ties
        moved = ~self.settled
        moved[self.present.sentence[wins != self.wins]] = True
        moved &= self.enters <= value
        self.wins = wins
        if moved.any():
            self.decode(moved, value)
        return self.counts

    def decode(self, moved: BoolArray, value: float) -> None:
        """Decode and count some sentences anew. moved: bool (N,)."""
        present = self.present
        chosen = moved[present.sentence]
        before = self.counts_of(chosen)
        self.tag_ids[chosen] = np.where(self.wins, self.own_tag, self.other_tag)[chosen]
        bias = np.where(self.inside, value, present.bias)
        sentences = np.flatnonzero(moved)
        legal = make_legal(self.tag_ids, sentences, present.data, present.offsets, bias)
        self.settled[sentences] = legal
        after = self.counts_of(chosen)
        changes = (new - old for new, old in zip(after, before, strict=True))
        self.counts = ItemCounts(*(n + c for n, c in zip(self.counts, changes, strict=True)))


def make_legal(
    tag_ids: Int32Array,
    sentences: AnyIntArray,
    data: LabelledScores,
    offsets: Int64Array,
    bias: DoubleArray,
) -> BoolArray:
    """Replace best tags that break the scheme by the best legal path, in place.

    tag_ids: int32 (M,). sentences: the ones to look at. Returns bool for each of them, whether its tags were legal.
    """
    lengths = np.diff(offsets)[sentences]
    were_legal = np.ones(len(sentences), np.bool_)
    if data.legal is None:
        return were_legal
    order = np.argsort(lengths, kind="stable")
    for start in range(0, len(order), DECODED):
        block = order[start : start + DECODED]
        times = np.arange(lengths[block].max())
        mask = times < lengths[block, None]
        places = offsets[sentences[block], None] + np.where(mask, times, 0)
        wrong = ~is_legal(tag_ids[places], lengths[block], data.legal)
        were_legal[block] = ~wrong
        if wrong.any():
            scores = data.log_probabilities[places[wrong]] + bias
            paths = decode(scores, lengths[block][wrong], data.legal)
            tag_ids[places[wrong][mask[wrong]]] = paths[mask[wrong]]
    return were_legal
