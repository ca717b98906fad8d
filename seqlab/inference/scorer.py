"""Score sentences: encode them, sort them by length into batches, run the network on each batch."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, repeat

import numpy as np

from seqlab.arrays import AnyArray, AnyIntArray, FloatArray, Int64Array
from seqlab.corpus.corpus_arrays import feature_of, number_array, offsets_of
from seqlab.corpus.sentence import Sentence
from seqlab.encoding.encoder import Encoder, column_input
from seqlab.encoding.gazetteer_features import ids_of_tokens
from seqlab.encoding.number_scaling import NumberScaling, scaled_inputs
from seqlab.encoding.vocabulary import UNKNOWN, Vocabulary
from seqlab.errors import UserError
from seqlab.inference.blas import ONE_THREAD
from seqlab.inference.crf import CrfMessages, crf_messages
from seqlab.inference.forward import Forward
from seqlab.inference.ragged import RaggedBatch
from seqlab.inference.spelling_cache import SpellingCache
from seqlab.machine.cached_property import cached_property

BATCH_SENTENCES = 96  # per batch; at 100 units OpenBLAS still uses its fast path for small matrices
BATCH_TOKENS = 8192  # with padding, unless it is one sentence; bounds the memory of a batch
GROUP_TOKENS = 32_768  # whose spellings are looked up together; bounds the memory of a look-up


@dataclass(frozen=True, kw_only=True)
class ScoredBatch:
    """The scores of B sentences, the longest first.

    sentences: int64 (B,), index of each sentence in the list given. lengths: int64 (B,), at least 1.
    emissions: float32 (B, T, C), tag scores of each token, padded with 0 on the right.
    crf_messages: messages between the tokens of each sentence; None for a softmax.
    """

    sentences: Int64Array
    lengths: Int64Array
    emissions: FloatArray
    crf_messages: CrfMessages | None

    def rows(self) -> Iterator[tuple[int, int]]:
        """The index and the length of the sentence in each row."""
        return zip(self.sentences.tolist(), self.lengths.tolist(), strict=True)

    @property
    def logits(self) -> FloatArray:
        """float32 (B, T, C): scores whose softmax gives the probabilities of each token's tags."""
        if self.crf_messages is None:
            return self.emissions
        return self.emissions + self.crf_messages.before + self.crf_messages.after


class GroupScorer(ABC):
    """Scores sentences with one network, group by group, so that memory stays bounded."""

    def score(self, sentences: Sequence[Sentence]) -> Iterator[ScoredBatch]:
        """Score as many sentences as fit in memory, in batches; sentences without tokens are left out.

        Raises UserError for a sentence without one of the network's feature columns or numeric columns, and for
        scores that are no numbers.
        """
        first = 0
        for group in token_groups(sentences):
            for batch in self.score_group(group):
                yield replace(batch, sentences=batch.sentences + first)
            first += len(group)

    @abstractmethod
    def score_group(self, sentences: Sequence[Sentence]) -> Iterator[ScoredBatch]:
        """Score one group of sentences, which are encoded together."""


class SentenceScorer(GroupScorer):
    """Scores sentences with one network in numpy. It keeps a cache of spellings between calls.

    The scores depend only on the network and the list of sentences, bit for bit, and not on earlier calls. In another
    list a sentence may get scores that differ by rounding, because BLAS sums in another order when the batch size changes.
    """

    def __init__(self, forward: Forward, encoder: Encoder) -> None:
        self.forward, self.encoder = forward, encoder
        self.spelling_cache = SpellingCache(forward, encoder)

    def score_group(self, sentences: Sequence[Sentence]) -> Iterator[ScoredBatch]:
        """Score one group of sentences, whose spellings are looked up together."""
        lengths = sentence_lengths(sentences)
        columns: dict[str, AnyIntArray] = {
            column_input(name): column_ids(sentences, name, vocabulary)
            for name, vocabulary in self.encoder.feature_columns.items()
        }
        numbers = number_rows(sentences, self.encoder.numeric_columns)
        order = np.argsort(-lengths, kind="stable")[: np.count_nonzero(lengths)]
        if not len(order):
            return
        tokens = [token for sentence in sentences for token in sentence.tokens]
        offsets = offsets_of(lengths)
        columns |= ids_of_tokens(
            self.encoder.gazetteers, tokens, offsets, self.encoder.unicode_form
        )
        table, rows = self.spelling_cache.look_up(tokens)
        group = SentenceGroup(
            forward=self.forward,
            table=table,
            rows=rows,
            columns=columns,
            numbers=numbers,
            offsets=offsets,
        )
        del table  # the group alone holds it, so the cache sees when it is no longer read
        with ONE_THREAD.held():
            yield from map(group.score_batch, split_by_length(order, lengths))

    def clear_cache(self) -> None:
        """Give the memory of cached spellings back."""
        self.spelling_cache.clear()

    @cached_property
    def transition_scores(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """float32 scores of transitions (C, C), first tags (C,) and last tags (C,); zeros for a softmax."""
        classes = self.forward.architecture.classes
        if self.forward.architecture.head == "crf":
            transitions, start, end = self.forward.layer("logits")
            return transitions, start, end
        zeros = np.zeros(classes, np.float32)
        return np.zeros((classes, classes), np.float32), zeros, zeros


@dataclass(frozen=True, kw_only=True)
class SentenceGroup:
    """Encoded sentences, ready for the network.

    table: float32 (rows, 8H), gate inputs of spellings. rows: int64 (tokens,), each token's row of `table`.
    columns: by input name, integers (tokens,), value ids.
    numbers: float32 (tokens, D), inputs of the numeric columns; None without them.
    offsets: int64 (N + 1,), first token of each sentence.
    """

    forward: Forward
    table: FloatArray
    rows: Int64Array
    columns: dict[str, AnyIntArray]
    numbers: FloatArray | None
    offsets: Int64Array

    def score_batch(self, sentences: Int64Array) -> ScoredBatch:
        """Score one batch. sentences: int64 (B,), indices in the group, the longest sentence first."""
        lengths = self.offsets[sentences + 1] - self.offsets[sentences]
        ragged = RaggedBatch(lengths)
        mask = np.arange(lengths[0]) < lengths[:, None]
        flat = (self.offsets[sentences][:, None] + np.arange(lengths[0]))[mask]
        columns = {name: ids[flat].astype(np.int64) for name, ids in self.columns.items()}
        numbers = None if self.numbers is None else self.numbers[flat]
        token_scores = self.forward.emissions(self.table, self.rows[flat], columns, ragged, numbers)
        emissions = np.zeros((*mask.shape, token_scores.shape[1]), np.float32)
        emissions[mask] = token_scores
        messages = None
        if self.forward.architecture.head == "crf":
            messages = crf_messages(emissions, self.forward.crf, lengths)
        batch = ScoredBatch(
            sentences=sentences, lengths=lengths, emissions=emissions, crf_messages=messages
        )
        logits = batch.logits
        # A CRF may give single tags -inf, but never all tags of a token. The first, cheap test passes nearly always.
        if not np.isfinite(logits).all() and not np.isfinite(logits.max(axis=2)[mask]).all():
            raise UserError(
                "the network's scores are no numbers: its weights, or the vectors of the words, are too large; "
                "train it again"
            )
        return batch


def sentence_lengths(sentences: Sequence[Sentence]) -> Int64Array:
    """int64 (N,): the number of tokens of each sentence."""
    return np.fromiter((len(s.tokens) for s in sentences), np.int64, len(sentences))


def column_ids(sentences: Sequence[Sentence], name: str, vocabulary: Vocabulary) -> Int64Array:
    """int64 (tokens,): ids of a feature column's values. Raises UserError if a sentence lacks the column."""
    values = chain.from_iterable([feature_of(sentence, name) for sentence in sentences])
    return np.fromiter(map(vocabulary.ids.get, values, repeat(UNKNOWN)), np.int64)


def number_rows(
    sentences: Sequence[Sentence], scalings: Mapping[str, NumberScaling]
) -> FloatArray | None:
    """float32 (tokens, D): inputs of the numeric columns; None without them.

    Raises UserError if a sentence lacks a column, or one of its values is no finite number.
    """
    if not scalings:
        return None
    columns = [number_array(sentences, name) for name in scalings]
    return scaled_inputs(columns, list(scalings.values()))


def token_groups(sentences: Sequence[Sentence]) -> Iterator[Sequence[Sentence]]:
    """Yield runs of sentences with at most `GROUP_TOKENS` tokens, or one longer sentence."""
    first, tokens = 0, 0
    for index, sentence in enumerate(sentences):
        if tokens and tokens + len(sentence) > GROUP_TOKENS:
            yield sentences[first:index]
            first, tokens = index, 0
        tokens += len(sentence)
    yield sentences[first:]


def split_by_length(order: Int64Array, lengths: AnyArray) -> list[Int64Array]:
    """Split sentence indices into batches within `BATCH_SENTENCES` and `BATCH_TOKENS`.

    order: int64 (N,), indices, the longest sentence first. lengths: int (N,), tokens by index.
    """
    batches, first = [], 0
    while first < len(order):
        count = max(1, min(BATCH_SENTENCES, BATCH_TOKENS // int(lengths[order[first]])))
        batches.append(order[first : first + count])
        first += count
    return batches


def log_softmax(scores: FloatArray) -> FloatArray:
    """float32 (…, C): scores as log-probabilities."""
    # Tags first: a sum over the first axis adds whole rows of memory, several times faster.
    by_tag: FloatArray = scores.reshape(-1, scores.shape[-1]).T.copy()
    by_tag -= by_tag.max(axis=0)
    by_tag -= np.log(np.exp(by_tag).sum(axis=0))
    return np.ascontiguousarray(by_tag.T).reshape(scores.shape)
