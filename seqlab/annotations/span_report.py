"""Count the spans that could not become tags as they stood, and list where they are."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from seqlab.annotations.annotated_text import AnnotatedText, LabelledSpan

EXAMPLES = 5
"""How many examples a report keeps for each fault and class."""
SHOWN_TEXT = 60
"""How many characters of a faulty span a report keeps."""


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


ADJUSTMENTS = {
    SpanFault.CUTS_WORD: "token split",
    SpanFault.WHITE_SPACE: "trimmed",
}
"""What was done about the faults of spans that are kept."""


class FaultySpan(NamedTuple):
    """One span with a fault.

    kept: True if the span became tags (see `ADJUSTMENTS`), False if it was dropped.
    source: the document, as 'path:line' or 'path: record N'. start, end: as they stand in the file.
    """

    fault: SpanFault
    kept: bool
    label: str
    source: str
    start: int
    end: int
    text: str

    def __str__(self) -> str:
        outcome = ADJUSTMENTS[self.fault] if self.kept else "dropped"
        place = f"{self.source}, characters {self.start} to {self.end}"
        return f"{place}: {self.label} {self.text!r} {self.fault}; {outcome}"


@dataclass(kw_only=True)
class SpanReport:
    """What became of the spans of a corpus: `spans == kept + dropped.total()`.

    spans: all that were read. kept: those that became tags.
    dropped: by fault and class. Each dropped span is counted once, for the first fault found.
    mended: by fault and class. A kept span may have two: white space at its edges, and a cut token.
    joined_sentences: sentence ends that were removed because a span goes across them.
    examples: the first faulty spans of each fault and class.
    on_fault: called with each faulty span, so that all of them can be written to a file.
    """

    spans: int = 0
    kept: int = 0
    dropped: Counter[tuple[SpanFault, str]] = field(default_factory=Counter)
    mended: Counter[tuple[SpanFault, str]] = field(default_factory=Counter)
    joined_sentences: int = 0
    examples: list[FaultySpan] = field(default_factory=list)
    on_fault: Callable[[FaultySpan], None] | None = None

    @property
    def counts(self) -> Counter[tuple[SpanFault, str]]:
        """All faults, by fault and class."""
        return self.dropped + self.mended

    def add(self, faulty: FaultySpan) -> None:
        """Count a faulty span; keep it as an example while there are few of its fault and class."""
        counter = self.mended if faulty.kept else self.dropped
        counter[faulty.fault, faulty.label] += 1
        if counter[faulty.fault, faulty.label] <= EXAMPLES:
            self.examples.append(faulty)
        if self.on_fault is not None:
            self.on_fault(faulty)


def report_discontinuous(document: AnnotatedText, report: SpanReport) -> None:
    """Count the spans of a document that is written, and drop those with gaps: few formats can hold them."""
    report.spans += len(document.spans) + len(document.discontinuous)
    report.kept += len(document.spans)
    for start, end, label in document.discontinuous:
        text = document.text[max(start, 0) : max(end, 0)][:SHOWN_TEXT]
        fault = SpanFault.DISCONTINUOUS
        report.add(FaultySpan(fault, False, label, document.source, start, end, text))


def writable_spans(document: AnnotatedText, report: SpanReport) -> Iterator[LabelledSpan]:
    """Yield the spans of a document for formats that cannot hold empty ones or ones outside the text."""
    report_discontinuous(document, report)
    for span in document.spans:
        start, end, label = span
        if 0 <= start < end <= len(document.text):
            yield span
            continue
        inside = max(start, end) <= len(document.text) and min(start, end) >= 0
        fault = SpanFault.EMPTY if inside else SpanFault.OUTSIDE_TEXT
        shown = document.text[max(start, 0) : max(end, 0)][:SHOWN_TEXT]
        report.kept -= 1
        report.add(FaultySpan(fault, False, label, document.source, start, end, shown))
