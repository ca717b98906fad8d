"""What is true in a tracked split: the tags of its sentences, and where their tokens lie in padded rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from seqlab.arrays import AnyArray, BoolArray
from seqlab.corpus.schemes import Scheme, class_of_tag
from seqlab.corpus.sentence_checks import tuple_of_strings
from seqlab.errors import UserError
from seqlab.scoring.pairs import TagSequences
from seqlab.weighting.token_classes import checked_token_mask, number_array, token_classes

OWN_TAGS = "give the sentences' own tags, lists of str, instead of arrays, and mask="


@dataclass(frozen=True, kw_only=True)
class TrackedLabels:
    """sentences: their tags. mask: bool (N, T), True where a row holds a token, in the order of the tags."""

    sentences: TagSequences
    mask: BoolArray

    def by_sentence(self, tokens: Sequence[str]) -> list[Sequence[str]]:
        """What M tokens are called, parted as the sentences are."""
        ends = np.cumsum([0, *map(len, self.sentences)]).tolist()
        return [tokens[start:end] for start, end in pairwise(ends)]


def tracked_labels(
    labels: Any, *, tags: Sequence[str], scheme: Scheme, mask: ArrayLike | None = None
) -> TrackedLabels:
    """The truth of a split, from tags or from arrays.

    labels: sentences of tags, with a mask; they may be cut into several rows, and have tags that are not
    among `tags`. Or one-hot (N, T, C), all-zero rows padding; or int (N, T), with a mask: every row a sentence.
    mask: bool (N, T), True on tokens.
    Raises UserError (WeightsError is one) when they do not fit each other, and for a token without a class.
    """
    if holds_tags(labels):
        found = of_sentences(labels, mask)
        check_written(chain.from_iterable(found.sentences), scheme)
        return found
    array = number_array(labels, "labels")
    if array.ndim == 3 and array.shape[-1] != len(tags):
        raise UserError(
            f"labels have shape {array.shape}: expected (N, T, {len(tags)}), one-hot over the {len(tags)} tags"
        )
    if array.ndim == 3:
        check_gaps(array, mask)
    classes, real = token_classes(array, mask)
    odd = classes[(classes < 0) | (classes >= len(tags))]
    if len(odd):
        raise UserError(
            f"labels hold the class {odd[0]}; expected 0 to {len(tags) - 1}, a tag each"
        )
    rows = np.split(classes, np.cumsum(real.sum(axis=1))[:-1])
    return TrackedLabels(sentences=[[tags[number] for number in row] for row in rows], mask=real)


def holds_tags(labels: Any) -> bool:
    """Whether these are sentences of tags, not numbers."""
    if not isinstance(labels, list | tuple):
        return False
    first = next(
        (sentence for sentence in labels if not hasattr(sentence, "__len__") or len(sentence)), ()
    )
    return isinstance(first, list | tuple) and isinstance(next(iter(first), None), str)


def of_sentences(sentences: Any, mask: ArrayLike | None) -> TrackedLabels:
    """Sentences of tags, checked against where their tokens lie."""
    if mask is None:
        raise UserError(
            "tags of sentences don't tell where their tokens lie; give mask: bool (N, T), True on tokens"
        )
    sentences = [
        tuple_of_strings(tags, f"sentence {at} of the labels takes a list of tags")
        for at, tags in enumerate(sentences, 1)
    ]
    real = number_array(mask, "mask")
    if real.ndim != 2 or real.dtype.kind != "b":
        raise UserError(
            f"mask has shape {real.shape} and dtype {real.dtype}; give bool (N, T), True on tokens"
        )
    ends = np.cumsum(list(map(len, sentences)))
    if ends[-1] != real.sum():
        raise UserError(f"{ends[-1]} tags for a mask of {real.sum()} tokens; expected one a token")
    inside = np.flatnonzero(~np.isin(ends, np.cumsum(real.sum(axis=1))))
    if len(inside):
        raise UserError(
            f"sentence {inside[0] + 1} of {len(sentences)} ends within a row of the mask; "
            "expected rows in the order of the sentences, each of one sentence or of a part of one"
        )
    return TrackedLabels(sentences=sentences, mask=real)


def check_gaps(labels: AnyArray, mask: ArrayLike | None) -> None:
    """Refuse a token without a class: left out, it would never count as missed, and would join its neighbours.

    One at the end of a sentence can't be told from padding without a mask.
    """
    real = np.asarray(labels.any(axis=-1))
    if mask is None:
        behind = np.maximum.accumulate(real[:, ::-1], axis=1)[:, ::-1]
        tokens = np.maximum.accumulate(real, axis=1) & behind
    else:
        tokens = checked_token_mask(mask, real.shape)
    bare = np.argwhere(tokens & ~real)
    if len(bare):
        row, column = bare[0]
        raise UserError(
            f"labels[{row}, {column}] is all zero, but a token: one whose tag has no class? To score it, {OWN_TAGS}"
        )


def check_tags(tags: Any, scheme: Scheme) -> tuple[str, ...]:
    """The tags, one for each class of a network. Raises UserError for what can't be that."""
    found = tuple_of_strings(tags, "tags takes a list, in the order of the classes")
    twice = next((tag for tag in found if found.count(tag) > 1), None)
    if twice is not None:
        raise UserError(f"tags hold {twice!r} twice; expected every class once")
    check_written(found, scheme)
    return found


def check_written(tags: Iterable[str], scheme: Scheme) -> None:
    """Refuse tags that are not written as the scheme has them."""
    for tag in dict.fromkeys(tags):
        class_of_tag(tag, scheme)
