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
    pairs = [*((name, name) for name in splits), *combinations(splits, 2)]
    return tuple(count_repeats(splits, earlier, later) for earlier, later in pairs)


def count_repeats(splits: Mapping[str, Sentences], earlier: str, later: str) -> Repeats:
    """The sentences of a split that are also in an earlier split, or repeat one of their own; the longest as examples."""
    sentences = splits[later]
    if earlier == later:
        first: dict[tuple[str, ...], Sentence] = {}
        again = [s for s in sentences if first.setdefault(s.tokens, s) is not s]
    else:
        first = first_occurrences(splits[earlier], {s.tokens for s in sentences})
        again = [s for s in sentences if s.tokens in first]
    longer = sum(len(s) >= LONG_TOKENS for s in again)
    distinct = {s.tokens: s for s in reversed(again)}  # reversed: the first of equal repeats stays
    return Repeats(
        earlier=earlier,
        later=later,
        sentences=len(again),
        long_sentences=longer,
        share=len(again) / max(1, len(sentences)),
        long_share=longer / max(1, len(sentences)),
        examples=tuple(
            Repeat(text=" ".join(t), tokens=len(t), first=first[t].source, again=s.source)
            for t, s in sorted(distinct.items(), key=lambda item: -len(item[0]))[:MOST_EXAMPLES]
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
        for token, one, other in zip(first.tokens, first.tags or (), again.tags or (), strict=True):
            if one != other:
                return Contradiction(
                    text=" ".join(first.tokens),
                    tokens=len(first),
                    first=first.source,
                    again=again.source,
                    token=token,
                    tags=(one, other),
                )
    return None
