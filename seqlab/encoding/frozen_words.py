"""Frozen words: words outside the trained vocabulary that keep the vectors of their file.

During training they lie in memory. A run directory stores them in files that are mapped, so that tagging
reads only the rows that it looks up. Training moves the vectors of the vocabulary, but not these vectors.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from seqlab.arrays import BoolArray, FloatArray, Int64Array
from seqlab.corpus.mapped_arrays import release_pages
from seqlab.encoding.frozen_files import FrozenFiles, check_samples
from seqlab.encoding.ngrams import SPELT, Ngrams
from seqlab.encoding.vectors import SPELLINGS, WordVectors
from seqlab.encoding.word_index import MemoryIndex, WordIndex, open_index, write_index

VECTORS, NGRAMS, NGRAM_SETTINGS = "vectors.npy", "ngrams.npy", "ngrams.json"
BLOCK = 256  # tokens looked up at a time; the system maps up to 64 KB for each row that is read


@dataclass(frozen=True)
class FrozenWords:
    """Words with frozen vectors.

    vectors: float32 (words, D), in memory or mapped, by the rows of `index`.
    ngrams: the n-grams of a fastText model, which give every token a vector; else None.
    files: the files that are mapped; None in memory.
    """

    index: WordIndex
    vectors: FloatArray
    ngrams: Ngrams | None = None
    files: FrozenFiles | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle mapped words by the path of their files, and words in memory by value.

        Raises RunError if the files have changed.
        """
        if self.files is None:
            return FrozenWords, (self.index, self.vectors, self.ngrams)
        return reopen_frozen_words, (str(self.files.directory), self.files.samples())

    @property
    def dim(self) -> int:
        """D, the size of a vector."""
        return int(self.vectors.shape[1])

    def look_up(self, tokens: Sequence[str]) -> tuple[BoolArray, FloatArray]:
        """Return which tokens have a vector, bool (tokens,), and these vectors, float32 (known tokens, D).

        The spellings of a token are tried as in `WordVectors.find`. Tokens are looked up in blocks, and
        the mapped pages are released after each block.
        """
        starts = range(0, max(len(tokens), 1), BLOCK)
        parts = [self.look_up_block(tokens[start : start + BLOCK]) for start in starts]
        known, vectors = zip(*parts, strict=True)
        return np.concatenate(known), np.concatenate(vectors)

    def look_up_block(self, tokens: Sequence[str]) -> tuple[BoolArray, FloatArray]:
        """Do the work of `look_up` for one block."""
        rows = np.full(len(tokens), -1, np.int64)
        spellings = list(tokens)
        for spell in SPELLINGS:
            missing = np.flatnonzero(rows < 0).tolist()
            for index in missing:
                spellings[index] = spell(tokens[index])
            rows[missing] = self.index.rows([spellings[index] for index in missing])
        if self.ngrams is None:
            known = rows >= 0
            vectors = self.vectors[rows[known]]
        else:
            known = np.full(len(tokens), True)
            vectors = self.compose_all(self.ngrams, tokens, spellings, rows)
            release_pages(self.ngrams.vectors)
        release_pages(self.vectors)
        return known, vectors

    def compose_all(
        self, ngrams: Ngrams, tokens: Sequence[str], spellings: Sequence[str], rows: Int64Array
    ) -> FloatArray:
        """Return float32 (tokens, D), composed from n-grams.

        rows: int64 (tokens,), the row of each of `spellings`, -1 where the file lacks the token.
        """
        vectors = np.zeros((len(tokens), self.dim), np.float32)
        for index, row in enumerate(rows.tolist()):
            if row >= 0:
                vectors[index] = ngrams.compose(spellings[index], self.vectors[row])
            else:
                vectors[index] = ngrams.compose(ngrams.spelt(tokens[index]))
        return vectors


def freeze_words(vectors: WordVectors) -> FrozenWords:
    """Make frozen words, in memory, of all words of a vector file."""
    return FrozenWords(MemoryIndex(vectors.rows), vectors.vectors, vectors.ngrams)


def write_frozen_words(frozen: FrozenWords, directory: Path) -> None:
    """Write frozen words into a new directory."""
    directory.mkdir()
    np.save(directory / VECTORS, frozen.vectors)
    write_index(frozen.index.words(), directory)
    ngrams = frozen.ngrams
    if ngrams is not None:
        np.save(directory / NGRAMS, ngrams.vectors)
        values = {name: getattr(ngrams, name) for name in ("shortest", "longest", "spelling")}
        (directory / NGRAM_SETTINGS).write_text(json.dumps(values) + "\n", encoding="ascii")


def open_frozen_words(directory: Path) -> FrozenWords:
    """Map the frozen words in a directory. Nothing is read before it is looked up.

    Raises OSError, ValueError or EOFError when the files are damaged or do not fit each other.
    """
    files = FrozenFiles.of(directory)
    index, vectors = open_index(directory), np.load(directory / VECTORS, mmap_mode="r")
    if vectors.ndim != 2 or vectors.dtype != np.float32 or len(vectors) != len(index.hashes):
        raise ValueError(f"{len(index.hashes)} words, but vectors of shape {vectors.shape}")
    ngrams = open_ngrams(directory, dim=vectors.shape[1])
    return FrozenWords(index, np.asarray(vectors), ngrams, files)


def reopen_frozen_words(directory: str, samples: dict[str, str]) -> FrozenWords:
    """Map the frozen words of a pickled tagger. Raises RunError unless the files are those that it had."""
    check_samples(Path(directory), samples)
    return open_frozen_words(Path(directory))


def open_ngrams(directory: Path, *, dim: int) -> Ngrams | None:
    """Map the n-grams in a directory, or return None when it has none. Raises ValueError for other sizes."""
    if not (directory / NGRAM_SETTINGS).exists():
        return None
    values = json.loads((directory / NGRAM_SETTINGS).read_text(encoding="ascii"))
    vectors = np.load(directory / NGRAMS, mmap_mode="r")
    if vectors.dtype != np.float32 or vectors.shape != (len(vectors), dim):
        raise ValueError(f"vectors of {dim} dimensions, but n-grams of shape {vectors.shape}")
    if values["spelling"] not in SPELT:
        raise ValueError(f"n-grams are spelt {values['spelling']!r}; expected {', '.join(SPELT)}")
    return Ngrams(vectors=np.asarray(vectors), **values)
