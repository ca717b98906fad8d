"""Cut raw text into sentences and tokens with exact character offsets."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from seqlab.text.clitics import Clitics
from seqlab.text.tokenise import NO_CLITICS, tokenise

SentenceRule = Literal["line", "split"]
LINE = re.compile(r"[^\r\n]+")
WHITE_SPACE_TOKEN = re.compile(r"\S+")


class TokenOffsets(NamedTuple):
    """Where the tokens of one sentence begin and end in its text: `text[starts[i]:ends[i]]` is token i.

    Offsets count code points from the beginning of the whole text.
    """

    starts: tuple[int, ...]
    ends: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class TextRules:
    """How raw text is cut.

    sentences: 'line' makes each line a sentence; 'split' also ends sentences within a line.
    language: two-letter code of the language whose rules split sentences.
    tokenized: True cuts tokens at white space only.
    clitics: what the training corpus writes as tokens of its own; see `learn_clitics`.
    """

    sentences: SentenceRule = "split"
    language: str = "en"
    tokenized: bool = False
    clitics: Clitics = NO_CLITICS


def cut_text(text: str, rules: TextRules) -> list[TokenOffsets]:
    """Return the offsets of the tokens of each sentence; sentences without tokens are left out.

    >>> cut_text("Hello Ada.", TextRules(sentences="line"))
    [TokenOffsets(starts=(0, 6, 9), ends=(5, 9, 10))]
    """
    sentences = []
    for start, end in sentence_bounds(text, rules):
        pairs = list(token_bounds(text, start, end, rules))
        if pairs:
            starts, ends = zip(*pairs, strict=True)
            sentences.append(TokenOffsets(starts, ends))
    return sentences


def sentence_bounds(text: str, rules: TextRules) -> Iterator[tuple[int, int]]:
    """Yield where each sentence begins and ends. Line breaks end a sentence."""
    for line in LINE.finditer(text):
        yield line.span()


def token_bounds(text: str, start: int, end: int, rules: TextRules) -> Iterator[tuple[int, int]]:
    """Yield where each token of one sentence begins and ends."""
    if rules.tokenized:
        for match in WHITE_SPACE_TOKEN.finditer(text, start, end):
            yield match.span()
        return
    for token in tokenise(text[start:end], rules.clitics):
        start = text.index(token, start)
        yield start, start + len(token)
        start += len(token)
