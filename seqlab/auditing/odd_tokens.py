"""Tokens that are probably mistakes: white space alone, with invisible characters, not decodable, or very long."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from seqlab.auditing.views import SplitView

LONG = 50  # characters
MOST_EXAMPLES = 3
REPLACEMENT = "\ufffd"  # what a decoder writes for bytes that it cannot decode
JOINERS = "\u200c\u200d"  # part of Persian and Indic words, and of emoji
ADDRESS = ("://", "www.")
INVISIBLE = ("Cf", "Cc", "Co", "Cn", "Zl", "Zp")  # Unicode categories


@dataclass(frozen=True, kw_only=True)
class OddToken:
    """A token, 'path:line' of the first sentence with it, and how often it occurs in the split."""

    token: str
    source: str
    count: int


@dataclass(frozen=True, kw_only=True)
class OddTokens:
    """The odd tokens of one kind. tokens: how often they occur. examples: the first few."""

    tokens: int
    examples: tuple[OddToken, ...]


def oddity(token: str) -> str | None:
    """What is odd about a token, or None.

    >>> oddity("a\u200bb"), oddity("x" * 51), oddity("\u3000"), oddity("New York")
    ('invisible characters', 'very long', 'white space', None)
    """
    if REPLACEMENT in token:
        return "undecodable"
    if token.isspace():
        return "white space"
    if not token.isprintable() and any(map(is_invisible, token.strip(JOINERS) or token)):
        return "invisible characters"
    if len(token) <= LONG:
        return None
    return "long address" if any(mark in token.lower() for mark in ADDRESS) else "very long"


def is_invisible(character: str) -> bool:
    """Whether a character is invisible and not a joiner."""
    return character not in JOINERS and unicodedata.category(character) in INVISIBLE


def find_odd_tokens(split: SplitView) -> Mapping[str, OddTokens]:
    """The odd tokens of a split, by what is odd about them."""
    counts = split.arrays.counts_by_spelling()
    odd = {token: kind for token in counts if (kind := oddity(token)) is not None}
    sources: dict[str, str] = {}
    for sentence in split.sentences if odd else ():
        for token in sentence.tokens:
            if token in odd:
                sources.setdefault(token, sentence.source)
    by_kind: dict[str, list[str]] = {kind: [] for kind in sorted(set(odd.values()))}
    for token, kind in odd.items():
        by_kind[kind].append(token)
    return {
        kind: OddTokens(
            tokens=sum(counts[token] for token in tokens),
            examples=tuple(
                OddToken(token=token, source=sources[token], count=counts[token])
                for token in tokens[:MOST_EXAMPLES]
            ),
        )
        for kind, tokens in by_kind.items()
    }
