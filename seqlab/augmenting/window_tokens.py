"""The tokens of one training window, as positions in the corpus, and the changes to them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from seqlab.arrays import Int64Array
from seqlab.augmenting.segments import Segments

MENTION_RATE = 0.5
TOKEN_RATE = 0.3
SEGMENT_RATE = 0.5


@dataclass(frozen=True, kw_only=True)
class WindowTokens:
    """A training window.

    words, labels: int64 (T,), the positions in the corpus from which each word and each tag is taken.
    """

    words: Int64Array
    labels: Int64Array


def replace_mentions(
    window: WindowTokens,
    segments: Segments,
    bank: Sequence[Int64Array],
    random: np.random.Generator,
) -> WindowTokens:
    """Replace mentions by other mentions of the same entity type (Dai and Adel 2020, 'mention replacement').

    window: consecutive positions. bank: per entity type, int64 (mentions, 2), the bounds of its distinct mentions.
    At least one mention is replaced, if the window has any. A span that the window cuts is not replaced.
    """
    start, stop = int(window.words[0]), int(window.words[-1]) + 1
    low = int(np.searchsorted(segments.starts, start))
    high = int(np.searchsorted(segments.stops, stop, side="right"))
    if high <= low:
        return window
    parts, position = [], start
    for mention in low + chosen(high - low, MENTION_RATE, random):
        others = bank[segments.types[mention]]
        first, last = others[random.integers(len(others))].tolist()
        parts += [np.arange(position, segments.starts[mention]), np.arange(first, last)]
        position = int(segments.stops[mention])
    positions = np.concatenate([*parts, np.arange(position, stop)])
    return WindowTokens(words=positions, labels=positions)


def replace_tokens(
    window: WindowTokens,
    same_tag: Sequence[Int64Array],
    tags: Int64Array,
    random: np.random.Generator,
) -> WindowTokens:
    """Replace words by words that have the same tag in training ('label-wise token replacement').

    same_tag: per tag, int64 (tokens,), its positions; a frequent word is drawn more often. tags: int64 (T,).
    """
    words = window.words.copy()
    for token in chosen(len(words), TOKEN_RATE, random):
        others = same_tag[tags[token]]
        words[token] = others[random.integers(len(others))]
    return replace(window, words=words)


def shuffle_segments(
    window: WindowTokens, segments: Segments, random: np.random.Generator
) -> WindowTokens:
    """Shuffle the words within segments; the tags stay where they are ('shuffle within segments')."""
    bounds = np.flatnonzero(segments.first[window.words]).tolist()
    bounds = [*dict.fromkeys([0, *bounds]), len(window.words)]
    words = window.words.copy()
    for number in chosen(len(bounds) - 1, SEGMENT_RATE, random):
        part = slice(bounds[number], bounds[number + 1])
        words[part] = random.permutation(words[part])
    return replace(window, words=words)


def chosen(count: int, rate: float, random: np.random.Generator) -> Int64Array:
    """Each of `count` numbers from 0 with a probability, ascending; at least one if there is any."""
    numbers = np.flatnonzero(random.random(count) < rate)
    return numbers if len(numbers) or not count else random.integers(count, size=1)
