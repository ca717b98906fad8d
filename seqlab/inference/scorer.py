"""Sentences in, the scores of every tag of every token out: batched by length."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, repeat

import numpy as np

from seqlab.arrays import AnyArray, FloatArray, Int64Array
from seqlab.corpus.corpus_arrays import feature_of, offsets_of
from seqlab.corpus.sentence import Sentence
from seqlab.encoding.encoder import Encoder, column_input
from seqlab.encoding.vocabulary import UNKNOWN, Vocabulary
from seqlab.inference.blas import ONE_THREAD
from seqlab.inference.crf import CrfMessages, crf_messages
from seqlab.inference.forward import Forward
from seqlab.inference.lstm import RaggedBatch
from seqlab.inference.spelling_cache import SpellingCache

BATCH_SENTENCES = 96  # of one batch: with 100 units OpenBLAS multiplies so few by its quick way for small matrices
BATCH_TOKENS = 8192  # of one batch, unless it is one sentence: what it holds grows with them
GROUP_TOKENS = 32_768  # that are looked up together: what is held of their words grows with them


@dataclass(frozen=True, kw_only=True)
class ScoredBatch:
    """A batch, longest sentence first.

    sentences: int64 (B,), their numbers. lengths: int64 (B,), at least 1.
    emissions: float32 (B, T, C), 0 on padding, which is on the right. chain: of a CRF, what the tokens before
    and after each say of its tag, float32 (B, T, C) both.
    """

    sentences: Int64Array
    lengths: Int64Array
    emissions: FloatArray
    chain: CrfMessages | None

    def rows(self) -> Iterator[tuple[int, int]]:
        """The number and the length of each sentence."""
        return zip(self.sentences.tolist(), self.lengths.tolist(), strict=True)

    @property
    def logits(self) -> FloatArray:
        """float32 (B, T, C): scores whose softmax is the probability of each token's tags."""
        if self.chain is None:
            return self.emissions
        return self.emissions + self.chain.before + self.chain.after


class SentenceScorer:
    """What scores sentences with one trained network."""

    def __init__(self, forward: Forward, encoder: Encoder) -> None:
        self.forward, self.encoder = forward, encoder
        self.spelling_cache = SpellingCache(forward, encoder)

    def score(self, sentences: Sequence[Sentence]) -> Iterator[ScoredBatch]:
        """Every sentence that has a token, in batches; as many sentences as fit in memory.

        The scores depend on the network and on this list of sentences alone, bit for bit: not on what was scored
        before. The same sentence in another list may get scores that differ by rounding, as BLAS sums in
        another order when a batch has another size.
        Raises UserError for a sentence without one of the network's feature columns.
        """
        first = 0
        for group in groups(sentences):
            for batch in self.score_group(group):
                yield replace(batch, sentences=batch.sentences + first)
            first += len(group)

    def score_group(self, sentences: Sequence[Sentence]) -> Iterator[ScoredBatch]:
        """The same, of sentences that are looked up together."""
        lengths = sentence_lengths(sentences)
        columns = {
            column_input(name): column_ids(sentences, name, vocabulary)
            for name, vocabulary in self.encoder.feature_columns.items()
        }
        order = np.argsort(-lengths, kind="stable")
        order = order[: np.count_nonzero(lengths)]
        if not len(order):
            return
        table, rows = self.spelling_cache.look_up(
            list(chain.from_iterable(s.tokens for s in sentences))
        )
        chunk = Chunk(
            forward=self.forward,
            table=table,
            rows=rows,
            columns=columns,
            offsets=offsets_of(lengths),
        )
        del table  # the chunk holds it, for as long as it is read
        with ONE_THREAD.held():
            yield from map(chunk.scored, cut(order, lengths))

    @cached_property
    def transition_scores(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """What neighbours (C, C), first (C,) and last tags (C,) add to a path; zeros without a chain."""
        classes = self.forward.architecture.classes
        if self.forward.architecture.head == "crf":
            transitions, start, end = self.forward.layer("logits")
            return transitions, start, end
        nothing = np.zeros(classes, np.float32)
        return np.zeros((classes, classes), np.float32), nothing, nothing


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """Sentences with all that is known of their words.

    rows: int64 (tokens,), of the table. columns: by the name of the input int64 (tokens,).
    """

    forward: Forward
    table: FloatArray
    rows: Int64Array
    columns: dict[str, Int64Array]
    offsets: Int64Array

    def scored(self, part: Int64Array) -> ScoredBatch:
        """One batch. part: numbers of sentences, longest first."""
        lengths = self.offsets[part + 1] - self.offsets[part]
        ragged = RaggedBatch(lengths)
        mask = np.arange(lengths[0]) < lengths[:, None]
        flat = (self.offsets[part][:, None] + np.arange(lengths[0]))[mask]
        columns = {name: ids[flat] for name, ids in self.columns.items()}
        found = self.forward.emissions(self.table, self.rows[flat], columns, ragged)
        emissions = np.zeros((*mask.shape, found.shape[1]), np.float32)
        emissions[mask] = found
        return ScoredBatch(
            sentences=part,
            lengths=lengths,
            emissions=emissions,
            chain=self.crf_messages(emissions, lengths),
        )

    def crf_messages(self, emissions: FloatArray, lengths: Int64Array) -> CrfMessages | None:
        """The messages of a chain, where the network has one."""
        if self.forward.architecture.head != "crf":
            return None
        transitions, start, end = self.forward.layer("logits")
        return crf_messages(emissions, transitions, start, end, lengths)


def sentence_lengths(sentences: Sequence[Sentence]) -> Int64Array:
    """int64 (N,): tokens of each sentence."""
    return np.fromiter((len(s.tokens) for s in sentences), np.int64, len(sentences))


def column_ids(sentences: Sequence[Sentence], name: str, vocabulary: Vocabulary) -> Int64Array:
    """int64 (tokens,): the ids of a feature column's values. Raises UserError where a sentence has it not."""
    values = chain.from_iterable([feature_of(sentence, name) for sentence in sentences])
    return np.fromiter(map(vocabulary.ids.get, values, repeat(UNKNOWN)), np.int64)


def groups(sentences: Sequence[Sentence]) -> Iterator[Sequence[Sentence]]:
    """The same sentences in parts of about `GROUP_TOKENS`, each of at least one."""
    first, tokens = 0, 0
    for place, sentence in enumerate(sentences):
        if tokens and tokens + len(sentence) > GROUP_TOKENS:
            yield sentences[first:place]
            first, tokens = place, 0
        tokens += len(sentence)
    yield sentences[first:]


def cut(order: Int64Array, lengths: AnyArray) -> list[Int64Array]:
    """Parts of a list, longest sentence first, of at most `BATCH_SENTENCES`, and of at most `BATCH_TOKENS`
    or one sentence, padded.
    """
    parts = []
    first = 0
    while first < len(order):
        count = max(1, min(BATCH_SENTENCES, BATCH_TOKENS // int(lengths[order[first]])))
        parts.append(order[first : first + count])
        first += count
    return parts
