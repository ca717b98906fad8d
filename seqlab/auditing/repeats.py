"""Sentences that occur more than once, within a split, across splits, and with different tags.

A sentence is repeated when it has the same tokens, whatever its tags.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from seqlab.corpus.sentence import Sentence, Sentences

NAMED = 3
LONG_TOKENS = 8  # shorter ones ('3 .', 'METHODS .') recur in honest corpora


@dataclass(frozen=True, kw_only=True)
class Repeat:
    """A sentence that stands at two places. tokens: how long it is."""

    text: str
    tokens: int
    first: str
    again: str


@dataclass(frozen=True, kw_only=True)
class Repeats:
    """What of the split `later` stands in `earlier` too (the same split: what stands there before).

    sentences, long_sentences: of `later`, all, and those of 8 tokens or more.
    share, long_share: of the sentences of `later`.
    """

    earlier: str
    later: str
    sentences: int
    long_sentences: int
    share: float
    long_share: float
    examples: tuple[Repeat, ...]


@dataclass(frozen=True, kw_only=True)
class Contradiction:
    """The same sentence with different tags. token, tags: the first token where they part, and both tags."""

    text: str
    tokens: int
    first: str
    again: str
    token: str
    tags: tuple[str, str]


def repeats(splits: Mapping[str, Sentences]) -> tuple[Repeats, ...]:
    """Within every split, and across every two."""
    within = [repeats_within(name, split) for name, split in splits.items()]
    across = [
        compare(earlier, later, {s.tokens: s for s in reversed(splits[earlier])}, splits[later])
        for earlier, later in combinations(splits, 2)
    ]
    return (*within, *across)


def repeats_within(name: str, sentences: Sentences) -> Repeats:
    """The sentences of a split that stand in it before."""
    first: dict[tuple[str, ...], Sentence] = {}
    again = [s for s in sentences if first.setdefault(s.tokens, s) is not s]
    return compare(name, name, first, tuple(again), total=len(sentences))


def compare(
    earlier: str,
    later: str,
    first: Mapping[tuple[str, ...], Sentence],
    sentences: Sentences,
    *,
    total: int | None = None,
) -> Repeats:
    """What of `sentences` is among `first`, the longest ones named."""
    again = [s for s in sentences if s.tokens in first]
    longer = sum(len(s) >= LONG_TOKENS for s in again)
    whole = max(1, len(sentences) if total is None else total)
    shown = {s.tokens: s for s in reversed(again)}  # the first of each stays
    return Repeats(
        earlier=earlier,
        later=later,
        sentences=len(again),
        long_sentences=longer,
        share=len(again) / whole,
        long_share=longer / whole,
        examples=tuple(
            Repeat(
                text=" ".join(s.tokens), tokens=len(s), first=first[s.tokens].source, again=s.source
            )
            for s in sorted(shown.values(), key=len, reverse=True)[:NAMED]
        ),
    )


def contradictions(splits: Mapping[str, Sentences]) -> tuple[Contradiction, ...]:
    """One for each sentence that occurs with different tags, in any split; the longest first."""
    groups: defaultdict[tuple[str, ...], list[Sentence]] = defaultdict(list)
    for split in splits.values():
        for sentence in split:
            groups[sentence.tokens].append(sentence)
    found = (contradiction(group) for group in groups.values() if len(group) > 1)
    return tuple(sorted((c for c in found if c), key=lambda c: -c.tokens))


def contradiction(group: list[Sentence]) -> Contradiction | None:
    """The first two of some equal sentences whose tags differ."""
    first = group[0]
    for again in group[1:]:
        for token, ours, theirs in differing(first, again):
            return Contradiction(
                text=" ".join(first.tokens),
                tokens=len(first),
                first=first.source,
                again=again.source,
                token=token,
                tags=(ours, theirs),
            )
    return None


def differing(one: Sentence, other: Sentence) -> Iterator[tuple[str, str, str]]:
    """The tokens on which two equal sentences disagree, with both tags."""
    for token, ours, theirs in zip(one.tokens, one.tags or (), other.tags or (), strict=True):
        if ours != theirs:
            yield token, ours, theirs
