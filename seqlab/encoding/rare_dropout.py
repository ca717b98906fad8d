"""Hides rare words in training, so that the network learns to tag words that it does not know."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from seqlab.arrays import FloatArray, Int32Array
from seqlab.encoding.encoded_corpus import EncodedCorpus
from seqlab.encoding.vocabulary import UNKNOWN

STREAM = 1  # numbers the random numbers of this file among those of a batch


@dataclass(frozen=True, kw_only=True)
class RareDropout:
    """The probability with which a training step hides each word (Kiperwasser & Goldberg 2016, section 4).

    rates: float32 (ids,).
    """

    rates: FloatArray

    def hide(self, words: Int32Array, seed: Sequence[int]) -> Int32Array:
        """Word ids, some of them replaced by the unknown word. words: int32 (B, T). seed: of the batch."""
        random = np.random.default_rng((*seed, STREAM))
        hidden = random.random(words.shape, dtype=np.float32) < self.rates[words]
        return np.where(hidden, np.int32(UNKNOWN), words)


def rare_dropout(
    corpus: EncodedCorpus, alpha: float, *, never: Collection[int] = ()
) -> RareDropout:
    """The dropout for the word counts of a training corpus.

    alpha: a word that occurs n times is hidden with probability alpha / (alpha + n).
    never: ids of words that are never hidden; padding and the unknown word never are.
    """
    ids = corpus.distinct_words.word_ids
    tokens = np.bincount(corpus.spelling_ids, minlength=len(ids))
    counts = np.bincount(ids, weights=tokens, minlength=UNKNOWN + 1)
    rates = np.divide(alpha, alpha + counts, out=np.zeros(len(counts)), where=counts > 0)
    rates[: UNKNOWN + 1] = 0
    rates[[number for number in never if number < len(rates)]] = 0
    return RareDropout(rates=np.asarray(rates, np.float32))
