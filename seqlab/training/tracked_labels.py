"""The gold tags of a tracked split, and the positions of its tokens in padded rows."""

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

TAGS_INSTEAD = "give the tags of the sentences, lists of str, instead of an array, and mask="


@dataclass(frozen=True, kw_only=True)
class TrackedLabels:
    """The gold tags of all sentences, and a mask with one True per tag, in the same order.

    mask: bool (N, T), True on tokens.
    """

    sentences: TagSequences
    mask: BoolArray

    def by_sentence(self, tags: Sequence[str]) -> list[Sequence[str]]:
        """Divide the tags of all tokens into sentences."""
        ends = np.cumsum([0, *map(len, self.sentences)]).tolist()
        return [tags[start:end] for start, end in pairwise(ends)]


def tracked_labels(
    labels: Any, *, tags: Sequence[str], scheme: Scheme, mask: ArrayLike | None = None
) -> TrackedLabels:
    """The gold tags of a split, from lists of tags or from an array.

    labels: one of three forms. Lists of tags, with a mask: a sentence can extend over several rows, and can have tags
    that are not in `tags`. One-hot (N, T, C): every row is a sentence, all-zero positions are padding. Class ids
    int (N, T), with a mask: every row is a sentence.
    mask: bool (N, T), True on tokens.
    Raises UserError if the arguments do not fit each other, and for a token without a class in an array.
    """
    if is_lists_of_tags(labels):
        tracked = labels_of_tags(labels, mask)
        check_scheme(chain.from_iterable(tracked.sentences), scheme)
        return tracked
    array = number_array(labels, "labels")
    if array.ndim == 3 and array.shape[-1] != len(tags):
        raise UserError(
            f"labels have shape {array.shape}; expected (N, T, {len(tags)}), one-hot over the {len(tags)} tags"
        )
    if array.ndim == 3:
        check_tokens_have_classes(array, mask)
    classes, real = token_classes(array, mask)
    unknown = classes[(classes < 0) | (classes >= len(tags))]
    if len(unknown):
        raise UserError(
            f"labels contain class {unknown[0]}; expected 0 to {len(tags) - 1}, one class per tag"
        )
    rows = np.split(classes, np.cumsum(real.sum(axis=1))[:-1])
    sentences = [[tags[class_id] for class_id in row] for row in rows]
    return TrackedLabels(sentences=sentences, mask=real)


def is_lists_of_tags(labels: Any) -> bool:
    """Whether labels are lists of tags, judged by the first tag."""
    if not isinstance(labels, list | tuple):
        return False
    first = next((s for s in labels if not hasattr(s, "__len__") or len(s)), ())
    return isinstance(first, list | tuple) and isinstance(next(iter(first), None), str)


def labels_of_tags(sentences: Any, mask: ArrayLike | None) -> TrackedLabels:
    """Lists of tags, checked against the mask. Raises UserError."""
    if mask is None:
        raise UserError(
            "labels are lists of tags, without positions; give mask: bool (N, T), True on tokens"
        )
    sentences = [
        tuple_of_strings(tags, f"sentence {number} of the labels takes a list of tags")
        for number, tags in enumerate(sentences, 1)
    ]
    real = number_array(mask, "mask")
    if real.ndim != 2 or real.dtype.kind != "b":
        raise UserError(
            f"mask has shape {real.shape} and dtype {real.dtype}; give bool (N, T), True on tokens"
        )
    ends = np.cumsum(list(map(len, sentences)))
    if ends[-1] != real.sum():
        raise UserError(
            f"labels have {ends[-1]} tags, but mask has {real.sum()} tokens; give one tag per token"
        )
    inside = np.flatnonzero(~np.isin(ends, np.cumsum(real.sum(axis=1))))
    if len(inside):
        raise UserError(
            f"sentence {inside[0] + 1} of {len(sentences)} ends within a row of the mask; "
            "give rows in the order of the sentences, each with one sentence or a part of one"
        )
    return TrackedLabels(sentences=sentences, mask=real)


def check_tokens_have_classes(labels: AnyArray, mask: ArrayLike | None) -> None:
    """Raise UserError for a token that is all zero.

    Without that token its neighbours would become adjacent, and its span would not count as missed. Without a mask,
    an all-zero token at the end of a row looks like padding.
    """
    real = np.asarray(labels.any(axis=-1))
    if mask is None:  # every position between the first and the last class of a row is a token
        behind = np.maximum.accumulate(real[:, ::-1], axis=1)[:, ::-1]
        tokens = np.maximum.accumulate(real, axis=1) & behind
    else:
        tokens = checked_token_mask(mask, real.shape)
    bare = np.argwhere(tokens & ~real)
    if len(bare):
        row, column = bare[0]
        raise UserError(
            f"labels[{row}, {column}] is a token but all zero, perhaps because its tag has no class; {TAGS_INSTEAD}"
        )


def check_tags(tags: Any, scheme: Scheme) -> tuple[str, ...]:
    """The tags of a network's classes. Raises UserError for wrong types, repeated tags and tags outside the scheme."""
    checked = tuple_of_strings(tags, "tags takes a list, in the order of the classes")
    twice = next((tag for tag in checked if checked.count(tag) > 1), None)
    if twice is not None:
        raise UserError(f"tags contains {twice!r} twice; give one tag per class")
    check_scheme(checked, scheme)
    return checked


def check_scheme(tags: Iterable[str], scheme: Scheme) -> None:
    """Raise UserError for a tag that does not follow the scheme."""
    for tag in dict.fromkeys(tags):
        class_of_tag(tag, scheme)
