"""Word vectors from a file, by gensim: the start of the word embedding.

Imports gensim only when vectors are asked for; `vector_training` is the only other file that does.
"""

import gzip
import lzma
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from gzip import GzipFile
from io import BufferedReader
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seqlab.corpus.numbered import number
from seqlab.corpus.sentence import Sentence
from seqlab.encoding.fasttext_file import is_fasttext, read_fasttext
from seqlab.encoding.ngrams import Ngrams
from seqlab.encoding.vocabulary import Vocabulary
from seqlab.encoding.words import normalise
from seqlab.errors import VectorsError, shorten
from seqlab.files import nearest_sibling

SPELLINGS: tuple[Callable[[str], str], ...] = (str, str.lower, normalise)
"""How a token is looked up, one after the other: as it is, in lower case, normalised."""

GZIP = b"\x1f\x8b"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
DEFLATE_RATIO = 1032  # gzip never packs a file tighter than this
UNREADABLE = (
    *(ValueError, EOFError, OSError, AssertionError, IndexError),
    *(OverflowError, MemoryError),  # a header that promises more than any machine holds
    *(zlib.error, lzma.LZMAError, ImportError),  # gensim unpacks by the file's name
)


@dataclass(frozen=True)
class WordVectors:
    """Vectors of words as the file spells them.

    rows: word -> row. vectors: float32 (words, D); of a fastText model a part of each word's vector, of
    which its n-grams are the rest. ngrams: of such a model, which has a vector for every word.
    """

    rows: Mapping[str, int]
    vectors: NDArray[np.float32]
    ngrams: Ngrams | None = None

    @property
    def dim(self) -> int:
        """D, the size of a vector."""
        return int(self.vectors.shape[1])

    def find(self, token: str) -> str | None:
        """How the file spells a token: as it is, in lower case, or normalised; None if not at all."""
        spellings = (spelt(token) for spelt in SPELLINGS)
        return next((spelling for spelling in spellings if spelling in self.rows), None)

    def vector(self, spelling: str) -> NDArray[np.float32]:
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


def load_vectors(path: str, *, limit: int | None = None) -> WordVectors:
    """Read word2vec text or binary, GloVe text (no header line) or fastText `.vec`, gzip or not.

    Also fastText's binary models, whose n-grams give vectors to words that the file lacks.

    limit: the most rows to read; such files are sorted by frequency.
    Raises VectorsError when the file is missing, cut short, or not one of these.
    """
    if is_fasttext(path):
        model = read_fasttext(path, limit=limit)
        numbers = {word: row for row, word in enumerate(model.words)}
        ngrams = model.ngrams if len(model.ngrams.vectors) else None
        return WordVectors(numbers, model.own, ngrams)
    header, binary = look_at(path, limit=limit)
    from gensim.models import KeyedVectors

    try:
        with np.errstate(over="ignore"):  # becomes an infinity, which is refused below
            found = KeyedVectors.load_word2vec_format(
                path, binary=binary, limit=limit, no_header=not header, unicode_errors="replace"
            )
    except UNREADABLE as error:
        if not binary:
            with suppress(OSError, EOFError, zlib.error):  # the file itself is what is wrong
                check_rows(path, header=header, rows=limit, numbers=True)
        kind = "word2vec binary" if binary else "text"
        reason = " ".join(str(error).split()) or type(error).__name__
        raise VectorsError(f"{path}: not readable as {kind} word vectors: {reason}") from error
    rows = dict(found.key_to_index)
    if not rows or not found.vector_size:  # with TABs, a whole line is a word
        raise VectorsError(f"{path}: holds no word vectors: expected words and numbers with spaces")
    vectors = np.asarray(found.vectors[: len(rows)], np.float32)  # a repeated word leaves a gap
    if not np.isfinite(vectors).all():
        raise VectorsError(f"{path}: holds a number that is not finite")
    if not binary and vectors.shape[1] > 1 and (vectors == vectors[:, :1]).all(axis=1).any():
        # gensim repeats a lone number `dim` times
        check_rows(path, header=header, rows=len(found.vectors), numbers=False)
    return WordVectors(rows, vectors)


def check_rows(path: str, *, header: bool, rows: int | None, numbers: bool) -> None:
    """Refuse the first text row that has another size than the header or the first row says.

    rows: how many to look at, None for all. numbers: whether to look at what each number is, too.
    """
    dim = None
    with opened(path) as file:
        stop = None if rows is None else rows + header
        for line, text in enumerate(islice(file, stop), start=1):
            if header and line == 1:
                dim = int(text.split()[1])
                continue
            found = text.rstrip().split(b" ")[1:]
            dim = len(found) if dim is None else dim
            shown = shorten(text.decode("utf-8", "replace").strip())
            if len(found) != dim:
                raise VectorsError(
                    f"{path}:{line}: expected {dim} numbers, found {len(found)}: {shown!r}"
                )
            wrong = next((cell for cell in found if not is_number(cell)), None) if numbers else None
            if wrong is not None:
                cell = shorten(wrong.decode("utf-8", "replace"))
                raise VectorsError(f"{path}:{line}: expected a number, found {cell!r}: {shown!r}")


def opened(path: str) -> GzipFile | BufferedReader:
    """The bytes of a file, unpacked where they are gzip."""
    with Path(path).open("rb") as plain:
        packed = plain.read(2) == GZIP
    return gzip.open(path) if packed else Path(path).open("rb")


def look_at(path: str, *, limit: int | None = None) -> tuple[bool, bool]:
    """Whether a file begins with a header line 'rows dimensions', and whether it is binary."""
    if not Path(path).is_file():
        raise VectorsError(f"{path}: no such file of word vectors{nearest_sibling(Path(path))}")
    try:
        with opened(path) as file:
            packed = isinstance(file, GzipFile)
            opening, second = file.readline(1 << 16), file.readline(1 << 16).split()
    except (OSError, EOFError, zlib.error) as error:
        raise VectorsError(f"{path}: cannot be read: {error}") from error
    if packed and not path.endswith(".gz"):
        raise VectorsError(f"{path}: is gzip: expected a name that ends in .gz")
    if opening.startswith(BYTE_ORDER_MARK):  # gensim takes it for a part of the first word
        raise VectorsError(f"{path}:1: begins with a byte order mark; expected UTF-8 without one")
    first = opening.split()
    if not (len(first) == 2 and all(part.isdigit() and len(part) < 30 for part in first)):
        if len(first) < 3 or not all(map(is_number, first[-2:])):
            raise VectorsError(f"{path}:1: expected a word and its numbers, or 'rows dimensions'")
        return False, False
    check_size(path, int(first[0]), int(first[1]), packed=packed, limit=limit)
    # Of a word with spaces not all behind its first part are numbers.
    numbers = second[-int(first[1]) :]
    as_promised = len(numbers) == int(first[1]) and all(map(is_number, numbers))
    return True, not (as_promised or (len(second) > 1 and all(map(is_number, second[1:]))))


def check_size(path: str, rows: int, dim: int, *, packed: bool, limit: int | None) -> None:
    """Refuse a header that promises more than the file can hold, before room is made for it."""
    size = Path(path).stat().st_size * (DEFLATE_RATIO if packed else 1)
    if (min(rows, limit) if limit else rows) * 2 * dim > size:  # a digit and a space a number
        raise VectorsError(f"{path}:1: promises {rows} rows of {dim} numbers, the file is shorter")


def is_number(text: bytes) -> bool:
    """Whether a text is written as a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True


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


def spellings(train: Sequence[Sentence], vectors: WordVectors) -> dict[str, str]:
    """For every entry of the word vocabulary that has a vector, the file's spelling of it.

    An entry stands for several spellings ('paris' for Paris and PARIS): it takes its own if the file
    has it, else that of the most frequent training token that the file knows; where it knows none and has
    n-grams, that of the most frequent training token, to be taken apart.
    """
    found: dict[str, str] = {}
    by_count = [token for token, _ in Counter(number(train).form_counts()).most_common()]
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
) -> NDArray[np.float32]:
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
    counts = number(sentences).form_counts()
    by_type = coverage(counts.keys(), vectors)
    return f"{name} by token: {coverage(counts, vectors)}; by type: {by_type}"
