"""Gold and predicted tags laid side by side: one number a token, one array a side.

Whatever counts (tokens, spans, confusion) counts these arrays, so that two lengths that differ
are found once, here. What a tag means is not looked at: see `tags`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from seqlab.arrays import BoolArray, Int32Array
from seqlab.errors import UserError, shorten

TagSequences = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TagPairs:
    """The M tokens of all sentences, end to end.

    names: the D distinct tags of both sides, in order of appearance.
    gold: int32 (M,), index into `names`.
    predicted: int32 (M,), index into `names`.
    first: bool (M,), True on the first token of a sentence.
    """

    names: tuple[str, ...]
    gold: Int32Array
    predicted: Int32Array
    first: BoolArray

    def accuracy(self) -> float | None:
        """The share of tokens whose tag is right; None without tokens."""
        tokens = len(self.gold)
        return int(np.count_nonzero(self.gold == self.predicted)) / tokens if tokens else None


def pair_tags(gold: TagSequences, predicted: TagSequences) -> TagPairs:
    """Gold and predicted tags, numbered.

    gold: N sentences of tags.
    predicted: N sentences of tags, each as long as its gold one.
    Raises UserError when a side is no sequence of sequences, or lengths differ.
    """
    _check(gold, predicted)
    names = tuple(dict.fromkeys(chain(chain.from_iterable(gold), chain.from_iterable(predicted))))
    odd = next((name for name in names if not isinstance(name, str)), "")
    if odd != "":
        raise UserError(f"{odd!r} stands where a tag is expected; {WANTED}, as texts")
    number = {name: index for index, name in enumerate(names)}
    return TagPairs(
        names=names,
        gold=_numbered(gold, number),
        predicted=_numbered(predicted, number),
        first=_first_tokens(gold),
    )


WANTED = "give a list of sentences, each a list of tags"


def _check(gold: TagSequences, predicted: TagSequences) -> None:
    for side, sentences in (("gold", gold), ("predicted", predicted)):
        if not hasattr(sentences, "__len__") or isinstance(sentences, str | Mapping):
            raise UserError(f"{side} is {type(sentences).__name__}; {WANTED}")
        odd = next((s for s in sentences if isinstance(s, str) or not hasattr(s, "__iter__")), None)
        if odd is not None:
            what = "the tag" if isinstance(odd, str) else type(odd).__name__
            raise UserError(
                f"{side} holds {what} {shorten(repr(odd))} where a sentence is expected; {WANTED}"
            )
    if len(gold) != len(predicted):
        raise UserError(
            f"{len(gold)} gold sentences, {len(predicted)} predicted; give one of each per sentence"
        )
    for index, (ours, theirs) in enumerate(zip(gold, predicted, strict=True), start=1):
        if len(ours) != len(theirs):
            raise UserError(
                f"sentence {index} of {len(gold)}: {len(ours)} gold tags, {len(theirs)} predicted; "
                "give one of each per token"
            )


def _numbered(sentences: TagSequences, number: dict[str, int]) -> Int32Array:
    return np.fromiter(map(number.__getitem__, chain.from_iterable(sentences)), dtype=np.int32)


def _first_tokens(sentences: TagSequences) -> BoolArray:
    lengths = np.fromiter(map(len, sentences), dtype=np.int64, count=len(sentences))
    first = np.zeros(int(lengths.sum()), dtype=np.bool_)
    first[(np.cumsum(lengths) - lengths)[lengths > 0]] = True
    return first
