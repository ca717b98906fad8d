"""Gold and predicted tags as arrays of tag ids, one per token.

Everything that counts (tokens, spans, confusion) reads these arrays, so mistakes in the arguments are
found once, here. This module does not interpret tags; see `tags`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from seqlab.arrays import BoolArray, Int32Array
from seqlab.corpus.sentence_checks import is_list
from seqlab.errors import UserError, shorten, with_type
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
    Raises UserError, with the sentence, when a side is not a list of lists of tags, or when lengths differ.
    """
    check_side(gold, "gold")
    check_side(predicted, "predicted")
    check_lengths(gold, predicted)
    try:
        names = tuple(dict.fromkeys(chain(*map(chain.from_iterable, (gold, predicted)))))
    except TypeError:  # a list, or another value without a hash
        names = ()
    if not all(isinstance(name, str) for name in names) or not names:
        refuse_odd_tag(gold, "gold")
        refuse_odd_tag(predicted, "predicted")
    index_of = {name: index for index, name in enumerate(names)}
    return TagPairs(
        names=names,
        gold=flat_tag_ids(gold, index_of),
        predicted=flat_tag_ids(predicted, index_of),
        first=first_tokens(gold),
    )


def check_side(sentences: TagSequences, side: str) -> None:
    """Raise UserError unless this is a list of lists. side: 'gold' or 'predicted', for the error."""
    if not is_list(sentences):
        raise UserError(f"{side} is {type(sentences).__name__}; {EXPECTED}")
    for number, sentence in enumerate(sentences, start=1):
        if not is_list(sentence):
            what = "the tag" if isinstance(sentence, str) else type(sentence).__name__
            fact = f"{side} sentence {number} is {what} {shorten(repr(sentence))}"
            raise UserError(f"{fact}, not a list of tags; {EXPECTED}")


def refuse_odd_tag(sentences: TagSequences, side: str) -> None:
    """Raise UserError for the first tag that is not a string. side: 'gold' or 'predicted', for the error."""
    for number, sentence in enumerate(sentences, start=1):
        for tag in sentence:
            if not isinstance(tag, str):
                fact = f"{side} sentence {number} holds {with_type(tag)}, which is not a tag"
                raise UserError(f"{fact}; {EXPECTED}, as strings")


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
