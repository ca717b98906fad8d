"""Cut raw text into sentences and tokens with exact character offsets."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from seqlab.text.sentence_bounds import SentenceRule, sentence_bounds
from seqlab.text.token_rules import TokenRules
from seqlab.text.tokenise import UNTRAINED, tokens_of_chunk


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
    token_rules: what the training corpus teaches about tokens; see `learn_token_rules`.
    """

    sentences: SentenceRule = "split"
    language: str = "en"
    tokenized: bool = False
    token_rules: TokenRules = UNTRAINED


class CuttingChoice(NamedTuple):
    """How the corpus of training was cut, if it was raw text; the fields are those of `TextRules`."""

    sentences: SentenceRule = "split"
    language: str = "en"
    tokenized: bool = False


class CutSentence(NamedTuple):
    """The tokens of one sentence, and where they stand in the whole text."""

    tokens: tuple[str, ...]
    offsets: TokenOffsets


def cut_text(text: str, rules: TextRules) -> list[TokenOffsets]:
    """Return the offsets of the tokens of each sentence; sentences without tokens are left out.

    >>> cut_text("Hello Ada.", TextRules(sentences="line"))
    [TokenOffsets(starts=(0, 6, 9), ends=(5, 9, 10))]
    """
    return [sentence.offsets for sentence in cut_sentences(text, rules)]


def cut_sentences(text: str, rules: TextRules) -> Iterator[CutSentence]:
    """Yield the tokens of each sentence and their offsets; sentences without tokens are left out."""
    for start, end in sentence_bounds(text, rules.sentences, rules.language):
        sentence = cut_sentence(text, start, end, rules)
        if sentence.tokens:
            yield sentence


def cut_sentence(text: str, start: int, end: int, rules: TextRules) -> CutSentence:
    """Return the tokens of one sentence, `text[start:end]`.

    `find` gives the right offset of each stretch: only white space lies between it and the stretch before.
    """
    starts: list[int] = []
    ends: list[int] = []
    tokens: list[str] = []
    find, token_rules = text.find, rules.token_rules
    whole, plain = rules.tokenized, not token_rules.unspaced.cuts_ascii
    for chunk in text[start:end].split():
        start = find(chunk, start)
        if whole or (plain and chunk.isascii() and chunk.isalnum()):  # nearly all, so no call
            starts.append(start)
            start += len(chunk)
            ends.append(start)
            tokens.append(chunk)
            continue
        for token in tokens_of_chunk(chunk, token_rules):
            starts.append(start)
            start += len(token)
            ends.append(start)
            tokens.append(token)
    return CutSentence(tuple(tokens), TokenOffsets(tuple(starts), tuple(ends)))
