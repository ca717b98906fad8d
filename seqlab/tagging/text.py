"""Plain text: lines to tokens by a small stated rule, tagged tokens to lines that people read.

This is no linguistic tokeniser: text that was tokenised as the training corpus was is tagged best,
and `--tokenized` takes it as it is.
"""

from collections.abc import Iterable, Iterator, Sequence

import regex

from seqlab.corpus.schemes import Scheme, spans
from seqlab.corpus.sentence import Sentence

WORD = r"[\w\p{M}]+"  # letters, digits and the marks that combine with them, in any script
TOKEN = regex.compile(rf"https?://\S+|[@#]{WORD}|{WORD}(?:[.,:/'’&@-]{WORD})*|(?![\s\x1c-\x1f])\X")


def tokenise(line: str) -> tuple[str, ...]:
    """Words, numbers, addresses and names of users whole; every other character by itself.

    >>> tokenise("Mr. O'Hara paid $3.50 (about £3).")
    ('Mr', '.', "O'Hara", 'paid', '$', '3.50', '(', 'about', '£', '3', ')', '.')
    """
    return tuple(TOKEN.findall(line))


def text_sentences(
    lines: Iterable[tuple[int, str]], *, name: str, tokenized: bool
) -> Iterator[Sentence]:
    """A sentence for each line, also for an empty one, so that lines out match lines in."""
    for number, line in lines:
        tokens = tuple(line.split()) if tokenized else tokenise(line)
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
