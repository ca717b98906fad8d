"""Which tags may follow each other, begin a sentence and end one, by the scheme.

What is legal is what `schemes.repair` leaves alone. All schemes allow it to be said of neighbours.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seqlab.arrays import BoolArray
from seqlab.corpus.schemes import OUTSIDE_TAG, Scheme, parse_scheme, split_tag


@dataclass(frozen=True, kw_only=True)
class LegalTransitions:
    """start, end: bool (C,), tags that may be a sentence's first and last. pairs: bool (C, C), from row
    to column.
    """

    start: BoolArray
    pairs: BoolArray
    end: BoolArray


def legal_transitions(tags: Sequence[str], scheme: Scheme) -> LegalTransitions | None:
    """The rules of a scheme for some tags; None for plain tags, which have none.

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
    """Whether a tag may stand after another; the ends of a sentence are as `O`.

    In IOB1 a B- parts two spans of one type and stands nowhere else.
    """
    letter, kind = split_tag(before) or (OUTSIDE_TAG, "")
    following, same = split_tag(after) or (OUTSIDE_TAG, "")
    if scheme == Scheme.IOB1:
        return following != "B" or kind == same
    if scheme == Scheme.IOB2:
        return following != "I" or kind == same
    if letter in "BI":
        return following in "IE" and kind == same
    return following not in "IE"
