"""Gold and predicted tags as arrays of tag ids, one per token.

Everything that counts (tokens, spans, confusion) reads these arrays, so mistakes in the arguments are
found once, here. This module does not interpret tags; see `tags`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from seqlab.arrays import BoolArray, Int32Array
from seqlab.errors import UserError, shorten
from seqlab.machine.wording import ratio

TagSequences = Sequence[Sequence[str]]
EXPECTED = "give a list of sentences, each a list of tags"


@dataclass(frozen=True, slots=True, kw_only=True)
class TagPairs:
    """The M tokens of all sentences, end to end.

    names: the distinct tags of both sides, in order of appearance.
    gold, predicted: int32 (M,), index into `names`.
    first: bool (M,), True on the first token of a sentence.
    """

    names: tuple[str, ...]
    gold: Int32Array
    predicted: Int32Array
    first: BoolArray

    def accuracy(self) -> float | None:
        """The share of tokens whose whole tag is correct; None without tokens."""
        return ratio(int(np.count_nonzero(self.gold == self.predicted)), len(self.gold))


def pair_tags(gold: TagSequences, predicted: TagSequences) -> TagPairs:
    """Turn tags into tag ids.

    gold, predicted: N sentences of tags, of the same lengths.
    Raises UserError when a side is not a list of lists of tags, or when lengths differ.
    """
    check_side(gold, "gold")
    check_side(predicted, "predicted")
    check_lengths(gold, predicted)
    names = tuple(dict.fromkeys(chain(chain.from_iterable(gold), chain.from_iterable(predicted))))
    odd = next((name for name in names if not isinstance(name, str)), "")
    if odd != "":
        raise UserError(f"{odd!r} is not a tag; {EXPECTED}, as strings")
    index_of = {name: index for index, name in enumerate(names)}
    return TagPairs(
        names=names,
        gold=flat_tag_ids(gold, index_of),
        predicted=flat_tag_ids(predicted, index_of),
        first=first_tokens(gold),
    )


def check_side(sentences: TagSequences, side: str) -> None:
    """Raise UserError unless this is a list of lists. side: 'gold' or 'predicted', for the error."""
    if not hasattr(sentences, "__len__") or isinstance(sentences, str | Mapping):
        raise UserError(f"{side} is {type(sentences).__name__}; {EXPECTED}")
    odd = next((s for s in sentences if isinstance(s, str) or not hasattr(s, "__iter__")), None)
    if odd is not None:
        what = "the tag" if isinstance(odd, str) else type(odd).__name__
        raise UserError(f"{side} holds {what} {shorten(repr(odd))}, not a sentence; {EXPECTED}")


def check_lengths(gold: TagSequences, predicted: TagSequences) -> None:
    """Raise UserError, with the first sentence that differs, unless both sides have the same lengths."""
    if len(gold) != len(predicted):
        raise UserError(
            f"{len(gold)} gold sentences, {len(predicted)} predicted; give one of each per sentence"
        )
    for number, (ours, theirs) in enumerate(zip(gold, predicted, strict=True), start=1):
        if len(ours) != len(theirs):
            raise UserError(
                f"sentence {number} of {len(gold)}: {len(ours)} gold tags, {len(theirs)} predicted; "
                "give one of each per token"
            )


def flat_tag_ids(sentences: TagSequences, index_of: Mapping[str, int]) -> Int32Array:
    """int32 (M,): the tag ids of all sentences, end to end."""
    return np.fromiter(map(index_of.__getitem__, chain.from_iterable(sentences)), dtype=np.int32)


def first_tokens(sentences: TagSequences) -> BoolArray:
    """Bool (M,): True on the first token of each sentence."""
    lengths = np.fromiter(map(len, sentences), dtype=np.int64, count=len(sentences))
    first = np.zeros(int(lengths.sum()), dtype=np.bool_)
    first[(np.cumsum(lengths) - lengths)[lengths > 0]] = True
    return first
