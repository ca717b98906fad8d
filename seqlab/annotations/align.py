"""Turn labelled character spans into tags of tokens. Every span that cannot become tags is counted."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, NamedTuple

from seqlab.annotations.annotated_text import AnnotatedText
from seqlab.text.cutting import TextRules, TokenOffsets

Misaligned = Literal["split", "refuse"]


class SpanFault(StrEnum):
    """What can be wrong with a span."""

    CUTS_WORD = "cuts a token"
    OVERLAPS = "overlaps another span"
    NESTED = "lies within another span"
    EMPTY = "is empty"
    OUTSIDE_TEXT = "lies outside the text"
    DISCONTINUOUS = "has gaps"
    WHITE_SPACE = "has white space at its edges"
    NO_WORDS = "holds no token"


class FaultySpan(NamedTuple):
    """One span with a fault. source: the document, as 'path:line' or 'path: record N'."""

    fault: SpanFault
    label: str
    source: str
    start: int
    end: int
    text: str


@dataclass(kw_only=True)
class SpanReport:
    """The faulty spans of a corpus. counts: by fault and label, of all. examples: the first ones of each."""

    counts: Counter[tuple[SpanFault, str]] = field(default_factory=Counter)
    examples: list[FaultySpan] = field(default_factory=list)
    spans: int = 0


class AlignedSentence(NamedTuple):
    """The tokens of a sentence and their IOB2 tags."""

    offsets: TokenOffsets
    tags: tuple[str, ...]


def align(
    document: AnnotatedText,
    *,
    rules: TextRules,
    misaligned: Misaligned = "split",
    report: SpanReport,
) -> list[AlignedSentence]:
    """Cut a document into tagged sentences."""
    raise NotImplementedError
