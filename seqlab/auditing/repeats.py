"""Sentences that occur more than once: within a split, across splits, and with different tags.

Two sentences are equal here if they have the same tokens.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

from seqlab.corpus.first_occurrences import first_occurrences
from seqlab.corpus.sentence import Sentence, Sentences

MOST_EXAMPLES = 3
LONG_TOKENS = 8  # shorter sentences ('3 .', 'METHODS .') occur twice in correct corpora too


@dataclass(frozen=True, kw_only=True)
class Repeat:
    """A sentence that occurs twice. first, again: 'path:line' of both. tokens: its length."""

    text: str
    tokens: int
    first: str
    again: str


@dataclass(frozen=True, kw_only=True)
class Repeats:
    """The sentences of the split `later` that are also in `earlier`.

    If both are the same split, these are the sentences that repeat one further up.
    sentences: how many. long_sentences: those of 8 tokens or more.
    share, long_share: of all sentences of `later`.
    """

    earlier: str
    later: str
    sentences: int
    long_sentences: int
    share: float
    long_share: float
    examples: tuple[Repeat, ...]


@dataclass(frozen=True, kw_only=True)
class Contradiction(Repeat):
    """A repeat with different tags. token: the first one that differs. tags: both its tags."""

    token: str
    tags: tuple[str, str]


def find_repeats(splits: Mapping[str, Sentences]) -> tuple[Repeats, ...]:
    """The repeats within every split, and across every two."""
    within = [repeats_within(name, split) for name, split in splits.items()]
    across = [
        repeats_across(earlier, later, splits[earlier], splits[later])
        for earlier, later in combinations(splits, 2)
    ]
    return (*within, *across)


def repeats_within(name: str, sentences: Sentences) -> Repeats:
    """The sentences of a split that repeat an earlier one of it."""
    first: dict[tuple[str, ...], Sentence] = {}
    again = [s for s in sentences if first.setdefault(s.tokens, s) is not s]
    return count_repeats(name, name, first, again, total=len(sentences))


def repeats_across(earlier: str, later: str, before: Sentences, sentences: Sentences) -> Repeats:
    """The sentences of a split that are also in an earlier split."""
    first = first_occurrences(before, {s.tokens for s in sentences})
    again = [s for s in sentences if s.tokens in first]
    return count_repeats(earlier, later, first, again, total=len(sentences))


def count_repeats(
    earlier: str,
    later: str,
    first: Mapping[tuple[str, ...], Sentence],
    again: list[Sentence],
    *,
    total: int,
) -> Repeats:
    """Count repeats, with the longest as examples.

    first: the first sentence with each list of tokens. again: the repeats. total: sentences of `later`.
    """
    longer = sum(len(s) >= LONG_TOKENS for s in again)
    distinct = {s.tokens: s for s in reversed(again)}  # reversed: the first of equal repeats stays
    return Repeats(
        earlier=earlier,
        later=later,
        sentences=len(again),
        long_sentences=longer,
        share=len(again) / max(1, total),
        long_share=longer / max(1, total),
        examples=tuple(
            Repeat(
                text=" ".join(s.tokens), tokens=len(s), first=first[s.tokens].source, again=s.source
            )
            for s in sorted(distinct.values(), key=len, reverse=True)[:MOST_EXAMPLES]
        ),
    )


def find_contradictions(splits: Mapping[str, Sentences]) -> tuple[Contradiction, ...]:
    """One contradiction for each sentence that occurs with different tags in any split; the longest first."""
    groups: defaultdict[tuple[str, ...], list[Sentence]] = defaultdict(list)
    for split in splits.values():
        for sentence in split:
            groups[sentence.tokens].append(sentence)
    candidates = (first_contradiction(group) for group in groups.values() if len(group) > 1)
    return tuple(sorted((c for c in candidates if c), key=lambda c: -c.tokens))


def first_contradiction(group: list[Sentence]) -> Contradiction | None:
    """The contradiction between the first of equal sentences and the next one with other tags."""
    first = group[0]
    for again in group[1:]:
        for token, ours, theirs in zip(
            first.tokens, first.tags or (), again.tags or (), strict=True
        ):
            if ours != theirs:
                return Contradiction(
                    text=" ".join(first.tokens),
                    tokens=len(first),
                    first=first.source,
                    again=again.source,
                    token=token,
                    tags=(ours, theirs),
                )
    return None
