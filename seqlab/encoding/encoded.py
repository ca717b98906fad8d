"""The encoded corpus: ragged arrays that grow with the tokens, and the classic padded ones on demand."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from seqlab.arrays import (
    AnyArray,
    AnyFloatArray,
    AnyIntArray,
    AnyUIntArray,
    BoolArray,
    FloatArray,
    Int32Array,
    Int64Array,
)
from seqlab.corpus.corpus_arrays import count_ids
from seqlab.corpus.mapped_arrays import take_and_release
from seqlab.errors import SettingsError
from seqlab.machine.numbers import is_whole

BLOCK = 1 << 14  # words that are padded together


@dataclass(frozen=True, kw_only=True)
class DistinctWords:
    """The distinct words of a corpus: what is stored once however often a word occurs.

    words: int32 (words,), word ids.
    characters: unsigned (characters of all words), character ids, word after word, as small as holds them.
    offsets: int64 (words + 1), where each word's characters begin.
    features: by the name of the network's input integers (words,), ids of what a word looks like.
    frozen_rows: int32 (words,), rows of `frozen_table`. frozen_table: float32 (K + 1, D), the frozen vectors of
    words that the vocabulary lacks, behind a row of zeros for all others. None without a second table.
    """

    words: Int32Array
    characters: AnyUIntArray
    offsets: Int64Array
    features: Mapping[str, AnyIntArray]
    frozen_rows: Int32Array | None = None
    frozen_table: FloatArray | None = None

    def frozen_vectors(self, spelling_ids: AnyIntArray, mask: BoolArray) -> FloatArray | None:
        """float32 (..., D): the frozen vectors of some words, zeros for words of the vocabulary.

        spelling_ids: (...). mask: bool (...), False on padding, which gets zeros. None without a second table.
        """
        if self.frozen_table is None or self.frozen_rows is None:
            return None
        if len(self.frozen_table) == 1:
            return np.zeros((*spelling_ids.shape, self.frozen_table.shape[1]), np.float32)
        found: FloatArray = self.frozen_table[np.where(mask, self.frozen_rows[spelling_ids], 0)]
        return found

    def padded(self, max_chars: int) -> AnyUIntArray:
        """(words, max_chars) of the type of `characters`, 0 on the right; a longer word keeps its head and its tail."""
        out = np.zeros((len(self.offsets) - 1, max_chars), self.characters.dtype)
        # Some at a time: indices take many times the room of what they find.
        for start in range(0, len(out), BLOCK):
            self.pad(out[start : start + BLOCK], self.offsets[start : start + BLOCK + 1])
        return out

    def pad(self, out: AnyArray, offsets: Int64Array) -> None:
        """Write the characters of some words into (words, max_chars) of zeros. offsets: theirs."""
        lengths, max_chars = np.diff(offsets), out.shape[1]
        shown = np.minimum(lengths, max_chars)
        rows, columns = ragged_indices(shown)
        head = (max_chars + 1) // 2
        skipped = np.where(columns >= head, (lengths - shown)[rows], 0)
        out[rows, columns] = self.characters[offsets[rows] + columns + skipped]


@dataclass(frozen=True, kw_only=True)
class Padded:
    """The classic arrays, for Keras' own `fit` and for looking at.

    words: int32 (N, T). chars: int32 (N, T, W). features: by name int32 (N, T).
    labels: float32 (N, T, C), one-hot; all-zero rows on padding and on tags without a class.
    mask: bool (N, T), True on real tokens. sentences: integers (N,), which sentence each row is of, in order.
    sentence_weights: float32 (N,). token_weights: float32 (N, T), or None.
    frozen_vectors: float32 (N, T, D), or None without a second table of words.
    """

    words: Int32Array
    chars: Int32Array
    features: Mapping[str, Int32Array]
    labels: FloatArray
    mask: BoolArray
    sentences: AnyIntArray
    sentence_weights: FloatArray
    token_weights: FloatArray | None
    frozen_vectors: FloatArray | None


@dataclass(frozen=True, kw_only=True)
class EncodedColumn:
    """An extra column of a corpus as numbers.

    values: integers (tokens,), rows of `ids`.
    ids: int32 (values of this corpus,), ids of the vocabulary; 1 where it has not the value.
    """

    values: AnyIntArray
    ids: Int32Array


@dataclass(frozen=True, kw_only=True)
class EncodedCorpus:
    """Sentences as numbers: flat arrays over all tokens, and the offsets of the sentences.

    spelling_ids: int32 (tokens,), rows of `distinct_words`. tags: integers (tokens,), rows of `tag_labels`.
    tag_labels: int32 (tags of this corpus,), tag ids from 1; 0 where a tag has no class.
    offsets: int64 (N + 1), where each sentence begins.
    sentence_weights: float32 (N,). token_weights: float32 or 64 (tokens,), or None for 1 each.
    classes: C, the number of tags that have a class.
    columns: extra columns, by the name of the network's input.
    """

    spelling_ids: Int32Array
    tags: AnyIntArray
    tag_labels: Int32Array
    offsets: Int64Array
    distinct_words: DistinctWords
    sentence_weights: FloatArray
    token_weights: AnyFloatArray | None
    classes: int
    columns: Mapping[str, EncodedColumn] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> Int64Array:
        """int64 (N,): tokens of each sentence."""
        return np.diff(self.offsets)

    @property
    def tokens(self) -> int:
        """The number of tokens."""
        return len(self.spelling_ids)

    @property
    def words(self) -> Int32Array:
        """int32 (tokens,): word ids, made anew at each call."""
        words: Int32Array = self.distinct_words.words[self.spelling_ids]
        return words

    @property
    def labels(self) -> Int32Array:
        """int32 (tokens,): tag ids from 1, 0 where there is no tag or it has no class; made anew."""
        labels: Int32Array = self.tag_labels[self.tags]
        return labels

    def windows(self, max_tokens: int) -> "EncodedCorpus":
        """The same tokens in sentences of at most `max_tokens`: longer ones are cut in near-equal parts.

        Raises SettingsError for a size below 1.

        No token is lost and none is copied: only the offsets change. Each part carries the weight of
        its sentence.
        """
        check_size(max_tokens, "max_tokens")
        lengths = self.lengths
        if lengths.max(initial=0) <= max_tokens:
            return self
        pieces = self.pieces(max_tokens)
        sentence, number = ragged_indices(pieces)
        starts = self.offsets[sentence] + number * lengths[sentence] // pieces[sentence]
        return replace(
            self,
            offsets=np.append(starts, self.offsets[-1]),
            sentence_weights=self.sentence_weights[sentence],
        )

    def pieces(self, max_tokens: int) -> Int64Array:
        """int64 (N,): how many windows each sentence becomes, at least one."""
        return np.maximum(-(-self.lengths // max_tokens), 1)

    def gather(self, sentences: AnyIntArray) -> tuple[Int64Array, BoolArray]:
        """Where the tokens of some sentences lie: positions int64 (B, T) and mask bool (B, T)."""
        starts, ends = take_and_release(self.offsets, np.stack([sentences, sentences + 1]))
        lengths = ends - starts
        columns = np.arange(lengths.max(initial=1))
        mask = columns < lengths[:, None]
        return np.where(mask, starts[:, None] + columns, 0), mask

    def features(
        self, spelling_ids: Int32Array, positions: Int64Array, mask: BoolArray
    ) -> dict[str, Int32Array]:
        """By the name of the network's input int32 (B, T): the features of some tokens, 0 on padding.

        spelling_ids: theirs. positions, mask: as `gather` gives them.
        """
        found = {name: ids[spelling_ids] for name, ids in self.distinct_words.features.items()}
        for name, column in self.columns.items():
            found[name] = column.ids[take_and_release(column.values, positions)]
        return {name: np.where(mask, ids, 0).astype(np.int32) for name, ids in found.items()}

    def padded(self, max_tokens: int = 150, max_chars: int = 15) -> Padded:
        """The classic arrays, T = max_tokens and W = max_chars; longer sentences become several rows.

        Memory grows with N * T * (W + C): for training at size take `seqlab.Batcher` instead.
        Raises SettingsError for a size below 1.
        """
        check_size(max_tokens, "max_tokens")
        check_size(max_chars, "max_chars")
        parts = self.windows(max_tokens)
        positions, mask = parts.gather(np.arange(len(parts)))
        room = ((0, 0), (0, max_tokens - positions.shape[1]))
        positions, mask = np.pad(positions, room), np.pad(mask, room)
        spelling_ids, weights = self.spelling_ids[positions], self.token_weights
        labels = np.where(mask, self.tag_labels[self.tags[positions]], 0)
        return Padded(
            words=np.where(mask, self.distinct_words.words[spelling_ids], 0),
            chars=self.distinct_words.padded(max_chars)[spelling_ids].astype(np.int32)
            * mask[:, :, None],
            features=self.features(spelling_ids, positions, mask),
            labels=one_hot(labels, self.classes),
            mask=mask,
            sentences=np.repeat(np.arange(len(self)), self.pieces(max_tokens)),
            sentence_weights=parts.sentence_weights,
            token_weights=None if weights is None else masked(weights[positions], mask),
            frozen_vectors=self.distinct_words.frozen_vectors(self.spelling_ids[positions], mask),
        )

    def tag_counts(self) -> Int64Array:
        """int64 (C,): tokens of each class."""
        counts = np.zeros(self.classes + 1, np.int64)
        np.add.at(counts, self.tag_labels, count_ids(self.tags, len(self.tag_labels)))
        return counts[1:]


def check_size(size: int, name: str) -> None:
    """Raise SettingsError unless a size is a whole number, at least 1."""
    if not is_whole(size) or size < 1:
        raise SettingsError(f"{name} is {size!r}; expected a whole number, at least 1")


def masked(weights: AnyFloatArray, mask: BoolArray) -> FloatArray:
    """float32, the weights where the mask is True and 0 elsewhere."""
    return np.where(mask, weights, 0).astype(np.float32, copy=False)


def one_hot(labels: Int32Array, classes: int) -> FloatArray:
    """float32 (..., C) from tag ids (...); id 0 gives a row of zeros.

    >>> one_hot(np.array([2, 0], np.int32), 3).tolist()
    [[0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]
    """
    return np.eye(classes + 1, dtype=np.float32)[:, 1:][labels]


def ragged_indices(lengths: Int64Array) -> tuple[Int64Array, Int64Array]:
    """The row and the column of every entry of a ragged array, flat.

    >>> [part.tolist() for part in ragged_indices(np.array([2, 0, 1]))]
    [[0, 0, 2], [0, 1, 0]]
    """
    rows = np.repeat(np.arange(len(lengths)), lengths)
    starts = np.cumsum(lengths) - lengths
    return rows, np.arange(len(rows)) - starts[rows]
