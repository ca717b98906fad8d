"""Several networks as one scorer: the mean of their log-probabilities (a geometric mean of their probabilities).

A CRF contributes the log of its marginals, so networks with and without a CRF can be combined.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from seqlab.arrays import FloatArray, IndexArray
from seqlab.corpus.sentence import Sentence
from seqlab.inference.own_network import Scorer
from seqlab.inference.scorer import ScoredBatch, log_softmax

COMBINED = "the tagger combines several networks; --format onnx, --init-from and audit --run need a run of one network"


@dataclass(frozen=True)
class CombinedScorer:
    """Scores sentences with every scorer, and gives the mean of their log-probabilities.

    scorers: each scores the same sentences in the same batches. orders: of each scorer, int64 (C,), the column of its
    scores that holds each tag.
    """

    scorers: Sequence[Scorer]
    orders: Sequence[IndexArray]

    def score(self, sentences: Sequence[Sentence]) -> Iterator[ScoredBatch]:
        """Score sentences in batches; sentences without tokens are left out."""
        # Subtle: a batch depends on the lengths of the sentences alone, so the batches of all scorers are the same.
        for batches in zip(*(scorer.score(sentences) for scorer in self.scorers), strict=True):
            pairs = zip(batches, self.orders, strict=True)
            logs = [log_softmax(batch.logits)[:, :, order] for batch, order in pairs]
            first = batches[0]
            yield ScoredBatch(
                sentences=first.sentences,
                lengths=first.lengths,
                emissions=mean_of(logs),
                crf_messages=None,
            )

    @property
    def transition_scores(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """float32 zeros: the tags of a mean of log-probabilities do not depend on one another."""
        classes = len(self.orders[0])
        zeros = np.zeros(classes, np.float32)
        return np.zeros((classes, classes), np.float32), zeros, zeros

    def clear_cache(self) -> None:
        """Give the memory of cached values back."""
        for scorer in self.scorers:
            scorer.clear_cache()


def mean_of(arrays: Sequence[FloatArray]) -> FloatArray:
    """The mean of arrays of one shape, float32."""
    total = arrays[0].copy()
    for array in arrays[1:]:
        total += array
    total /= np.float32(len(arrays))
    return total
