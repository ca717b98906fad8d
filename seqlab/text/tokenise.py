"""Split lines of plain text into tokens by a small fixed rule and the clitics of the training corpus.

Abbreviations of the training corpus keep their full stop. Clitics that it has as separate tokens are split
off. Text with the tokenisation of the training corpus is tagged best; `--tokenized` takes it as it is.
"""

from functools import lru_cache

import regex

from seqlab.text.clitics import LONGEST, Clitics
from seqlab.text.spelling import fold_apostrophes

SPACE = r"\s\x1c-\x1f"  # the white space of str.split()
LETTERS = r"[\w\p{M}]+"  # letters, digits and combining marks, in any script
WORD = rf"{LETTERS}(?:[.,:/'’&@-]{LETTERS})*"
ADDRESS, NAME = rf"https?://[^{SPACE}]+", rf"[@#]{LETTERS}"
# A grapheme. One that would reach from a prepended mark into white space ends before the white space.
CHARACTER = rf"\p{{GCB=Prepend}}+(?=[{SPACE}])|(?![{SPACE}])\X"
TOKEN = regex.compile(rf"{ADDRESS}|{NAME}|{WORD}|{CHARACTER}")
# The same, but each word takes the mark after it, and the mark before it when that touches something.
# Such a mark must be a single character, not part of a grapheme.
EXTENSION = r"[\w\p{M}\p{GCB=Extend}]"
MARK = rf"(?:[.'’](?!{EXTENSION}))?"
TOUCHING = rf"['’-](?<=[^{SPACE}].)(?=\p{{L}})(?!https?://)"
PIECE = regex.compile(rf"{ADDRESS}|{NAME}{MARK}|{WORD}{MARK}|{TOUCHING}{WORD}{MARK}|{CHARACTER}")
PARTS = regex.compile(rf"((?:['’-](?=\p{{L}}))?)(?:{NAME}|{WORD})([.'’]?)")
PIECES = 2**14  # pieces to remember: words with marks repeat often
NO_CLITICS = Clitics()


def tokenise(line: str, clitics: Clitics = NO_CLITICS) -> tuple[str, ...]:
    """Split a line: words, numbers, URLs and user names stay whole; other characters become single tokens.

    clitics: exceptions learned from the training corpus.

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
            tokens.extend(split_piece(piece, clitics) if short else TOKEN.findall(piece))
    return tuple(tokens)


@lru_cache(PIECES)
def split_piece(piece: str, clitics: Clitics) -> tuple[str, ...]:
    """Split a word and the marks that touch it.

    A piece that training has whole stays whole, with its mark or without. Otherwise these are split off,
    in this order: a mark before the word, a front clitic, a mark after the word, end clitics.
    """
    word, shape = fold_apostrophes(piece), PARTS.fullmatch(piece)
    if word in clitics.whole or shape is None:
        return (piece,)
    before, behind = shape.groups()
    if behind and word[:-1] in clitics.whole:
        return (piece[:-1], behind)
    if before:
        return (before, *split_piece(piece[1:], clitics))
    even = len(word) == len(piece)  # İ is two characters in lower case
    if even and (front := clitics.front(word)):
        return (piece[:front], *split_piece(piece[front:], clitics))
    if behind:
        return (*split_piece(piece[:-1], clitics), behind)
    if even and (end := clitics.end(word)):
        return (*split_piece(piece[:end], clitics), piece[end:])
    return (piece,)
