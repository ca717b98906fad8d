"""Find where the sentences of raw text begin and end: at line breaks, and within lines by sentencex.

docs/raw-text.md compares sentencex with other libraries.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import accumulate
from typing import Literal

from seqlab.errors import UserError, nearest

SentenceRule = Literal["line", "split"]
Bounds = tuple[int, int]
Segmenter = Callable[[str], list[int]]

LANGUAGES = (
    *(
        "am",
        "ar",
        "bg",
        "bn",
        "ca",
        "cs",
        "da",
        "de",
        "el",
        "en",
        "es",
        "fi",
        "fr",
        "gl",
        "gu",
        "hi",
        "hy",
    ),
    *(
        "it",
        "ja",
        "kk",
        "kn",
        "ml",
        "mr",
        "my",
        "nl",
        "oc",
        "pa",
        "pl",
        "pt",
        "ru",
        "sk",
        "ta",
        "te",
        "uk",
    ),
    "zh",
)  # languages for which sentencex has rules of their own, or of a close relative
LINE = re.compile(r"[^\r\n]+")
BLOCK = 8192  # characters that sentencex gets at once: its time grows faster than the text
LOOK_AHEAD = 256  # characters after a sentence end that may bear on it
# Sentences end within quotation marks and brackets as well. sentencex would skip what they enclose, and
# after one missing mark all the rest of the text.
ENCLOSING = r"\"'‘’‚‛“”„‟«»‹›《》「」『』()（）\[\]{}<>"
END = ".!?…。！？"
INITIAL = r"(?<![\w.][A-ZÀ-ÞΑ-ΩА-Я])(?<=[A-ZÀ-ÞΑ-ΩА-Я])\.(?=\s)"  # its stop ends no sentence; nor does that of French M.
MARKS = re.compile(rf"{INITIAL}|([{END}])[{ENCLOSING}]+|[{ENCLOSING}]")
INNER_END = re.compile(rf"[{END}][{ENCLOSING}]*\s*\S|[^\x00-\u024f]")
SURROGATE = re.compile("[\ud800-\udfff]")
MASK = "*"
BYTE_ORDER_MARK = "\ufeff"


def sentence_bounds(text: str, sentences: SentenceRule, language: str = "en") -> Iterator[Bounds]:
    """Yield where each sentence begins and ends in the text. Line breaks always end a sentence.

    sentences: 'line' makes each line one sentence; 'split' also ends sentences within lines.
    language: two-letter code; see LANGUAGES.
    Only white space lies outside all sentences; a sentence longer than `BLOCK` characters is cut.
    Raises UserError for an unknown language, and when sentencex is not installed.

    >>> list(sentence_bounds("Mr. Li came. He left!", "split", "en"))
    [(0, 12), (13, 21)]
    """
    segment = segmenter(language) if sentences == "split" else None
    for line in LINE.finditer(text):
        start, end = line.span()
        if segment is None or INNER_END.search(text, start, end) is None:
            ends = iter((end - start,))
        else:
            ends = sentence_ends(line[0], segment)
        for sentence_end in ends:
            sentence = line[0][start - line.start() : sentence_end]
            left = len(sentence) - len(sentence.lstrip())
            if left < len(sentence):
                yield start + left, start + len(sentence.rstrip())
            start = line.start() + sentence_end


def sentence_ends(line: str, segment: Segmenter) -> Iterator[int]:
    """Yield the index at which each sentence of a line ends; the last is the length of the line."""
    masked = MARKS.sub(masked_marks, line.replace(BYTE_ORDER_MARK, " "))
    start = 0
    while len(line) - start > BLOCK:
        block = masked[start : start + BLOCK]
        sure = [end for end in segment(block) if end <= BLOCK - LOOK_AHEAD]
        yield from (start + end for end in sure or [last_space(block)])
        start += sure[-1] if sure else last_space(block)
    yield from (start + end for end in segment(masked[start:]))


def masked_marks(match: re.Match[str]) -> str:
    """Replace closing marks by the sentence end before them, other marks by a character without meaning."""
    return match[1] * len(match[0]) if match[1] else MASK


def last_space(block: str) -> int:
    """Return the index after the last white space of a block, or its length if it has none."""
    return len(block) - len(re.split(r"\s", block)[-1]) or len(block)


@cache
def segmenter(language: str) -> Segmenter:
    """Return a function that gives the index after each sentence of a text; the last is the text's length.

    Raises UserError for an unknown language, and when sentencex is not installed.
    """
    if language not in LANGUAGES:
        near = nearest(language[:2], LANGUAGES)
        raise UserError(
            f"no rules to split sentences of language {language!r}{near}; 'en' suits most others"
        )
    try:
        import sentencex
    except ImportError:
        raise UserError(
            "splitting sentences needs sentencex: pip install sentencex; or make each line a sentence"
        ) from None

    def segment(text: str) -> list[int]:
        try:
            pieces = sentencex.segment(language, text)
        except UnicodeEncodeError:  # half of a surrogate pair, as json.loads may give
            pieces = sentencex.segment(language, SURROGATE.sub(MASK, text))
        ends = list(accumulate(map(len, pieces)))
        return [*ends[:-1], len(text)]

    return segment
