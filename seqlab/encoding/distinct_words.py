"""The distinct words of a corpus as arrays: stored once, however often a word occurs."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from seqlab.arrays import AnyArray, AnyIntArray, BoolArray, FloatArray, Int32Array, Int64Array

BLOCK = 1 << 14  # words that are padded at a time


@dataclass(frozen=True, kw_only=True)
class DistinctWords:
    """The distinct spellings of a corpus.

    word_ids: int32 (words,), ids of the word vocabulary; `id_count` of the vocabulary for a frozen word.
    characters: integers (characters of all words,) of a small type, character ids, word after word.
    offsets: int64 (words + 1), the first character of each word.
    features: by the name of the network's input, integers (words,), ids of word features.
    frozen_rows: int32 (words,), rows of `frozen_table`; 0 for a word that is not frozen.
    frozen_table: float32 (K + 1, D), a row of zeros and the vectors of the K frozen words of this corpus.
    Both are None when the encoder has no frozen words.
    """

    word_ids: Int32Array
    characters: AnyIntArray
    offsets: Int64Array
    features: Mapping[str, AnyIntArray]
    frozen_rows: Int32Array | None = None
    frozen_table: FloatArray | None = None

    def frozen_vectors(self, spelling_ids: AnyIntArray, mask: BoolArray) -> FloatArray | None:
        """Return float32 (..., D): the vectors of frozen words, zeros for other words and on padding.

        spelling_ids: integers (...), rows of this table.
        mask: bool (...), False on padding.
        Returns None when the encoder has no frozen words.
        """
        if self.frozen_table is None or self.frozen_rows is None:
            return None
        if len(self.frozen_table) == 1:
            return np.zeros((*spelling_ids.shape, self.frozen_table.shape[1]), np.float32)
        vectors: FloatArray = self.frozen_table[np.where(mask, self.frozen_rows[spelling_ids], 0)]
        return vectors

    def padded(self, max_chars: int) -> AnyIntArray:
        """Return (words, max_chars) of the type of `characters`, padded by 0 on the right.

        A longer word keeps its first and its last characters.
        """
        out = np.zeros((len(self.offsets) - 1, max_chars), self.characters.dtype)
        # In blocks, because the index arrays take far more memory than the characters.
        for start in range(0, len(out), BLOCK):
            self.pad_block(out[start : start + BLOCK], self.offsets[start : start + BLOCK + 1])
        return out

    def pad_block(self, out: AnyArray, offsets: Int64Array) -> None:
        """Write the characters of some words into `out`, zeros (words, max_chars). offsets: of these words."""
        lengths, max_chars = np.diff(offsets), out.shape[1]
        kept = np.minimum(lengths, max_chars)
        rows, columns = ragged_indices(kept)
        # From column `head` on, a long word continues with its tail: its middle is skipped.
        head = (max_chars + 1) // 2
        skipped = np.where(columns >= head, (lengths - kept)[rows], 0)
        out[rows, columns] = self.characters[offsets[rows] + columns + skipped]


def ragged_indices(lengths: Int64Array) -> tuple[Int64Array, Int64Array]:
    """Return the row and the column of every entry of a ragged array, flat.

    >>> [part.tolist() for part in ragged_indices(np.array([2, 0, 1]))]
    [[0, 0, 2], [0, 1, 0]]
    """
    rows = np.repeat(np.arange(len(lengths)), lengths)
    starts = np.cumsum(lengths) - lengths
    return rows, np.arange(len(rows)) - starts[rows]
