"""Legal transitions of a tag scheme: which tags may follow each other, begin a sentence and end one.

A path is legal if `schemes.repair` would not change it. Pairs of neighbours are enough to check that.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seqlab.arrays import AnyArray, BoolArray
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
    scheme = parse_scheme(scheme)
    if scheme is Scheme.PLAIN:
        return None
    # The outside tag goes first; it stands for both ends of a sentence.
    parts = [split_tag(tag) or (OUTSIDE_TAG, "") for tag in (OUTSIDE_TAG, *tags)]
    letters = np.array([letter for letter, _ in parts])
    type_ids = {name: number for number, name in enumerate(dict.fromkeys(t for _, t in parts))}
    types = np.array([type_ids[name] for _, name in parts])
    same = types[:, np.newaxis] == types
    legal = (
        same | (letters != "I") if scheme is Scheme.IOB2 else _legal_pairs(letters, same, scheme)
    )
    return LegalTransitions(start=legal[0, 1:], pairs=legal[1:, 1:], end=legal[1:, 0])


def _legal_pairs(letters: AnyArray, same: BoolArray, scheme: Scheme) -> BoolArray:
    """Bool (C, C), [tag, next tag], of a scheme other than IOB2.

    letters: str (C,), prefixes. same: bool (C, C), True where two tags have the same entity type.
    """
    legal: BoolArray
    if scheme is Scheme.IOB1:  # B- only separates two adjacent spans of the same type
        legal = same | (letters != "B")
        return legal
    continues, is_open = np.isin(letters, ("I", "E")), np.isin(letters, ("B", "I"))
    legal = np.where(is_open[:, np.newaxis], same & continues, ~continues)
    return legal
