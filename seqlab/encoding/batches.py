"""Batches: sentences of like length together, cut to the longest of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from seqlab.arrays import AnyArray, AnyIntArray, FloatArray, Int32Array
from seqlab.corpus.mapped_arrays import release_pages, take_and_release
from seqlab.encoding.encoded import EncodedCorpus, check_size, masked

FROZEN_INPUT = "outside_vectors"  # the name that tagger files have for this input
POOL = 50  # batches; sentences are sorted by length within a pool of this many


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Some sentences as arrays, T being the longest of them.

    words: int32 (B, T). chars: int32 (B, T, W). features: by name int32 (B, T). 0 is padding.
    labels: int32 (B, T), tag ids from 1; 0 on padding and on tags without a class.
    sentence_weights: float32 (B,). token_weights: float32 (B, T), or None for 1 each.
    frozen_vectors: float32 (B, T, D), of words of the second table; None without one.
    sentences: integers (B,), their numbers in the corpus.
    """

    words: Int32Array
    chars: Int32Array
    features: Mapping[str, Int32Array]
    labels: Int32Array
    sentence_weights: FloatArray
    token_weights: FloatArray | None
    frozen_vectors: FloatArray | None
    sentences: AnyIntArray

    @property
    def inputs(self) -> dict[str, AnyArray]:
        """What a network may ask for, by the names of its inputs."""
        found: dict[str, AnyArray] = {"words": self.words, "chars": self.chars, **self.features}
        if self.frozen_vectors is not None:
            found[FROZEN_INPUT] = self.frozen_vectors
        return found

    @property
    def tokens(self) -> int:
        """Real tokens."""
        return int(np.count_nonzero(self.words))


class Sampler(Protocol):
    """What decides which sentences an epoch holds, and how often."""

    def draw(self, random: np.random.Generator) -> AnyIntArray:
        """The numbers of the sentences of one epoch."""
        ...


class Batcher:
    """Cuts one encoded corpus into batches, by sentences or by tokens.

    size: sentences in a batch, or padded tokens (B * T) in a batch where `by_tokens`.
    sampler: draws the sentences of an epoch; without one each epoch sees each sentence once. Either
    way they are a function of the seed and the epoch.
    pool: batches within which sentences are sorted by length; 1 leaves each batch as it was drawn.
    Raises SettingsError for a size below 1.
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
    ) -> None:
        for name, value in (("size", size), ("pool", pool), ("max_chars", max_chars)):
            check_size(value, name)
        self.sampler, self.pool = sampler, pool
        self.corpus, self.size, self.by_tokens = corpus, size, by_tokens
        self.chars = corpus.distinct_words.padded(max_chars)
        self.lengths = corpus.lengths.astype(np.int32)
        release_pages(corpus.offsets)

    def all(self) -> AnyIntArray:
        """int32 (N,): every sentence; an epoch's list of them is held for as long as it takes."""
        return np.arange(len(self.corpus), dtype=np.int32)

    def epoch(self, *, seed: int, number: int) -> list[AnyIntArray]:
        """The sentences of every batch of one training epoch, shuffled."""
        random = np.random.default_rng([seed, number])
        drawn = self.all() if self.sampler is None else self.sampler.draw(random)
        order = random.permutation(drawn)
        pool = self.size * self.pool
        if self.by_tokens:
            pool = max(1, int(pool / max(1.0, float(self.lengths[order].mean()))))
        cuts = [
            part
            for start in range(0, len(order), pool)
            for part in self.cut(self.by_length(order[start : start + pool]))
        ]
        return [cuts[index] for index in random.permutation(len(cuts))]

    def in_order(self) -> list[AnyIntArray]:
        """The sentences of every batch of one pass without training: shortest first."""
        return self.cut(self.by_length(self.all()))

    def by_length(self, sentences: AnyIntArray) -> AnyIntArray:
        """The same sentences, shortest first; those of one length keep their order."""
        return sentences[np.argsort(self.lengths[sentences], kind="stable")]

    def cut(self, ordered: AnyIntArray) -> list[AnyIntArray]:
        """Parts of a list that is sorted by length, each a batch."""
        if not self.by_tokens:
            return [ordered[i : i + self.size] for i in range(0, len(ordered), self.size)]
        parts, start = [], 0
        lengths = self.lengths[ordered]
        while start < len(ordered):
            # Sorted by length, so the last sentence of a part is what the others are padded to.
            widths = lengths[start : start + self.size] * np.arange(
                1, 1 + len(lengths[start : start + self.size])
            )
            count = max(1, int(np.searchsorted(widths, self.size, side="right")))
            parts.append(ordered[start : start + count])
            start += count
        return parts

    def batch(self, sentences: AnyIntArray) -> Batch:
        """The arrays of some sentences."""
        corpus = self.corpus
        positions, mask = corpus.gather(sentences)
        spelling_ids = take_and_release(corpus.spelling_ids, positions)
        labels = corpus.tag_labels[take_and_release(corpus.tags, positions)]
        weights = corpus.token_weights
        return Batch(
            words=np.where(mask, corpus.distinct_words.words[spelling_ids], 0),
            chars=np.where(mask[:, :, None], self.chars[spelling_ids], 0).astype(np.int32),
            features=corpus.features(spelling_ids, positions, mask),
            labels=np.where(mask, labels, 0),
            sentence_weights=corpus.sentence_weights[sentences],
            token_weights=None
            if weights is None
            else masked(take_and_release(weights, positions), mask),
            frozen_vectors=corpus.distinct_words.frozen_vectors(spelling_ids, mask),
            sentences=sentences,
        )

    def batches(self, parts: list[AnyIntArray]) -> Iterator[Batch]:
        """The batches of some parts, one by one."""
        return map(self.batch, parts)
