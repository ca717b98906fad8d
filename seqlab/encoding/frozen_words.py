"""The second table: words that the trained one lacks keep the vectors of their file, frozen.

Training holds it in memory; a run keeps it in files that are mapped, so that tagging reads those rows
alone that it looks up. Both look up alike. The words of the first table drift as they are trained, those
of the second do not: that is the price of knowing them.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from seqlab.arrays import BoolArray, FloatArray, Int64Array
from seqlab.corpus.mapped_arrays import release_pages
from seqlab.encoding.ngrams import SPELT, Ngrams
from seqlab.encoding.vectors import SPELLINGS, WordVectors
from seqlab.encoding.word_index import MemoryIndex, RowFinder, open_index, write_index

VECTORS, NGRAMS, FACTS = "vectors.npy", "ngrams.npy", "ngrams.json"
SOME = 256  # tokens; the system maps up to 64 KB for each row that is looked at


@dataclass(frozen=True)
class FrozenWords:
    """Words with frozen vectors.

    vectors: float32 (words, D), in memory or mapped, by the index's rows. ngrams: of a fastText model, whose
    vectors are composed when they are looked up; it has one for every token.
    """

    index: RowFinder
    vectors: FloatArray
    ngrams: Ngrams | None = None

    @property
    def dim(self) -> int:
        """D, the size of a vector."""
        return int(self.vectors.shape[1])

    def look_up(self, tokens: Sequence[str]) -> tuple[BoolArray, FloatArray]:
        """Which tokens have a vector, bool (tokens,), and those vectors, float32 (those, D).

        Spelt as `WordVectors.find` spells them: as it is, in lower case, normalised. Some at a time: pages
        that were read are handed back in between.
        """
        starts = range(0, max(len(tokens), 1), SOME)
        parts = [self.look_up_some(tokens[start : start + SOME]) for start in starts]
        known, vectors = zip(*parts, strict=True)
        return np.concatenate(known), np.concatenate(vectors)

    def look_up_some(self, tokens: Sequence[str]) -> tuple[BoolArray, FloatArray]:
        """As `look_up`, all at once."""
        rows = np.full(len(tokens), -1, np.int64)
        spelt = list(tokens)
        for spell in SPELLINGS:
            missing = np.flatnonzero(rows < 0).tolist()
            for number in missing:
                spelt[number] = spell(tokens[number])
            rows[missing] = self.index.rows([spelt[number] for number in missing])
        known = rows >= 0
        if self.ngrams is None:
            found = self.vectors[rows[known]]
        else:
            known, found = np.full(len(tokens), True), self.composed(tokens, spelt, rows)
            release_pages(self.ngrams.vectors)
        release_pages(self.vectors)
        return known, found

    def composed(self, tokens: Sequence[str], spelt: Sequence[str], rows: Int64Array) -> FloatArray:
        """float32 (tokens, D), of n-grams, and of rows where they are not -1, with `spelt` as their words."""
        found = np.zeros((len(tokens), self.dim), np.float32)
        if self.ngrams is None:
            return found
        for number, row in enumerate(rows.tolist()):
            if row >= 0:
                found[number] = self.ngrams.compose(spelt[number], self.vectors[row])
            else:
                found[number] = self.ngrams.compose(self.ngrams.spelt(tokens[number]))
        return found


def freeze_words(vectors: WordVectors) -> FrozenWords:
    """The words of a file of vectors, in memory."""
    return FrozenWords(MemoryIndex(vectors.rows), vectors.vectors, vectors.ngrams)


def write_frozen_words(frozen: FrozenWords, directory: Path) -> None:
    """Write the second table into a directory that does not exist yet."""
    directory.mkdir()
    np.save(directory / VECTORS, frozen.vectors)
    write_index(frozen.index.words(), directory)
    ngrams = frozen.ngrams
    if ngrams is not None:
        np.save(directory / NGRAMS, ngrams.vectors)
        facts = {name: getattr(ngrams, name) for name in ("shortest", "longest", "spelling")}
        (directory / FACTS).write_text(json.dumps(facts) + "\n", encoding="ascii")


def open_frozen_words(directory: Path) -> FrozenWords:
    """The second table of a directory, mapped: nothing is read before it is looked up.

    Raises OSError, ValueError or EOFError for files that are not those that were written.
    """
    index, vectors = open_index(directory), np.load(directory / VECTORS, mmap_mode="r")
    if vectors.ndim != 2 or vectors.dtype != np.float32 or len(vectors) != len(index.hashes):
        raise ValueError(f"{len(index.hashes)} words, but vectors of shape {vectors.shape}")
    return FrozenWords(index, np.asarray(vectors), open_ngrams(directory, dim=vectors.shape[1]))


def open_ngrams(directory: Path, *, dim: int) -> Ngrams | None:
    """The n-grams of a directory, mapped, or None where it has none."""
    if not (directory / FACTS).exists():
        return None
    facts = json.loads((directory / FACTS).read_text(encoding="ascii"))
    vectors = np.load(directory / NGRAMS, mmap_mode="r")
    if vectors.dtype != np.float32 or vectors.shape != (len(vectors), dim):
        raise ValueError(f"vectors of {dim} dimensions, but n-grams of shape {vectors.shape}")
    if facts["spelling"] not in SPELT:
        raise ValueError(f"n-grams are spelt {facts['spelling']!r}")
    return Ngrams(vectors=np.asarray(vectors), **facts)
