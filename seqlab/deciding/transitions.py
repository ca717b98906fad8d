"""Legal transitions of a tag scheme: which tags may follow each other, begin a sentence and end one.

A path is legal if `schemes.repair` would not change it. Pairs of neighbours are enough to check that.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seqlab.arrays import BoolArray
from seqlab.corpus.schemes import OUTSIDE_TAG, Scheme, parse_scheme, split_tag


@dataclass(frozen=True, kw_only=True)
class LegalTransitions:
    """start, end: bool (C,), tags that may begin or end a sentence. pairs: bool (C, C), [tag, next tag]."""

    start: BoolArray
    pairs: BoolArray
    end: BoolArray


def legal_transitions(tags: Sequence[str], scheme: Scheme) -> LegalTransitions | None:
    """The legal transitions between tags; None for plain tags, where all are legal.

    >>> legal_transitions(("O", "B-PER", "I-PER"), Scheme.IOB2).pairs[:, 2].tolist()
    [False, True, True]
    """
    if parse_scheme(scheme) is Scheme.PLAIN:
        return None
    return LegalTransitions(
        start=np.array([may_follow(OUTSIDE_TAG, tag, scheme) for tag in tags], np.bool_),
        pairs=np.array([[may_follow(a, b, scheme) for b in tags] for a in tags], np.bool_),
        end=np.array([may_follow(tag, OUTSIDE_TAG, scheme) for tag in tags], np.bool_),
    )


def may_follow(before: str, after: str, scheme: Scheme) -> bool:
    """Whether `after` may follow `before`. The outside tag stands for both ends of a sentence.

    In IOB1, a B- tag only separates two adjacent spans of the same type, so it must follow that type.
    """
    letter, entity_type = split_tag(before) or (OUTSIDE_TAG, "")
    next_letter, next_type = split_tag(after) or (OUTSIDE_TAG, "")
    if scheme == Scheme.IOB1:
        return next_letter != "B" or entity_type == next_type
    if scheme == Scheme.IOB2:
        return next_letter != "I" or entity_type == next_type
    if letter in "BI":
        return next_letter in "IE" and entity_type == next_type
    return next_letter not in "IE"
