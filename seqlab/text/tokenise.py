"""Split plain text into tokens by a small fixed rule and what the training corpus teaches.

Abbreviations of the training corpus keep their full stop. Clitics that it has as separate tokens are split
off. Scripts without spaces are cut into its words. Text with the tokenisation of the training corpus is tagged
best; `--tokenized` takes it as it is.
"""

from collections.abc import Iterator
from functools import lru_cache

import regex

from seqlab.text.spelling import fold_apostrophes
from seqlab.text.token_rules import LONGEST, TokenRules

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
CHUNKS = 2**15  # stretches of text between white space to remember: most of them repeat
PIECES = 2**14  # words with marks to remember
UNTRAINED = TokenRules()


def tokenise(line: str, token_rules: TokenRules = UNTRAINED) -> tuple[str, ...]:
    """Split a line: words, numbers, URLs and user names stay whole; other characters become single tokens.

    token_rules: exceptions learned from the training corpus.

    >>> tokenise("Mr. O'Hara's paid $3.50 (about £3).")
    ('Mr', '.', "O'Hara's", 'paid', '$', '3.50', '(', 'about', '£', '3', ')', '.')
    >>> token_rules = TokenRules(ends=frozenset({"'s"}), whole=frozenset({"mr.", "u.s."}))
    >>> tokenise("Mr. O'Hara's left the U.S. Navy.", token_rules)
    ('Mr.', "O'Hara", "'s", 'left', 'the', 'U.S.', 'Navy', '.')
    """
    return tuple(token for chunk in line.split() for token in tokens_of_chunk(chunk, token_rules))


def tokens_of_chunk(chunk: str, token_rules: TokenRules) -> tuple[str, ...]:
    """Return the tokens of a stretch of text without white space. Joined they are the stretch."""
    if chunk.isascii() and chunk.isalnum() and not token_rules.unspaced.cuts_ascii:
        return (chunk,)
    if len(chunk) <= LONGEST:
        return remembered_tokens(chunk, token_rules)
    return tuple(new_tokens(chunk, token_rules))


@lru_cache(CHUNKS)
def remembered_tokens(chunk: str, token_rules: TokenRules) -> tuple[str, ...]:
    """Return the tokens of a short stretch of text without white space."""
    return tuple(new_tokens(chunk, token_rules))


def new_tokens(chunk: str, token_rules: TokenRules) -> Iterator[str]:
    """Yield the tokens of a stretch of text without white space."""
    unspaced = token_rules.unspaced
    if (chunk.isascii() and not unspaced.cuts_ascii) or not unspaced.character.search(chunk):
        yield from spaced_tokens(chunk, token_rules)
        return
    for piece, is_token in unspaced.split(chunk):
        if is_token:
            yield piece
        else:
            yield from spaced_tokens(piece, token_rules)


def spaced_tokens(text: str, token_rules: TokenRules) -> Iterator[str]:
    """Yield the tokens of text of scripts that write spaces between words."""
    if not token_rules.whole:
        yield from TOKEN.findall(text)
        return
    for piece in PIECE.findall(text):
        if piece.isalnum() or len(piece) == 1:
            yield piece
        elif len(piece) <= LONGEST:
            yield from split_piece(piece, token_rules)
        else:
            yield from TOKEN.findall(piece)


@lru_cache(PIECES)
def split_piece(piece: str, token_rules: TokenRules) -> tuple[str, ...]:
    """Split a word and the marks that touch it.

    A piece that training has whole stays whole, with its mark or without. Otherwise these are split off,
    in this order: a mark before the word, a front clitic, a mark after the word, end clitics.
    """
    word, shape = fold_apostrophes(piece), PARTS.fullmatch(piece)
    if word in token_rules.whole or shape is None:
        return (piece,)
    before, behind = shape.groups()
    if behind and word[:-1] in token_rules.whole:
        return (piece[:-1], behind)
    if before:
        return (before, *split_piece(piece[1:], token_rules))
    even = len(word) == len(piece)  # İ is two characters in lower case
    if even and (front := token_rules.front(word)):
        return (piece[:front], *split_piece(piece[front:], token_rules))
    if behind:
        return (*split_piece(piece[:-1], token_rules), behind)
    if even and (end := token_rules.end(word)):
        return (*split_piece(piece[:end], token_rules), piece[end:])
    return (piece,)
