"""Batches: group sentences of similar length and pad them to the longest of the batch."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from seqlab.arrays import (
    AnyArray,
    AnyIntArray,
    BoolArray,
    FloatArray,
    Int32Array,
    Int64Array,
)
from seqlab.corpus.mapped_arrays import release_pages, take_and_release
from seqlab.encoding.encoded_corpus import (
    EncodedCorpus,
    check_at_least_one,
    mask_weights,
    named_inputs,
)
from seqlab.encoding.number_scaling import number_inputs
from seqlab.encoding.rare_dropout import RareDropout
from seqlab.encoding.soft_labels import soft_batch

POOL = 50  # batches; sentences are sorted by length within a pool of this many batches


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Some sentences as arrays; T is the length of the longest sentence. Padding is 0 everywhere.

    words: int32 (B, T), word ids.
    chars: int32 (B, T, W), character ids.
    features: by the name of the network's input, int32 (B, T).
    labels: int32 (B, T), tag ids from 1; 0 on padding and on tags without a class.
    sentence_weights: float32 (B,).
    token_weights: float32 (B, T), or None when the corpus has none.
    frozen_vectors: float32 (B, T, D), vectors of frozen words, or None without frozen words.
    numbers: float32 (B, T, D), inputs of the numeric columns, or None without numeric columns.
    sentences: integers (B,), the indices of the sentences in the corpus.
    soft_labels: float32 (B, T, C), the share of the loss that a teacher gives to each tag; None without a teacher.
    """

    words: Int32Array
    chars: Int32Array
    features: Mapping[str, Int32Array]
    labels: Int32Array
    sentence_weights: FloatArray
    token_weights: FloatArray | None
    frozen_vectors: FloatArray | None
    numbers: FloatArray | None
    sentences: AnyIntArray
    soft_labels: FloatArray | None = None

    @property
    def inputs(self) -> dict[str, AnyArray]:
        """The arrays that a network reads, by the names of its inputs."""
        return named_inputs(
            self.words, self.chars, self.features, frozen=self.frozen_vectors, numbers=self.numbers
        )

    @property
    def tokens(self) -> int:
        """The number of real tokens."""
        return int(np.count_nonzero(self.words))


class Sampler(Protocol):
    """An object that decides which sentences an epoch holds, and how often."""

    def draw(self, random: np.random.Generator) -> AnyIntArray:
        """Return the indices of the sentences of one epoch."""
        ...


@dataclass(frozen=True, kw_only=True)
class BatchTokens:
    """The tokens of a batch, by their positions in the corpus.

    spelling_ids: int32 (B, T), rows of the distinct words.
    words: int64 (B, T), the positions whose words and columns are read. labels: the positions whose tags are read.
    mask: bool (B, T), False on padding, where positions are 0.
    changed: bool (B,), True for sentences that are not as in the corpus; None if all are.
    """

    spelling_ids: Int32Array
    words: Int64Array
    labels: Int64Array
    mask: BoolArray
    changed: BoolArray | None = None


class Augmenter(Protocol):
    """An object that changes some sentences of a training batch."""

    def draw(
        self, corpus: EncodedCorpus, windows: AnyIntArray, random: np.random.Generator
    ) -> BatchTokens:
        """Return the tokens of some sentences, some of them changed."""
        ...


class Batcher:
    """Makes batches of an encoded corpus.

    size: the number of sentences per batch; with `by_tokens` the largest number of padded tokens (B * T).
    sampler: draws the sentences of an epoch; without a sampler each epoch holds each sentence once.
    pool: the number of batches within which sentences are sorted by length; 1 keeps the drawn batches.
    augmenter: changes some sentences of each training batch; without it all stay as they are.
    hiding: hides rare words of each training batch; None hides nothing.
    The batches of an epoch depend only on the corpus, these arguments, the seed and the epoch's number.
    Raises SettingsError when `size`, `pool` or `max_chars` is below 1.
    """

    def __init__(
        self,
        corpus: EncodedCorpus,
        *,
        size: int,
        by_tokens: bool = False,
        max_chars: int = 15,
        sampler: Sampler | None = None,
        pool: int = POOL,
        augmenter: Augmenter | None = None,
        hiding: RareDropout | None = None,
    ) -> None:
        for name, value in (("size", size), ("pool", pool), ("max_chars", max_chars)):
            check_at_least_one(value, name)
        self.sampler, self.pool, self.augmenter = sampler, pool, augmenter
        self.hiding = hiding
        self.corpus, self.size, self.by_tokens = corpus, size, by_tokens
        self.chars = corpus.distinct_words.padded(max_chars)
        self.lengths = corpus.lengths.astype(np.int32)
        release_pages(corpus.offsets)

    def all(self) -> AnyIntArray:
        """Return int32 (N,), the index of every sentence; int32 because an epoch keeps this list in memory."""
        return np.arange(len(self.corpus), dtype=np.int32)

    def epoch(self, *, seed: int, number: int) -> list[AnyIntArray]:
        """Return the sentences of each batch of one training epoch, shuffled."""
        random = np.random.default_rng([seed, number])
        drawn = self.all() if self.sampler is None else self.sampler.draw(random)
        order = random.permutation(drawn)
        pool = self.size * self.pool
        if self.by_tokens:
            pool = max(1, int(pool / max(1.0, float(self.lengths[order].mean()))))
        # Sorting within pools saves padding; the last permutation mixes short and long batches again.
        batches = [
            batch
            for start in range(0, len(order), pool)
            for batch in self.split_sorted(self.by_length(order[start : start + pool]))
        ]
        return [batches[index] for index in random.permutation(len(batches))]

    def in_order(self) -> list[AnyIntArray]:
        """Return the sentences of each batch of one pass without training, shortest first."""
        return self.split_sorted(self.by_length(self.all()))

    def by_length(self, sentences: AnyIntArray) -> AnyIntArray:
        """Sort sentences by length; sentences of equal length keep their order."""
        return sentences[np.argsort(self.lengths[sentences], kind="stable")]

    def split_sorted(self, ordered: AnyIntArray) -> list[AnyIntArray]:
        """Split sentences that are sorted by length into batches."""
        if not self.by_tokens:
            return [ordered[i : i + self.size] for i in range(0, len(ordered), self.size)]
        batches, start = [], 0
        lengths = self.lengths[ordered]
        while start < len(ordered):
            # Lengths ascend, so the last sentence sets T: a batch of k sentences has k * lengths[k - 1] cells.
            candidates = lengths[start : start + self.size]
            cells = candidates * np.arange(1, 1 + len(candidates))
            # A sentence longer than `size` still makes a batch of its own.
            count = max(1, int(np.searchsorted(cells, self.size, side="right")))
            batches.append(ordered[start : start + count])
            start += count
        return batches

    def batch(self, sentences: AnyIntArray, *, seed: Sequence[int] | None = None) -> Batch:
        """Return the arrays of some sentences.

        seed: of the changes that the augmenter makes and of what is hidden; without a seed nothing is changed.
        """
        corpus, words = self.corpus, self.corpus.distinct_words
        tokens = self.tokens(sentences, seed)
        spelling_ids, mask = tokens.spelling_ids, tokens.mask
        labels = corpus.tag_labels[take_and_release(corpus.tags, tokens.labels)]
        token_weights = None
        if corpus.token_weights is not None:
            weights = take_and_release(corpus.token_weights, tokens.labels)
            token_weights = mask_weights(weights, mask)
        word_ids = np.where(mask, words.word_ids[spelling_ids], 0)
        if self.hiding is not None and seed is not None:
            word_ids = self.hiding.hide(word_ids, seed)
        return Batch(
            words=word_ids,
            chars=np.where(mask[:, :, None], self.chars[spelling_ids], 0).astype(np.int32),
            features=self.features(tokens),
            labels=np.where(mask, labels, 0),
            sentence_weights=corpus.sentence_weights[sentences],
            token_weights=token_weights,
            frozen_vectors=words.frozen_vectors(spelling_ids, mask),
            numbers=number_inputs(corpus.numeric_columns, tokens.words, mask),
            sentences=sentences,
            soft_labels=None
            if corpus.soft_labels is None
            else soft_batch(corpus.soft_labels, tokens.labels, mask),
        )

    def features(self, tokens: BatchTokens) -> dict[str, Int32Array]:
        """Return the features of a batch. In changed sentences other phrases of gazetteers stand than in the corpus."""
        features = self.corpus.features(tokens.spelling_ids, tokens.words, tokens.mask)
        if tokens.changed is not None and tokens.changed.any():
            rows = tokens.changed
            anew = self.corpus.list_features(tokens.spelling_ids[rows], tokens.mask[rows])
            for name, ids in anew.items():
                features[name][rows] = ids
        return features

    def tokens(self, sentences: AnyIntArray, seed: Sequence[int] | None) -> BatchTokens:
        """Return the tokens of some sentences; see `batch`."""
        if self.augmenter is not None and seed is not None:
            return self.augmenter.draw(self.corpus, sentences, np.random.default_rng(seed))
        positions, mask = self.corpus.gather(sentences)
        spelling_ids = take_and_release(self.corpus.spelling_ids, positions)
        return BatchTokens(spelling_ids=spelling_ids, words=positions, labels=positions, mask=mask)

    def batches(self, parts: list[AnyIntArray]) -> Iterator[Batch]:
        """Yield the batch of each list of sentences."""
        return map(self.batch, parts)
