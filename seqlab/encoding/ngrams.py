"""Vectors of words from their letters: fastText's n-grams (Bojanowski et al. 2017), for words never seen."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from seqlab.arrays import FloatArray
from seqlab.text.spelling import normalise

FNV_START, FNV_FACTOR = 2166136261, 16777619
SPELT: dict[str, Callable[[str], str]] = {
    "as written": str,
    "lower case": str.lower,
    "normalised": normalise,
}


@dataclass(frozen=True, kw_only=True)
class Ngrams:
    """The vectors that n-grams share, by hash.

    vectors: float32 (buckets, D), in memory or mapped. shortest, longest: letters of an n-gram.
    spelling: how a word is written before it is taken apart, as the words were that were learnt from.
    """

    vectors: FloatArray
    shortest: int
    longest: int
    spelling: Literal["as written", "lower case", "normalised"]

    def spelt(self, token: str) -> str:
        """A token as it is taken apart."""
        return SPELT[self.spelling](token)

    def compose(self, word: str, own: FloatArray | None = None) -> FloatArray:
        """float32 (D,): the mean of the vectors of a word's n-grams, and of its own where it has one.

        Zeros for a word that has neither.
        """
        rows = ngram_rows(
            word, shortest=self.shortest, longest=self.longest, buckets=len(self.vectors)
        )
        total = self.vectors[rows].sum(axis=0, dtype=np.float32)
        if own is None:
            return np.asarray(total / max(len(rows), 1), np.float32)
        return np.asarray((total + own) / (len(rows) + 1), np.float32)


def ngram_rows(word: str, *, shortest: int, longest: int, buckets: int) -> list[int]:
    """The row of each n-gram of '<word>', from left to right: FNV-1a of its UTF-8 bytes.

    As in fastText, bytes are signed, and '<' and '>' alone are no n-grams.
    """
    letters = [letter.encode("utf-8", "surrogatepass") for letter in f"<{word}>"]
    rows = []
    for start in range(len(letters)):
        value = FNV_START
        for length, letter in enumerate(letters[start : start + longest], start=1):
            for byte in letter:
                signed = byte if byte < 0x80 else byte | 0xFFFFFF00
                value = ((value ^ signed) * FNV_FACTOR) & 0xFFFFFFFF
            bracket = length == 1 and start in (0, len(letters) - 1)
            if length >= shortest and not bracket:
                rows.append(value % buckets)
    return rows
