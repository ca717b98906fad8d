"""Windows over sentences that are longer than a network reads. They overlap, so that each token has context."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, NamedTuple

from seqlab.corpus.sentence import Sentence

OVERLAP = 3  # neighbours share a third of their tokens


class Window(NamedTuple):
    """A window of a sentence. start: its first token. first, last: the tokens whose scores are taken from it."""

    start: int
    first: int
    last: int


def overlapping_windows(tokens: int, size: int | None) -> list[Window]:
    """Windows of `size` tokens over a sentence; one window if it is not longer.

    Neighbours overlap by a third or more. The scores of the shared tokens come from the window where they are farther
    from the edge.

    >>> overlapping_windows(5, 6)
    [Window(start=0, first=0, last=5)]
    >>> overlapping_windows(12, 6)
    [Window(start=0, first=0, last=5), Window(start=4, first=5, last=8), Window(start=6, first=8, last=12)]
    """
    if size is None or tokens <= size:
        return [Window(0, 0, tokens)]
    step = max(1, size - size // OVERLAP)
    starts = [*range(0, tokens - size, step), tokens - size]
    cuts = [0, *((right + left + size) // 2 for left, right in pairwise(starts)), tokens]
    return [Window(start, *cut) for start, cut in zip(starts, pairwise(cuts), strict=True)]


def window_of(sentence: Sentence, start: int, size: int | None) -> Sentence:
    """The part of a sentence that a window holds, without tags and weights."""
    if size is None or len(sentence) <= size:
        return replace(sentence, tags=None, token_weights=None)
    part = slice(start, start + size)

    def cut(columns: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
        return {name: values[part] for name, values in columns.items()}

    return replace(
        sentence,
        tokens=sentence.tokens[part],
        tags=None,
        token_weights=None,
        features=cut(sentence.features),
        numbers=cut(sentence.numbers),
    )
