"""The encoded corpus: ragged arrays whose size grows with the tokens, and padded arrays on demand."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from seqlab.arrays import (
    AnyArray,
    AnyFloatArray,
    AnyIntArray,
    BoolArray,
    FloatArray,
    HalfArray,
    Int32Array,
    Int64Array,
)
from seqlab.corpus.corpus_arrays import count_ids
from seqlab.corpus.mapped_arrays import take_and_release
from seqlab.encoding.distinct_words import DistinctWords, ragged_indices
from seqlab.encoding.gazetteer_features import PhraseSearch
from seqlab.encoding.number_scaling import EncodedNumbers, number_inputs
from seqlab.errors import SettingsError
from seqlab.machine.numbers import is_whole

FROZEN_INPUT = "outside_vectors"  # network input of frozen vectors; tagger files store this name
NUMBERS_INPUT = "numbers"  # network input of the numeric columns


@dataclass(frozen=True, kw_only=True)
class Padded:
    """A whole corpus as padded arrays, for Keras' own `fit` and for inspection.

    words: int32 (N, T), word ids.
    chars: int32 (N, T, W), character ids.
    features: by the name of the network's input, int32 (N, T).
    labels: float32 (N, T, C), one-hot; all-zero rows on padding and on tags without a class.
    mask: bool (N, T), True on real tokens.
    sentences: integers (N,), the sentence of each row, ascending.
    sentence_weights: float32 (N,).
    token_weights: float32 (N, T), or None when the corpus has none.
    frozen_vectors: float32 (N, T, D), vectors of frozen words, or None without frozen words.
    numbers: float32 (N, T, D), inputs of the numeric columns, or None without numeric columns.
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
    numbers: FloatArray | None = None

    @property
    def inputs(self) -> dict[str, AnyArray]:
        """The arrays that a network reads, by the names of its inputs."""
        return named_inputs(
            self.words, self.chars, self.features, frozen=self.frozen_vectors, numbers=self.numbers
        )


def named_inputs(
    words: Int32Array,
    chars: Int32Array,
    features: Mapping[str, Int32Array],
    *,
    frozen: FloatArray | None,
    numbers: FloatArray | None,
) -> dict[str, AnyArray]:
    """Arrays by the names of the network's inputs; without those that an encoder lacks."""
    optional = {FROZEN_INPUT: frozen, NUMBERS_INPUT: numbers}
    present = {name: values for name, values in optional.items() if values is not None}
    return {"words": words, "chars": chars, **features, **present}


@dataclass(frozen=True, kw_only=True)
class EncodedColumn:
    """An extra column of a corpus.

    values: integers (tokens,), rows of `ids`.
    ids: int32 (distinct values of this corpus,), vocabulary ids; 1 for unknown values.
    """

    values: AnyIntArray
    ids: Int32Array


@dataclass(frozen=True, kw_only=True)
class EncodedCorpus:
    """Sentences as flat arrays over all tokens, with the offsets of the sentences.

    spelling_ids: int32 (tokens,), rows of `distinct_words`.
    tags: integers (tokens,), rows of `tag_labels`.
    tag_labels: int32 (tags of this corpus,), tag ids from 1; 0 for a tag without a class.
    offsets: int64 (N + 1), the first token of each sentence.
    sentence_weights: float32 (N,).
    token_weights: float32 or float64 (tokens,), or None when the corpus has none.
    classes: C, the number of tags that have a class.
    columns: extra columns, by the name of the network's input.
    numeric_columns: by name, in the order of the network's inputs.
    soft_labels: float16 (tokens, C), see `encoding/soft_labels.py`; None without a teacher.
    phrase_search: finds the phrases of gazetteers in changed sentences; None without gazetteers.
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
    numeric_columns: Mapping[str, EncodedNumbers] = field(default_factory=dict)
    soft_labels: HalfArray | None = None
    phrase_search: PhraseSearch | None = None

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> Int64Array:
        """int64 (N,): the number of tokens of each sentence."""
        return np.diff(self.offsets)

    @property
    def tokens(self) -> int:
        """The number of tokens."""
        return len(self.spelling_ids)

    @property
    def words(self) -> Int32Array:
        """int32 (tokens,): word ids, computed at each call."""
        words: Int32Array = self.distinct_words.word_ids[self.spelling_ids]
        return words

    @property
    def labels(self) -> Int32Array:
        """int32 (tokens,): tag ids from 1; 0 without a tag or class. Computed at each call."""
        labels: Int32Array = self.tag_labels[self.tags]
        return labels

    def windows(self, max_tokens: int) -> "EncodedCorpus":
        """Cut sentences longer than `max_tokens` into windows of nearly equal length.

        Only the offsets change: no token is lost or copied. Each window keeps its sentence's weight.
        Raises SettingsError when `max_tokens` is below 1.
        """
        check_at_least_one(max_tokens, "max_tokens")
        lengths = self.lengths
        if lengths.max(initial=0) <= max_tokens:
            return self
        counts = self.window_counts(max_tokens)
        sentence, window = ragged_indices(counts)
        # Window k of n begins at k / n of its sentence, rounded down.
        starts = self.offsets[sentence] + window * lengths[sentence] // counts[sentence]
        return replace(
            self,
            offsets=np.append(starts, self.offsets[-1]),
            sentence_weights=self.sentence_weights[sentence],
        )

    def window_counts(self, max_tokens: int) -> Int64Array:
        """Return int64 (N,): the number of windows of each sentence, at least 1."""
        return window_counts(self.lengths, max_tokens)

    def gather(self, sentences: AnyIntArray) -> tuple[Int64Array, BoolArray]:
        """Return the positions of the tokens of some sentences, int64 (B, T), and the mask, bool (B, T)."""
        starts, ends = take_and_release(self.offsets, np.stack([sentences, sentences + 1]))
        lengths = ends - starts
        columns = np.arange(lengths.max(initial=1))
        mask = columns < lengths[:, None]
        return np.where(mask, starts[:, None] + columns, 0), mask

    def features(
        self, spelling_ids: Int32Array, positions: Int64Array, mask: BoolArray
    ) -> dict[str, Int32Array]:
        """Return the features of some tokens, int32 (B, T) by the name of the network's input; 0 on padding.

        spelling_ids: int32 (B, T), of these tokens.
        positions, mask: the result of `gather`.
        """
        features = {name: ids[spelling_ids] for name, ids in self.distinct_words.features.items()}
        for name, column in self.columns.items():
            features[name] = column.ids[take_and_release(column.values, positions)]
        return {name: np.where(mask, ids, 0).astype(np.int32) for name, ids in features.items()}

    def list_features(self, spelling_ids: Int32Array, mask: BoolArray) -> dict[str, Int32Array]:
        """Find the phrases of gazetteers in some sentences anew, int32 (B, T) by the name of the network's input.

        spelling_ids: int32 (B, T), of the sentences as they are now.
        """
        if self.phrase_search is None:
            return {}
        offsets = np.concatenate([[0], np.cumsum(mask.sum(axis=1))])
        found = self.phrase_search.positions(spelling_ids[mask], offsets)
        features = {name: np.zeros(mask.shape, np.int32) for name in found}
        for name, ids in found.items():
            features[name][mask] = ids
        return features

    def padded(self, max_tokens: int = 150, max_chars: int = 15) -> Padded:
        """Return padded arrays with T = max_tokens and W = max_chars; longer sentences become several rows.

        Memory grows with N * T * (W + C). For large corpora use `seqlab.Batcher` instead.
        Raises SettingsError when a size is below 1.
        """
        check_at_least_one(max_tokens, "max_tokens")
        check_at_least_one(max_chars, "max_chars")
        windows = self.windows(max_tokens)
        positions, mask = windows.gather(np.arange(len(windows)))
        padding = ((0, 0), (0, max_tokens - positions.shape[1]))
        positions, mask = np.pad(positions, padding), np.pad(mask, padding)
        words, spelling_ids = self.distinct_words, self.spelling_ids[positions]
        labels = np.where(mask, self.tag_labels[self.tags[positions]], 0)
        weights = self.token_weights
        return Padded(
            words=np.where(mask, words.word_ids[spelling_ids], 0),
            chars=words.padded(max_chars)[spelling_ids].astype(np.int32) * mask[:, :, None],
            features=self.features(spelling_ids, positions, mask),
            labels=one_hot(labels, self.classes),
            mask=mask,
            sentences=np.repeat(np.arange(len(self)), self.window_counts(max_tokens)),
            sentence_weights=windows.sentence_weights,
            token_weights=None if weights is None else mask_weights(weights[positions], mask),
            frozen_vectors=words.frozen_vectors(spelling_ids, mask),
            numbers=number_inputs(self.numeric_columns, positions, mask),
        )

    def tag_counts(self) -> Int64Array:
        """Return int64 (C,): the number of tokens of each class."""
        counts = np.zeros(self.classes + 1, np.int64)
        np.add.at(counts, self.tag_labels, count_ids(self.tags, len(self.tag_labels)))
        return counts[1:]


def window_counts(lengths: Int64Array, max_tokens: int) -> Int64Array:
    """Return int64 (N,): the number of windows of sentences of these lengths, at least 1 each."""
    return np.maximum(-(-lengths // max_tokens), 1)


def check_at_least_one(value: int, name: str) -> None:
    """Raise SettingsError unless a value is a whole number, at least 1."""
    if not is_whole(value) or value < 1:
        raise SettingsError(f"{name} is {value!r}; expected a whole number, at least 1")


def mask_weights(weights: AnyFloatArray, mask: BoolArray) -> FloatArray:
    """Return float32: the weights where the mask is True, 0 elsewhere."""
    return np.where(mask, weights, 0).astype(np.float32, copy=False)


def one_hot(labels: Int32Array, classes: int) -> FloatArray:
    """Return float32 (..., C) from tag ids (...); id 0 becomes a row of zeros.

    >>> one_hot(np.array([2, 0], np.int32), 3).tolist()
    [[0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]
    """
    return np.eye(classes + 1, dtype=np.float32)[:, 1:][labels]
