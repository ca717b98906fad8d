"""Word vectors: look tokens up, and initialise the word embedding."""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from seqlab.arrays import FloatArray
from seqlab.corpus.corpus_arrays import CorpusArrays, corpus_arrays
from seqlab.corpus.mapped_arrays import release_pages
from seqlab.corpus.sentence import Sentence
from seqlab.encoding.ngrams import Ngrams
from seqlab.encoding.vocabulary import Vocabulary
from seqlab.errors import VectorsError
from seqlab.text.spelling import normalise

SPELLINGS: tuple[Callable[[str], str], ...] = (str, str.lower, normalise)
"""The spellings of a token that are looked up, in this order: as written, in lower case, normalised."""


BLOCK_WORDS = 256  # looked up before the pages of a mapped file are released
BLOCK_NUMBERS = 1 << 18  # in memory at a time of a mapped file
LARGEST_NUMBER = 1e30  # sums of a few such numbers still fit into float32


def check_numbers(vectors: FloatArray, path: str) -> None:
    """Raise VectorsError for a number that is not finite, or that sums of vectors could not hold.

    vectors: float32 (words, D). path: their file.
    """
    lowest, highest = vectors.min(initial=0), vectors.max(initial=0)  # NaN if there is one
    if lowest >= -LARGEST_NUMBER and highest <= LARGEST_NUMBER:
        return
    if not (np.isfinite(lowest) and np.isfinite(highest)):
        raise VectorsError(f"{path}: a number is not finite; expected finite numbers")
    fact = f"{path}: holds the number {highest if highest > -lowest else lowest:g}"
    raise VectorsError(f"{fact}; expected numbers from {-LARGEST_NUMBER:g} to {LARGEST_NUMBER:g}")


@dataclass(frozen=True)
class WordVectors:
    """The word vectors of a file.

    rows: the row of each word, in the file's spelling.
    vectors: float32 (words, D). In a fastText model each row is only the word's own part of its vector.
    ngrams: the n-grams of a fastText model, which give every token a vector; else None.
    """

    rows: Mapping[str, int]
    vectors: FloatArray
    ngrams: Ngrams | None = None

    @property
    def dim(self) -> int:
        """D, the size of a vector."""
        return int(self.vectors.shape[1])

    def find(self, token: str) -> str | None:
        """Return the first of `SPELLINGS` of a token that the file has, or None."""
        spellings = (spelt(token) for spelt in SPELLINGS)
        return next((spelling for spelling in spellings if spelling in self.rows), None)

    def vector(self, spelling: str) -> FloatArray:
        """Return float32 (D,): the vector of a word of the file, or, with n-grams, of any word."""
        if self.ngrams is None:
            return np.asarray(self.vectors[self.rows[spelling]])
        row = self.rows.get(spelling)
        return self.ngrams.compose(spelling, None if row is None else self.vectors[row])

    def table(self, spellings: Sequence[str]) -> FloatArray:
        """Return float32 (spellings, D): the vectors of words, in memory. Pages of a mapped file are released again."""
        vectors = np.zeros((len(spellings), self.dim), np.float32)
        for position, spelling in enumerate(spellings):
            vectors[position] = self.vector(spelling)
            if position % BLOCK_WORDS == 0:
                release_pages(self.vectors)
        release_pages(self.vectors)
        return vectors


def vector_spellings(
    train: Sequence[Sentence] | CorpusArrays, vectors: WordVectors
) -> dict[str, str]:
    """Return the file's spelling of each entry of the word vocabulary that has a vector.

    One entry stands for several spellings: 'paris' for Paris and PARIS, '0000' for 1998 and 2015. The entry itself goes
    first if it is a token in lower case and the file has it. Otherwise the most frequent training token that the file has
    decides: in a file that keeps digits, '0000' is a rare word of its own. With n-grams an entry that the file lacks gets
    the spelling of its most frequent training token.
    """
    spelling_by_entry: dict[str, str] = {}
    counts = Counter(corpus_arrays(train).counts_by_spelling())
    by_count = [token for token, _ in counts.most_common()]
    for token in by_count:
        entry = normalise(token)
        if entry in spelling_by_entry:
            continue
        is_lowered = entry == token.lower()
        spelling = entry if is_lowered and entry in vectors.rows else vectors.find(token)
        if spelling is not None:
            spelling_by_entry[entry] = spelling
    if vectors.ngrams is not None:
        for token in by_count:
            spelling_by_entry.setdefault(normalise(token), vectors.ngrams.spelt(token))
    return spelling_by_entry


def embedding_start(
    words: Vocabulary, spellings: Mapping[str, str], vectors: WordVectors, *, seed: int
) -> FloatArray:
    """Return float32 (ids of `words`, D), the initial word embedding.

    spellings: the result of `vector_spellings`.
    The unknown word and words without a vector get random vectors of the same spread. Padding gets zeros.
    """
    random = np.random.default_rng(seed)
    known = {words.ids[word]: spelt for word, spelt in spellings.items() if word in words}
    found = vectors.table([*known.values()])
    # The rows of a fastText model are parts of vectors, whose spread differs from that of whole vectors.
    spread = spread_of(vectors.vectors if vectors.ngrams is None else found)
    start = random.normal(0.0, spread, (words.id_count, vectors.dim)).astype(np.float32)
    start[0] = 0
    start[[*known]] = found
    return start


def spread_of(vectors: FloatArray) -> float:
    """The standard deviation of all numbers, 0.0 of none. Of a mapped table one block at a time is in memory."""
    if not vectors.size:
        return 0.0
    total = squares = 0.0
    rows = max(1, BLOCK_NUMBERS // vectors.shape[1])
    for first in range(0, len(vectors), rows):
        block = np.asarray(vectors[first : first + rows], np.float64)
        total += float(block.sum())
        squares += float((block * block).sum())
        release_pages(vectors)
    mean = total / vectors.size
    return math.sqrt(max(0.0, squares / vectors.size - mean * mean))
