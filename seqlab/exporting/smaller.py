"""Options that make an exported tagger smaller: smaller numbers, and no vectors of rare words."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from seqlab.arrays import Int64Array
from seqlab.encoding.encoder import Encoder
from seqlab.encoding.frozen_words import FrozenWords
from seqlab.errors import UserError, nearest
from seqlab.machine.numbers import is_whole
from seqlab.machine.packed_arrays import NUMBER_TYPES, NumberType
from seqlab.tagging.tagger import Tagger
from seqlab.text.spelling import normalise


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


def with_fewer_words(tagger: Tagger, keep_words: int | None) -> Tagger:
    """The tagger with the vectors of the `keep_words` most frequent words outside its vocabulary; None keeps all."""
    if tagger.members:
        members = [with_fewer_words(member, keep_words) for member in tagger.members]
        return replace(tagger, members=tuple(members), encoder=members[0].encoder)
    frozen = tagger.encoder.frozen_words
    if keep_words is None or frozen is None:
        return tagger
    kept = frozen.keep(kept_rows(tagger.encoder, frozen, keep_words))
    return replace(tagger, encoder=replace(tagger.encoder, frozen_words=kept))


def check_use(tagger: Tagger, smaller: Smaller, run: str | Path) -> None:
    """Raise UserError for an option without effect on the tagger. run: its directory, for the message."""
    if tagger.engine == "keras" and smaller.weights != "float32":
        raise UserError(
            f"{run}: has a network of your own, whose weights Keras stores; leave weights out"
        )
    given = {"vectors": smaller.vectors, "keep_words": smaller.keep_words}
    for option, value in given.items():
        if value is not None and tagger.encoder.frozen_words is None:
            raise UserError(
                f"{run}: has no vectors of words outside its vocabulary; leave {option} out. "
                "Vectors of words in the vocabulary are weights"
            )


def kept_rows(encoder: Encoder, frozen: FrozenWords, keep_words: int) -> Int64Array:
    """int64: the rows of frozen words that keep their vectors, in the order of their file.

    Files of vectors are sorted by frequency, so the first words are the most frequent. Words whose entry is in the
    vocabulary are left out first, because frozen words are not searched for them: their vectors are weights.
    """
    known, words = encoder.words.ids, frozen.index.words()
    searched = [row for row, word in enumerate(words) if normalise(word) not in known]
    return np.array(searched[:keep_words], np.int64)
