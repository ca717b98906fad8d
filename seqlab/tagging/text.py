"""Plain text: lines to tokens by a small stated rule, tagged tokens to lines that people read.

This is no linguistic tokeniser: text that was tokenised as the training corpus was is tagged best,
and `--tokenized` takes it as it is. Abbreviations that the training corpus holds keep their full stop.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence

import regex

from seqlab.corpus.schemes import Scheme, spans
from seqlab.corpus.sentence import Sentence
from seqlab.encoding.words import normalise

WORD = r"[\w\p{M}]+"  # letters, digits and the marks that combine with them, in any script
TOKEN = regex.compile(rf"https?://\S+|[@#]{WORD}|{WORD}(?:[.,:/'’&@-]{WORD})*|(?![\s\x1c-\x1f])\X")


def tokenise(line: str, abbreviations: Collection[str] = ()) -> tuple[str, ...]:
    """Words, numbers, addresses and names of users whole; every other character by itself.

    abbreviations: words with the full stop that belongs to them, normalised.

    >>> tokenise("Mr. O'Hara paid $3.50 (about £3).")
    ('Mr', '.', "O'Hara", 'paid', '$', '3.50', '(', 'about', '£', '3', ')', '.')
    >>> tokenise("Mr. Hall left the U.S. Navy.", {"mr.", "u.s."})
    ('Mr.', 'Hall', 'left', 'the', 'U.S.', 'Navy', '.')
    """
    if not abbreviations:
        return tuple(TOKEN.findall(line))
    tokens: list[str] = []
    end = -1  # of the token before
    for match in TOKEN.finditer(line):
        stop = match.group() == "." and match.start() == end
        if stop and normalise(tokens[-1] + ".") in abbreviations:
            tokens[-1] += "."
        else:
            tokens.append(match.group())
        end = match.end()
    return tuple(tokens)


def abbreviations_of(words: Iterable[str]) -> frozenset[str]:
    """The words of a vocabulary that end in a full stop of their own.

    >>> sorted(abbreviations_of(["u.s.", "mr.", "navy", ".", "...", "0."]))
    ['mr.', 'u.s.']
    """
    found = (word for word in words if word.endswith(".") and not word.endswith(".."))
    return frozenset(word for word in found if any(map(str.isalpha, word)))


def text_sentences(
    lines: Iterable[tuple[int, str]],
    *,
    name: str,
    tokenized: bool,
    abbreviations: Collection[str] = (),
) -> Iterator[Sentence]:
    """A sentence for each line, also for an empty one, so that lines out match lines in."""
    for number, line in lines:
        tokens = tuple(line.split()) if tokenized else tokenise(line, abbreviations)
        yield Sentence(tokens=tokens, source=f"{name}:{number}")


def marked_text(tokens: Sequence[str], tags: Sequence[str], scheme: Scheme) -> str:
    """One line: spans in brackets behind their type, plain tags behind a slash.

    >>> marked_text(["Ada", "Lovelace", "sailed"], ["B-person", "I-person", "O"], Scheme.IOB2)
    '[person Ada Lovelace] sailed'
    >>> marked_text(["It", "rains"], ["PRON", "VERB"], Scheme.PLAIN)
    'It/PRON rains/VERB'
    """
    if scheme is Scheme.PLAIN:
        return " ".join(f"{token}/{tag}" for token, tag in zip(tokens, tags, strict=True))
    words = list(tokens)
    for start, end, kind in spans(tags, scheme):
        words[start] = f"[{kind} {words[start]}"
        words[end - 1] += "]"
    return " ".join(words)
