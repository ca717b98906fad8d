"""Plain text: lines to tokens by a small stated rule, tagged tokens to lines that people read.

This is no linguistic tokeniser: text that was tokenised as the training corpus was is tagged best,
and `--tokenized` takes it as it is. Abbreviations that the training corpus holds keep their full stop,
and clitics that it holds as tokens of their own are cut off.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache

import regex

from seqlab.corpus.sentence import Sentence
from seqlab.text.clitics import LONGEST, Clitics, fold_apostrophes

SPACE = r"\s\x1c-\x1f"  # all that str.split() takes for white space
LETTERS = r"[\w\p{M}]+"  # letters, digits and the marks that combine with them, in any script
WORD = rf"{LETTERS}(?:[.,:/'’&@-]{LETTERS})*"
ADDRESS, NAME = rf"https?://[^{SPACE}]+", rf"[@#]{LETTERS}"
# A grapheme; one that would begin with what precedes letters and go on with white space ends before that.
CHARACTER = rf"\p{{GCB=Prepend}}+(?=[{SPACE}])|(?![{SPACE}])\X"
TOKEN = regex.compile(rf"{ADDRESS}|{NAME}|{WORD}|{CHARACTER}")
# The same, each word with the mark behind it and, where it touches something, with the one before it: marks
# that are characters by themselves, not graphemes.
EXTENSION = r"[\w\p{M}\p{GCB=Extend}]"
MARK = rf"(?:[.'’](?!{EXTENSION}))?"
TOUCHING = rf"['’-](?<=[^{SPACE}].)(?=\p{{L}})(?!https?://)"
PIECE = regex.compile(rf"{ADDRESS}|{NAME}{MARK}|{WORD}{MARK}|{TOUCHING}{WORD}{MARK}|{CHARACTER}")
PARTS = regex.compile(rf"((?:['’-](?=\p{{L}}))?)(?:{NAME}|{WORD})([.'’]?)")
PIECES = 2**14  # that are remembered: words with marks come again and again
NO_CLITICS = Clitics()


def tokenise(line: str, clitics: Clitics = NO_CLITICS) -> tuple[str, ...]:
    """Words, numbers, addresses and names of users whole; every other character by itself.

    clitics: what of this the training corpus has otherwise.

    >>> tokenise("Mr. O'Hara's paid $3.50 (about £3).")
    ('Mr', '.', "O'Hara's", 'paid', '$', '3.50', '(', 'about', '£', '3', ')', '.')
    >>> clitics = Clitics(ends=frozenset({"'s"}), whole=frozenset({"mr.", "u.s."}))
    >>> tokenise("Mr. O'Hara's left the U.S. Navy.", clitics)
    ('Mr.', "O'Hara", "'s", 'left', 'the', 'U.S.', 'Navy', '.')
    """
    if not clitics.whole:
        return tuple(TOKEN.findall(line))
    tokens: list[str] = []
    for piece in PIECE.findall(line):
        if piece.isalnum() or len(piece) == 1:
            tokens.append(piece)
        else:
            short = len(piece) <= LONGEST
            tokens.extend(taken_apart(piece, clitics) if short else TOKEN.findall(piece))
    return tuple(tokens)


@lru_cache(PIECES)
def taken_apart(piece: str, clitics: Clitics) -> tuple[str, ...]:
    """The tokens of a word and of the marks that touch it.

    What training has whole stays so, with its mark or without; then go a mark before the word, a front
    clitic (an abbreviation may follow it), a mark behind the word, and its end clitics.
    """
    word, shape = fold_apostrophes(piece), PARTS.fullmatch(piece)
    if word in clitics.whole or shape is None:
        return (piece,)
    before, behind = shape.groups()
    if behind and word[:-1] in clitics.whole:
        return (piece[:-1], behind)
    if before:
        return (before, *taken_apart(piece[1:], clitics))
    even = len(word) == len(piece)  # İ is two characters in lower case
    if even and (front := clitics.front(word)):
        return (piece[:front], *taken_apart(piece[front:], clitics))
    if behind:
        return (*taken_apart(piece[:-1], clitics), behind)
    if even and (end := clitics.end(word)):
        return (*taken_apart(piece[:end], clitics), piece[end:])
    return (piece,)


def text_sentences(
    lines: Iterable[tuple[int, str]],
    *,
    name: str,
    tokenized: bool,
    clitics: Clitics = NO_CLITICS,
) -> Iterator[Sentence]:
    """A sentence for each line, also for an empty one, so that lines out match lines in."""
    for number, line in lines:
        tokens = tuple(line.split()) if tokenized else tokenise(line, clitics)
        yield Sentence(tokens=tokens, source=f"{name}:{number}")
