"""Word vectors: which words of a corpus they cover, and how they start the word embedding.

Files of them are read in `vector_file`.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from seqlab.arrays import FloatArray
from seqlab.corpus.corpus_arrays import corpus_arrays
from seqlab.corpus.sentence import Sentence
from seqlab.encoding.ngrams import Ngrams
from seqlab.encoding.vocabulary import Vocabulary
from seqlab.text.spelling import normalise

SPELLINGS: tuple[Callable[[str], str], ...] = (str, str.lower, normalise)
"""How a token is looked up, one after the other: as it is, in lower case, normalised."""


@dataclass(frozen=True)
class WordVectors:
    """Vectors of words as the file spells them.

    rows: word -> row. vectors: float32 (words, D); of a fastText model a part of each word's vector, of
    which its n-grams are the rest. ngrams: of such a model, which has a vector for every word.
    """

    rows: Mapping[str, int]
    vectors: FloatArray
    ngrams: Ngrams | None = None

    @property
    def dim(self) -> int:
        """D, the size of a vector."""
        return int(self.vectors.shape[1])

    def find(self, token: str) -> str | None:
        """How the file spells a token: as it is, in lower case, or normalised; None if not at all."""
        spellings = (spelt(token) for spelt in SPELLINGS)
        return next((spelling for spelling in spellings if spelling in self.rows), None)

    def vector(self, spelling: str) -> FloatArray:
        """float32 (D,): the vector of a word of the file, or, with n-grams, of any word."""
        if self.ngrams is None:
            return np.asarray(self.vectors[self.rows[spelling]])
        row = self.rows.get(spelling)
        return self.ngrams.compose(spelling, None if row is None else self.vectors[row])


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """How many tokens (or distinct tokens) have a vector: as spelt, only in lower case, or none."""

    exact: int
    lower: int
    unknown: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.exact + self.lower + self.unknown

    def __str__(self) -> str:
        if not self.total:
            return "nothing to cover"
        shares = (
            f"{count / self.total:.1%} {name}"
            for name, count in (
                ("exact", self.exact),
                ("lower-case", self.lower),
                ("unknown", self.unknown),
            )
        )
        return ", ".join(shares)


def coverage(tokens: Iterable[str] | Mapping[str, int], vectors: WordVectors) -> Coverage:
    """How a list of tokens (or of distinct tokens, or their counts) is covered."""
    exact = lower = unknown = 0
    for token, count in Counter(tokens).items():
        if token in vectors.rows:
            exact += count
        elif vectors.find(token) is not None:
            lower += count
        else:
            unknown += count
    return Coverage(exact=exact, lower=lower, unknown=unknown)


def vector_spellings(train: Sequence[Sentence], vectors: WordVectors) -> dict[str, str]:
    """For every entry of the word vocabulary that has a vector, the file's spelling of it.

    An entry stands for several spellings ('paris' for Paris and PARIS): it takes its own if the file
    has it, else that of the most frequent training token that the file knows; where it knows none and has
    n-grams, that of the most frequent training token, to be taken apart.
    """
    found: dict[str, str] = {}
    by_count = [token for token, _ in Counter(corpus_arrays(train).spelling_counts()).most_common()]
    for token in by_count:
        entry = normalise(token)
        if entry in found:
            continue
        spelling = entry if entry in vectors.rows else vectors.find(token)
        if spelling is not None:
            found[entry] = spelling
    if vectors.ngrams is not None:
        for token in by_count:
            found.setdefault(normalise(token), vectors.ngrams.spelt(token))
    return found


def embedding_start(
    words: Vocabulary, found: Mapping[str, str], vectors: WordVectors, *, seed: int
) -> FloatArray:
    """float32 (words, D): the start of the word embedding.

    Words without a vector, and the unknown word, get random ones of the same spread; padding 0.
    """
    random = np.random.default_rng(seed)
    placed = {
        words.ids[word]: vectors.vector(spelt) for word, spelt in found.items() if word in words
    }
    # Of a fastText model the rows are parts of vectors, which spread otherwise.
    whole = vectors.vectors if vectors.ngrams is None else np.array([*placed.values()])
    spread = float(whole.std()) if whole.size else 0.0
    start = random.normal(0.0, spread, (len(words), vectors.dim)).astype(np.float32)
    start[0] = 0
    for row, vector in placed.items():
        start[row] = vector
    return start


def describe_coverage(name: str, sentences: Sequence[Sentence], vectors: WordVectors) -> str:
    """One line: the coverage of a split, by token and by type."""
    counts = corpus_arrays(sentences).spelling_counts()
    by_type = coverage(counts.keys(), vectors)
    return f"{name} by token: {coverage(counts, vectors)}; by type: {by_type}"
