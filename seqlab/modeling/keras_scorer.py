"""Scores sentences with any Keras network: encodes and pads them, runs the network, joins windows."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from seqlab.arrays import AnyArray, AnyIntArray, FloatArray
from seqlab.corpus.sentence import Sentence
from seqlab.encoding.batches import Batcher
from seqlab.encoding.encoded_corpus import FROZEN_INPUT
from seqlab.encoding.encoder import Encoder
from seqlab.encoding.vocabulary import UNKNOWN
from seqlab.errors import UserError
from seqlab.inference.own_network import NetworkReading
from seqlab.inference.scorer import (
    BATCH_TOKENS,
    GroupScorer,
    ScoredBatch,
    sentence_lengths,
    split_by_length,
)
from seqlab.modeling.overlapping_windows import overlapping_windows, window_of

Arrays = dict[str, AnyArray]
Predict = Callable[[Arrays], FloatArray]
"""From the arrays of a batch to the network's outputs, float (B, T, C)."""
BATCH_SIZES = (1, 8, 64)  # sentences
SMALLEST_PROBABILITY = 1e-30
DIVERGED = "the network's scores of a token are NaN or infinite: its training has diverged"


class KerasScorer(GroupScorer):
    """Scores sentences with one network in Keras."""

    def __init__(self, predict: Predict, reading: NetworkReading, encoder: Encoder) -> None:
        self.predict, self.reading, self.encoder = predict, reading, encoder

    def score_group(self, sentences: Sequence[Sentence]) -> Iterator[ScoredBatch]:
        """Score one group of sentences, which are encoded together."""
        lengths = sentence_lengths(sentences)
        order = np.argsort(-lengths, kind="stable")[: np.count_nonzero(lengths)]
        if not len(order):
            return
        scores = self.token_scores(sentences)
        for rows in split_by_length(order, lengths):
            emissions = np.zeros((len(rows), lengths[rows[0]], len(self.encoder.tags)), np.float32)
            for row, sentence in enumerate(rows.tolist()):
                emissions[row, : lengths[sentence]] = scores[sentence]
            yield ScoredBatch(
                sentences=rows, lengths=lengths[rows], emissions=emissions, crf_messages=None
            )

    def token_scores(self, sentences: Sequence[Sentence]) -> list[FloatArray]:
        """float32 (T, C) per sentence, from its windows."""
        size = self.reading.max_tokens
        windows = [overlapping_windows(len(sentence), size) for sentence in sentences]
        parts = [
            window_of(sentence, window.start, size)
            for sentence, of_sentence in zip(sentences, windows, strict=True)
            for window in of_sentence
        ]
        scored = iter(self.part_scores(parts))
        return [
            np.concatenate(
                [
                    scores[window.first - window.start : window.last - window.start]
                    for window, scores in zip(of_sentence, scored, strict=False)
                ]
            )
            for of_sentence in windows
        ]

    def part_scores(self, parts: Sequence[Sentence]) -> list[FloatArray]:
        """float32 (T, C) for each sentence or window that the network reads as a whole."""
        batcher = Batcher(self.encoder.encode(parts), size=1, max_chars=self.reading.max_chars)
        lengths = batcher.lengths
        order = np.argsort(-lengths, kind="stable")[: np.count_nonzero(lengths)]
        scores: list[FloatArray] = [np.zeros((0, len(self.encoder.tags)), np.float32)] * len(parts)
        for rows in split_by_length(order, lengths):
            outputs = self.batch_scores(batcher, rows)
            for row, part in enumerate(rows.tolist()):
                scores[part] = outputs[row, : lengths[part]]
                if not np.isfinite(scores[part]).all():
                    raise UserError(DIVERGED)
        return scores

    def batch_scores(self, batcher: Batcher, rows: AnyIntArray) -> FloatArray:
        """float32 (B, T, C): the logits of some sentences, with padding."""
        tokens = self.reading.max_tokens or rounded_length(int(batcher.lengths[rows].max()))
        most = max(1, min(BATCH_SIZES[-1], BATCH_TOKENS // tokens))
        outputs = [
            self.logits(self.arrays(batcher, rows[first : first + most], tokens))
            for first in range(0, len(rows), most)
        ]
        return np.concatenate(outputs)[: len(rows)]

    def arrays(self, batcher: Batcher, rows: AnyIntArray, tokens: int) -> Arrays:
        """The arrays that the network reads, with T = tokens. Ids of frozen words only if it reads their vectors."""
        inputs = batcher.batch(rows).inputs
        if FROZEN_INPUT not in self.reading.names:
            words = inputs["words"]
            inputs["words"] = np.where(words < self.encoder.words.id_count, words, UNKNOWN)
        return {name: padded(inputs[name], tokens) for name in self.reading.names}

    def logits(self, arrays: Arrays) -> FloatArray:
        """float32 (B, T, C): the network's outputs as logits."""
        count = len(next(iter(arrays.values())))
        # Batches have few sizes, as lengths do. Copies of the last sentence fill the batch.
        rows = np.minimum(np.arange(rounded_count(count)), count - 1)
        outputs = self.predict({name: values[rows] for name, values in arrays.items()})[:count]
        outputs = np.asarray(outputs, np.float32)
        if self.reading.logits:
            return outputs
        logits: FloatArray = np.log(np.maximum(outputs, np.float32(SMALLEST_PROBABILITY)))
        return logits

    @property
    def transition_scores(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Zeros: the network's outputs are scores of single tokens."""
        classes = len(self.encoder.tags)
        zeros = np.zeros(classes, np.float32)
        return np.zeros((classes, classes), np.float32), zeros, zeros

    def clear_cache(self) -> None:
        """It caches nothing."""


def padded(values: AnyArray, tokens: int) -> AnyArray:
    """An array (B, T, …) with zeros up to T = tokens."""
    missing = [(0, 0), (0, tokens - values.shape[1]), *[(0, 0)] * (values.ndim - 2)]
    return np.pad(values, missing)


def rounded_length(tokens: int) -> int:
    """The next power of two, at least 8: Keras compiles the network for each new length.

    >>> [rounded_length(n) for n in (1, 9, 150)]
    [8, 16, 256]
    """
    return max(8, 1 << (tokens - 1).bit_length())


def rounded_count(sentences: int) -> int:
    """The next of a few sizes of a batch.

    >>> [rounded_count(n) for n in (1, 3, 64)]
    [1, 8, 64]
    """
    return next(size for size in BATCH_SIZES if size >= sentences)
