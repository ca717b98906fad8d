"""Write the files of a tagger with smaller numbers, and without the vectors of rare words."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from seqlab.arrays import Int64Array
from seqlab.encoding.encoder import Encoder
from seqlab.errors import UserError, nearest
from seqlab.machine.numbers import is_whole
from seqlab.machine.packed_arrays import NUMBER_TYPES, NumberType
from seqlab.storing.tagger_files import save_tagger
from seqlab.tagging.tagger import Tagger
from seqlab.text.spelling import normalise

NO_VECTORS = (
    "the run has no vectors of words outside its vocabulary; leave out {option}. "
    "Vectors of words in the vocabulary are weights: --weights stores them in fewer bytes"
)


@dataclass(frozen=True, kw_only=True)
class Smaller:
    """How to write a tagger in fewer bytes.

    weights: how the weights are stored. vectors: how the vectors of words outside the vocabulary are stored; None leaves
        them as they are. keep_words: how many of these words keep their vectors; None keeps all.
    Raises UserError for an unknown type of number, and for fewer words than 1.
    """

    weights: NumberType = "float32"
    vectors: NumberType | None = None
    keep_words: int | None = None

    def __post_init__(self) -> None:
        for name in ("weights", "vectors"):
            value = getattr(self, name)
            if value not in NUMBER_TYPES and not (name == "vectors" and value is None):
                raise UserError(
                    f"{name} is {value!r}: expected {', '.join(NUMBER_TYPES)}{nearest(value, NUMBER_TYPES)}"
                )
        if self.keep_words is not None and not (is_whole(self.keep_words) and self.keep_words >= 1):
            raise UserError(
                f"keep_words is {self.keep_words!r}: expected a whole number, at least 1"
            )


def save_smaller(tagger: Tagger, directory: Path, smaller: Smaller) -> str | None:
    """Write the files of a tagger into an existing directory.

    Returns a note on the words whose vectors are left out, or None.
    Raises UserError for an option that this tagger has no use for, and for a number that float16 cannot hold.
    """
    check_use(tagger.encoder, smaller)
    rows = kept_rows(tagger.encoder, smaller.keep_words)
    save_tagger(tagger, directory, weights=smaller.weights, vectors=smaller.vectors, kept_rows=rows)
    if rows is None or tagger.encoder.frozen_words is None:
        return None
    return (
        f"vectors: {len(rows):,} of {len(tagger.encoder.frozen_words.vectors):,} words keep theirs"
    )


def check_use(encoder: Encoder, smaller: Smaller) -> None:
    """Raise UserError for an option about vectors if the tagger has none."""
    given = {"--vectors": smaller.vectors, "--keep-words": smaller.keep_words}
    for option, value in given.items():
        if value is not None and encoder.frozen_words is None:
            raise UserError(NO_VECTORS.format(option=option))


def kept_rows(encoder: Encoder, keep_words: int | None) -> Int64Array | None:
    """int64: the rows of frozen words that keep their vectors, in the order of their file; None for all.

    Files of vectors are sorted by frequency, so the first words are the most frequent. Words whose entry is in the
    vocabulary are left out first: a token with such an entry has a vector among the weights, and frozen words are not
    searched for it.
    """
    if encoder.frozen_words is None or keep_words is None:
        return None
    known = encoder.words.ids
    words = encoder.frozen_words.index.words()
    searched = [row for row, word in enumerate(words) if normalise(word) not in known]
    return np.array(searched[:keep_words], np.int64)
