"""The encoded corpus: ragged arrays that grow with the tokens, and the classic padded ones on demand."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int32]
FloatArray = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Forms:
    """The distinct word forms of a corpus: what is stored once however often a word occurs.

    characters: int32 (characters of all forms), character ids, form after form.
    offsets: int64 (forms + 1), where each form's characters begin.
    cases: int32 (forms,), case patterns from 1.
    """

    characters: IntArray
    offsets: NDArray[np.int64]
    cases: IntArray

    def padded(self, max_chars: int) -> IntArray:
        """int32 (forms, max_chars), 0 on the right; a longer form keeps its head and its tail."""
        lengths = np.diff(self.offsets)
        shown = np.minimum(lengths, max_chars)
        rows, columns = ragged_indices(shown)
        head = (max_chars + 1) // 2
        skipped = np.where(columns >= head, (lengths - shown)[rows], 0)
        out = np.zeros((len(lengths), max_chars), np.int32)
        out[rows, columns] = self.characters[self.offsets[rows] + columns + skipped]
        return out


@dataclass(frozen=True, kw_only=True)
class Padded:
    """The classic arrays, for Keras' own `fit` and for looking at.

    words: int32 (N, T). chars: int32 (N, T, W). cases: int32 (N, T).
    labels: float32 (N, T, C), one-hot; all-zero rows on padding and on tags without a class.
    mask: bool (N, T), True on real tokens.
    sentence_weights: float32 (N,). token_weights: float32 (N, T), or None.
    """

    words: IntArray
    chars: IntArray
    cases: IntArray
    labels: FloatArray
    mask: NDArray[np.bool_]
    sentence_weights: FloatArray
    token_weights: FloatArray | None


@dataclass(frozen=True, kw_only=True)
class EncodedCorpus:
    """Sentences as numbers: flat arrays over all tokens, and the offsets of the sentences.

    words: int32 (tokens,), word ids. forms: int32 (tokens,), rows of `form_table`.
    labels: int32 (tokens,), tag ids from 1; 0 where there is no tag or it has no class.
    offsets: int64 (N + 1), where each sentence begins.
    sentence_weights: float32 (N,). token_weights: float32 (tokens,), or None for 1 each.
    classes: C, the number of tags.
    """

    words: IntArray
    forms: IntArray
    labels: IntArray
    offsets: NDArray[np.int64]
    form_table: Forms
    sentence_weights: FloatArray
    token_weights: FloatArray | None
    classes: int

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> NDArray[np.int64]:
        """int64 (N,): tokens of each sentence."""
        return np.diff(self.offsets)

    @property
    def tokens(self) -> int:
        """The number of tokens."""
        return len(self.words)

    def windows(self, max_tokens: int) -> "EncodedCorpus":
        """The same tokens in sentences of at most `max_tokens`: longer ones are cut in near-equal parts.

        No token is lost and none is copied: only the offsets change. Each part carries the weight of
        its sentence.
        """
        lengths = self.lengths
        if lengths.max(initial=0) <= max_tokens:
            return self
        pieces = np.maximum(-(-lengths // max_tokens), 1)
        sentence, number = ragged_indices(pieces)
        starts = self.offsets[sentence] + number * lengths[sentence] // pieces[sentence]
        return replace(
            self,
            offsets=np.append(starts, self.offsets[-1]),
            sentence_weights=self.sentence_weights[sentence],
        )

    def gather(self, sentences: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Where the tokens of some sentences lie: positions int64 (B, T) and mask bool (B, T)."""
        lengths = self.lengths[sentences]
        columns = np.arange(lengths.max(initial=1))
        mask = columns < lengths[:, None]
        return np.where(mask, self.offsets[sentences][:, None] + columns, 0), mask

    def padded(self, max_tokens: int = 150, max_chars: int = 15) -> Padded:
        """The classic arrays, T = max_tokens and W = max_chars; longer sentences become several rows.

        Memory grows with N * T * (W + C): for training at size take `batches` instead.
        """
        parts = self.windows(max_tokens)
        positions, mask = parts.gather(np.arange(len(parts)))
        room = ((0, 0), (0, max_tokens - positions.shape[1]))
        positions, mask = np.pad(positions, room), np.pad(mask, room)
        words, labels = (np.where(mask, flat[positions], 0) for flat in (self.words, self.labels))
        weights = self.token_weights
        return Padded(
            words=words,
            chars=self.form_table.padded(max_chars)[self.forms[positions]] * mask[:, :, None],
            cases=np.where(mask, self.form_table.cases[self.forms[positions]], 0),
            labels=one_hot(labels, self.classes),
            mask=mask,
            sentence_weights=parts.sentence_weights,
            token_weights=None if weights is None else np.where(mask, weights[positions], 0),
        )

    def tag_counts(self) -> NDArray[np.int64]:
        """int64 (C,): tokens of each class."""
        return np.bincount(self.labels, minlength=self.classes + 1)[1:]


def one_hot(labels: IntArray, classes: int) -> FloatArray:
    """float32 (..., C) from tag ids (...); id 0 gives a row of zeros.

    >>> one_hot(np.array([2, 0], np.int32), 3).tolist()
    [[0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]
    """
    return np.eye(classes + 1, dtype=np.float32)[:, 1:][labels]


def ragged_indices(lengths: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The row and the column of every entry of a ragged array, flat.

    >>> [part.tolist() for part in ragged_indices(np.array([2, 0, 1]))]
    [[0, 0, 2], [0, 1, 0]]
    """
    rows = np.repeat(np.arange(len(lengths)), lengths)
    starts = np.cumsum(lengths) - lengths
    return rows, np.arange(len(rows)) - starts[rows]
