"""Word vectors from a file, by gensim: the start of the word embedding.

The only file that imports gensim, and only when vectors are asked for.
"""

import gzip
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seqlab.corpus.sentence import Sentence
from seqlab.encoding.vocabulary import Vocabulary
from seqlab.encoding.words import normalise
from seqlab.errors import VectorsError

GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class WordVectors:
    """Vectors of words as the file spells them.

    rows: word -> row. vectors: float32 (words, D).
    """

    rows: Mapping[str, int]
    vectors: NDArray[np.float32]

    @property
    def dim(self) -> int:
        """D, the size of a vector."""
        return int(self.vectors.shape[1])

    def find(self, token: str) -> str | None:
        """How the file spells a token: as it is, in lower case, or normalised; None if not at all."""
        for spelling in (token, token.lower(), normalise(token)):
            if spelling in self.rows:
                return spelling
        return None


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


def load_vectors(path: str, *, limit: int | None = None) -> WordVectors:
    """Read word2vec text or binary, GloVe text (no header line) or fastText `.vec`, gzip or not.

    limit: the most rows to read; such files are sorted by frequency.
    Raises VectorsError when the file is missing, cut short, or not one of these.
    """
    header, binary = look_at(path)
    from gensim.models import KeyedVectors

    try:
        found = KeyedVectors.load_word2vec_format(
            path, binary=binary, limit=limit, no_header=not header, unicode_errors="replace"
        )
    except (ValueError, EOFError, OSError, AssertionError, IndexError) as error:
        kind = "word2vec binary" if binary else "text"
        reason = " ".join(str(error).split()) or type(error).__name__
        raise VectorsError(f"{path}: not readable as {kind} word vectors: {reason}") from error
    if not len(found):
        raise VectorsError(f"{path}: holds no word vectors")
    if not np.isfinite(found.vectors).all():
        raise VectorsError(f"{path}: holds a number that is not finite")
    return WordVectors(dict(found.key_to_index), np.asarray(found.vectors, np.float32))


def look_at(path: str) -> tuple[bool, bool]:
    """Whether a file begins with a header line 'rows dimensions', and whether it is binary."""
    if not Path(path).is_file():
        raise VectorsError(f"{path}: no such file of word vectors")
    try:
        with Path(path).open("rb") as plain:
            packed = plain.read(2) == GZIP
        with gzip.open(path) if packed else Path(path).open("rb") as file:
            first, second = file.readline(1 << 16).split(), file.readline(1 << 16)
    except (OSError, EOFError) as error:
        raise VectorsError(f"{path}: cannot be read: {error}") from error
    if packed and not path.endswith(".gz"):
        raise VectorsError(f"{path}: is gzip: expected a name that ends in .gz")
    if not (len(first) == 2 and first[0].isdigit() and first[1].isdigit()):
        if len(first) < 3 or not all(map(is_number, first[-2:])):
            raise VectorsError(f"{path}:1: expected a word and its numbers, or 'rows dimensions'")
        return False, False
    numbers = second.split()[-int(first[1]) :]
    return True, not (len(numbers) == int(first[1]) and all(map(is_number, numbers)))


def is_number(text: bytes) -> bool:
    """Whether a text is written as a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def coverage(tokens: Iterable[str], vectors: WordVectors) -> Coverage:
    """How a list of tokens (or of distinct tokens) is covered."""
    exact = lower = unknown = 0
    for token, count in Counter(tokens).items():
        if token in vectors.rows:
            exact += count
        elif vectors.find(token) is not None:
            lower += count
        else:
            unknown += count
    return Coverage(exact=exact, lower=lower, unknown=unknown)


def spellings(train: Iterable[Sentence], vectors: WordVectors) -> dict[str, str]:
    """For every entry of the word vocabulary that has a vector, the file's spelling of it.

    An entry stands for several spellings ('paris' for Paris and PARIS): it takes its own if the file
    has it, else that of the most frequent training token that the file knows.
    """
    found: dict[str, str] = {}
    for token, _ in Counter(token for s in train for token in s.tokens).most_common():
        entry = normalise(token)
        if entry in found:
            continue
        spelling = entry if entry in vectors.rows else vectors.find(token)
        if spelling is not None:
            found[entry] = spelling
    return found


def embedding_start(
    words: Vocabulary, found: Mapping[str, str], vectors: WordVectors, *, seed: int
) -> NDArray[np.float32]:
    """float32 (words, D): the start of the word embedding.

    Words without a vector, and the unknown word, get random ones of the same spread; padding 0.
    """
    random = np.random.default_rng(seed)
    spread = float(vectors.vectors.std())
    start = random.normal(0.0, spread, (len(words), vectors.dim)).astype(np.float32)
    start[0] = 0
    for word, spelling in found.items():
        if word in words:
            start[words.ids[word]] = vectors.vectors[vectors.rows[spelling]]
    return start


def describe_coverage(name: str, sentences: Iterable[Sentence], vectors: WordVectors) -> str:
    """One line: the coverage of a split, by token and by type."""
    tokens = [token for s in sentences for token in s.tokens]
    by_type = coverage(set(tokens), vectors)
    return f"{name} by token: {coverage(tokens, vectors)}; by type: {by_type}"
