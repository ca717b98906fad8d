"""Offsets that browsers count: UTF-16 code units, of which a character beyond U+FFFF has two."""

from bisect import bisect_left
from collections.abc import Sequence

from seqlab.annotations.annotated_text import LabelledSpan


class CodeUnits:
    """The offsets of one text, counted in UTF-16 code units."""

    def __init__(self, text: str) -> None:
        wide = [index for index, character in enumerate(text) if character > "\uffff"]
        self.text = text
        # Where each wide character ends: in code units, this is one more per wide character so far.
        self.ends = [index + 2 + before for before, index in enumerate(wide)]

    def to_code_points(self, offset: int) -> int:
        """Return the offset in code points; inside a wide character, the offset of that character.

        >>> CodeUnits("\U0001f600 Ada").to_code_points(3)
        2
        """
        wide = bisect_left(self.ends, offset + 1)
        inside = wide < len(self.ends) and offset == self.ends[wide] - 1
        return offset - wide - inside

    def spans_to_code_points(self, spans: Sequence[LabelledSpan]) -> tuple[LabelledSpan, ...]:
        """Return spans whose offsets are code points."""
        count = self.to_code_points
        return tuple(LabelledSpan(count(start), count(end), label) for start, end, label in spans)


def fits_words(text: str, span: LabelledSpan) -> bool:
    """Whether a span lies in the text, has no white space at its edges, and cuts no word."""
    start, end, _ = span
    if not 0 <= start < end <= len(text):
        return False
    covered = text[start:end]
    before, after = text[start - 1 : start], text[end : end + 1]
    cuts_start = before.isalnum() and covered[0].isalnum()
    cuts_end = after.isalnum() and covered[-1].isalnum()
    return covered == covered.strip() and not cuts_start and not cuts_end


def code_point_spans(
    text: str, spans: tuple[LabelledSpan, ...]
) -> tuple[tuple[LabelledSpan, ...], bool]:
    """Return spans in code points, and whether they were counted in UTF-16 code units.

    A file does not say what it counts. The offsets are code units if some span does not fit the words of the text when
    read as code points, and all spans fit when read as code units.
    """
    if text.isascii() or all(fits_words(text, span) for span in spans):
        return spans, False
    units = CodeUnits(text)
    if not units.ends:
        return spans, False
    moved = units.spans_to_code_points(spans)
    if all(fits_words(text, span) for span in moved):
        return moved, True
    return spans, False
