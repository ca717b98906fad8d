"""Tokens that are probably not meant: invisible characters, very long ones."""

import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from seqlab.corpus.sentence import Sentences

LONG = 50  # characters
NAMED = 3
REPLACEMENT = "\ufffd"  # what a decoder writes for bytes that it could not read
JOINERS = "\u200c\u200d"  # part of Persian and Indic words, and of emoji
ADDRESS = ("://", "www.")  # long ones are as long as they should be
INVISIBLE = ("Cf", "Cc", "Co", "Cn", "Zl", "Zp")


@dataclass(frozen=True, kw_only=True)
class OddToken:
    """A token, its sentence's 'path:line', and how often it occurs in the split."""

    token: str
    source: str
    count: int


@dataclass(frozen=True, kw_only=True)
class OddTokens:
    """The odd tokens of one kind. tokens: how many occurrences. examples: the first few."""

    tokens: int
    examples: tuple[OddToken, ...]


def oddity(token: str) -> str | None:
    """What is odd about a token: invisible characters, undecodable, very long, a long address, or None.

    >>> oddity("a\u200bb"), oddity("x" * 51), oddity("New York")
    ('invisible characters', 'very long', None)
    """
    if REPLACEMENT in token:
        return "undecodable"
    if not token.isprintable() and any(map(is_invisible, token.strip(JOINERS) or token)):
        return "invisible characters"
    if len(token) <= LONG:
        return None
    return "long address" if any(mark in token.lower() for mark in ADDRESS) else "very long"


def is_invisible(character: str) -> bool:
    """Whether a character takes no room and is no joiner."""
    return character not in JOINERS and unicodedata.category(character) in INVISIBLE


def find_odd_tokens(sentences: Sentences) -> Mapping[str, OddTokens]:
    """The odd tokens of a split, by what is odd about them."""
    counts = Counter(token for sentence in sentences for token in sentence.tokens)
    odd = {token: kind for token in counts if (kind := oddity(token)) is not None}
    places: dict[str, str] = {}
    for sentence in sentences if odd else ():
        for token in sentence.tokens:
            if token in odd:
                places.setdefault(token, sentence.source)
    return {
        kind: OddTokens(
            tokens=sum(counts[token] for token, name in odd.items() if name == kind),
            examples=tuple(
                OddToken(token=token, source=places[token], count=counts[token])
                for token, name in odd.items()
                if name == kind
            )[:NAMED],
        )
        for kind in sorted(set(odd.values()))
    }
