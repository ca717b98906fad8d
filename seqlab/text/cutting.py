"""Cut raw text into sentences and tokens with exact character offsets."""

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


def cut_text(text: str, rules: TextRules) -> list[TokenOffsets]:
    """Return the offsets of the tokens of each sentence; sentences without tokens are left out.

    >>> cut_text("Hello Ada.", TextRules(sentences="line"))
    [TokenOffsets(starts=(0, 6, 9), ends=(5, 9, 10))]
    """
    bounds = sentence_bounds(text, rules.sentences, rules.language)
    sentences = (token_offsets(text, start, end, rules) for start, end in bounds)
    return [offsets for offsets in sentences if offsets.starts]


def token_offsets(text: str, start: int, end: int, rules: TextRules) -> TokenOffsets:
    """Return the offsets of the tokens of one sentence, `text[start:end]`.

    A stretch without white space lies at the first place where it occurs: all before it is white space.
    """
    starts: list[int] = []
    ends: list[int] = []
    for chunk in text[start:end].split():
        start = text.find(chunk, start)
        tokens = (chunk,) if rules.tokenized else tokens_of_chunk(chunk, rules.token_rules)
        for token in tokens:
            starts.append(start)
            start += len(token)
            ends.append(start)
    return TokenOffsets(tuple(starts), tuple(ends))
