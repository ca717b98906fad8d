"""Compose word vectors from n-grams of letters (fastText, Bojanowski et al. 2017), for unseen words too."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from seqlab.arrays import FloatArray
from seqlab.encoding.packed_vectors import Vectors
from seqlab.text.spelling import normalise

FNV_START, FNV_FACTOR = 2166136261, 16777619
SPELT: dict[str, Callable[[str], str]] = {
    "as written": str,
    "lower case": str.lower,
    "normalised": normalise,
}


@dataclass(frozen=True, kw_only=True)
class Ngrams:
    """The vectors of n-grams; n-grams with the same hash share a vector.

    vectors: (buckets, D), in memory or mapped; float32, or packed in fewer bytes.
    shortest, longest: the lengths of n-grams, in letters.
    spelling: the spelling of the words that the model was trained on; a token is spelt so before it is split.
    """

    vectors: Vectors
    shortest: int
    longest: int
    spelling: Literal["as written", "lower case", "normalised"]

    def spelt(self, token: str) -> str:
        """Return a token in the spelling of the model's words."""
        return SPELT[self.spelling](token)

    def compose(self, word: str, own: FloatArray | None = None) -> FloatArray:
        """Return float32 (D,): the mean of the vectors of a word's n-grams and of `own`, if given.

        own: float32 (D,), the word's own vector. A word without n-grams and without `own` gets zeros.
        """
        buckets = len(self.vectors)
        rows = ngram_rows(word, shortest=self.shortest, longest=self.longest, buckets=buckets)
        total = self.vectors[rows].sum(axis=0, dtype=np.float32)
        if own is None:
            return np.asarray(total / max(len(rows), 1), np.float32)
        return np.asarray((total + own) / (len(rows) + 1), np.float32)


def ngram_rows(word: str, *, shortest: int, longest: int, buckets: int) -> list[int]:
    """Return the row of each n-gram of '<word>', from left to right: the FNV-1a hash of its UTF-8 bytes."""
    letters = [letter.encode("utf-8", "surrogatepass") for letter in f"<{word}>"]
    rows = []
    for start in range(len(letters)):
        # The hash of an n-gram continues the hash of the n-gram that is one letter shorter.
        value = FNV_START
        for length, letter in enumerate(letters[start : start + longest], start=1):
            for byte in letter:
                # fastText hashes signed chars: bytes from 0x80 are extended by ones to 32 bits.
                signed = byte if byte < 0x80 else byte | 0xFFFFFF00
                value = ((value ^ signed) * FNV_FACTOR) & 0xFFFFFFFF
            # As in fastText, '<' and '>' alone are not n-grams.
            bracket = length == 1 and start in (0, len(letters) - 1)
            if length >= shortest and not bracket:
                rows.append(value % buckets)
    return rows
