"""Frozen words: words outside the trained vocabulary that keep the vectors of their file.

During training they lie in memory. A run directory stores them in files that are mapped, so that tagging
reads only the rows that it looks up. Training moves the vectors of the vocabulary, but not these vectors.
"""

import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any

import numpy as np

from seqlab.arrays import BoolArray, FloatArray, Int64Array
from seqlab.encoding.frozen_files import FrozenFiles, check_samples
from seqlab.encoding.ngrams import SPELT, Ngrams
from seqlab.encoding.packed_vectors import (
    PackedVectors,
    Vectors,
    number_type_of,
    release_vectors,
    take_rows,
    write_vectors,
)
from seqlab.encoding.vectors import SPELLINGS, WordVectors
from seqlab.encoding.word_index import MemoryIndex, WordIndex, open_index, write_index
from seqlab.errors import RunError, one_line
from seqlab.machine.array_files import ArraySpec, map_array, peek_type
from seqlab.machine.json_text import parse_json
from seqlab.machine.numbers import is_whole
from seqlab.machine.packed_arrays import NUMBER_TYPES, NumberType
from seqlab.machine.regular_files import open_regular

VECTORS, NGRAMS, NGRAM_SETTINGS = "vectors.npy", "ngrams.npy", "ngrams.json"
SCALES = {VECTORS: "scales.npy", NGRAMS: "ngram_scales.npy"}  # of vectors stored as int8
NGRAM_SETTING_BYTES = 1000
LONGEST_NGRAM = 100  # letters; fastText's own default is 6
BLOCK = 256  # tokens looked up at a time; the system maps up to 64 KB for each row that is read


@dataclass(frozen=True)
class FrozenWords:
    """Words with frozen vectors.

    vectors: (words, D), in memory or mapped, by the rows of `index`; float32, or packed in fewer bytes.
    ngrams: the n-grams of a fastText model, which give every token a vector; else None.
    files: the files that are mapped; None in memory.
    """

    index: WordIndex
    vectors: Vectors
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

    @property
    def number_type(self) -> NumberType:
        """How the vectors are stored."""
        return number_type_of(self.vectors)

    def keep(self, rows: Int64Array) -> "FrozenWords":
        """The words of some rows, in memory and in this order. All n-grams stay."""
        words = self.index.words()
        index = MemoryIndex({words[row]: number for number, row in enumerate(rows.tolist())})
        return FrozenWords(index, take_rows(self.vectors, rows), self.ngrams)

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
            release_vectors(self.ngrams.vectors)
        release_vectors(self.vectors)
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


def write_frozen_words(
    frozen: FrozenWords, directory: Path, *, number_type: NumberType | None = None
) -> None:
    """Write frozen words into a new directory.

    number_type: how the vectors are stored; None leaves them as they are.
    Raises UserError for a number that float16 cannot hold.
    """
    directory.mkdir()
    number_type = number_type or frozen.number_type

    def write(name: str, vectors: Vectors) -> None:
        files = (directory / name, directory / SCALES[name])
        write_vectors(vectors, *files, number_type=number_type)

    write(VECTORS, frozen.vectors)
    write_index(frozen.index.words(), directory)
    ngrams = frozen.ngrams
    if ngrams is not None:
        write(NGRAMS, ngrams.vectors)
        values = {name: getattr(ngrams, name) for name in ("shortest", "longest", "spelling")}
        (directory / NGRAM_SETTINGS).write_text(json.dumps(values) + "\n", encoding="ascii")


OpenFile = Callable[[str], AbstractContextManager[BufferedReader]]
"""Opens a file of the directory by its name."""


def open_frozen_words(
    directory: Path,
    *,
    has: Callable[[str], bool] | None = None,
    open_file: OpenFile | None = None,
) -> FrozenWords:
    """Map the frozen words in a directory. Nothing is read before it is looked up.

    has, open_file: which files there are, and how they are opened; by default any regular file in the directory.
    Raises RunError when the files are damaged or do not fit each other.
    """
    files = FrozenFiles.of(directory)
    has = has or (lambda name: (directory / name).exists())
    open_file = open_file or (lambda name: open_regular(directory / name, inside=directory))
    index = open_index(directory, open_file)
    vectors = open_vectors(directory, VECTORS, open_file, shape=(len(index.hashes), None))
    ngrams = None
    if has(NGRAM_SETTINGS):
        ngrams = open_ngrams(directory, open_file, dim=vectors.shape[1])
    return FrozenWords(index, vectors, ngrams, files)


def reopen_frozen_words(directory: str, samples: dict[str, str]) -> FrozenWords:
    """Map the frozen words of a pickled tagger. Raises RunError unless the files are those that it had."""
    check_samples(Path(directory), samples)
    return open_frozen_words(Path(directory))


def open_vectors(
    directory: Path, name: str, open_file: OpenFile, *, shape: tuple[int | None, int | None]
) -> Vectors:
    """Map a table of vectors, and its scales if it has int8 numbers. Raises RunError when they are damaged."""
    with open_file(name) as file:
        path = directory / name
        stored = peek_type(file, path)
        number_type = stored if stored in NUMBER_TYPES else "float32"
        numbers = map_array(file, path, ArraySpec(shape, number_type))
    if number_type == "float32":
        return numbers
    if number_type == "float16":
        return PackedVectors(numbers)
    with open_file(SCALES[name]) as file:
        path = directory / SCALES[name]
        return PackedVectors(numbers, map_array(file, path, ArraySpec((len(numbers), 1))))


def open_ngrams(directory: Path, open_file: OpenFile, *, dim: int) -> Ngrams:
    """Map the n-grams in a directory. Raises RunError when they are damaged or of another size."""
    path = directory / NGRAM_SETTINGS
    with open_file(NGRAM_SETTINGS) as file:
        content = file.read(NGRAM_SETTING_BYTES)
    vectors = open_vectors(directory, NGRAMS, open_file, shape=(None, dim))
    if not len(vectors):
        raise RunError(f"{directory / NGRAMS}: damaged: holds no n-gram")
    try:
        return Ngrams(vectors=vectors, **ngram_settings(parse_json(content)))
    except (ValueError, TypeError) as error:
        raise RunError(f"{path}: damaged: {one_line(str(error))}") from error


def ngram_settings(values: Any) -> dict[str, Any]:
    """The lengths and the spelling of n-grams, checked. Raises ValueError for others than training writes."""
    names = ("shortest", "longest", "spelling")
    if not isinstance(values, dict) or set(values) != set(names):
        raise ValueError(f"expected an object of {', '.join(names)}")
    shortest, longest, spelling = (values[name] for name in names)
    if not (
        is_whole(shortest) and is_whole(longest) and 0 <= shortest <= LONGEST_NGRAM >= longest >= 0
    ):
        raise ValueError(f"lengths of n-grams are whole numbers from 0 to {LONGEST_NGRAM}")
    if not isinstance(spelling, str) or spelling not in SPELT:
        raise ValueError(f"n-grams are spelt in another way than {', '.join(SPELT)}")
    return values
