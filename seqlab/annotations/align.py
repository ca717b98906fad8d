"""Turn labelled character spans into tags of tokens. Every span that cannot become tags is counted."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from seqlab.annotations.annotated_text import AnnotatedText, LabelledSpan
from seqlab.annotations.span_report import SHOWN_TEXT, FaultySpan, SpanFault, SpanReport
from seqlab.text.cutting import TextRules, TokenOffsets, cut_text

Misaligned = Literal["split", "refuse"]


class AlignedSentence(NamedTuple):
    """The tokens of a sentence and their IOB2 tags."""

    offsets: TokenOffsets
    tags: tuple[str, ...]


class _Candidate(NamedTuple):
    """A span that lies in the text, without white space at its edges, and the span as it was read."""

    start: int
    end: int
    read: LabelledSpan


class _Piece(NamedTuple):
    """A token, or a part of one that a span cut. span: the index of the span that it lies in, or None."""

    start: int
    end: int
    span: int | None = None


def align(
    document: AnnotatedText,
    *,
    rules: TextRules,
    misaligned: Misaligned = "split",
    report: SpanReport,
) -> list[AlignedSentence]:
    """Cut a document into tagged sentences.

    rules: how to cut the text; a document with `sentences` keeps its own tokens.
    misaligned: 'split' splits a token that a span cuts; 'refuse' drops the span.
    report: counts every span; see `SpanReport`.
    White space at the edges of a span is trimmed. Of spans that overlap, the longest is kept, and of equally
    long ones the first. Sentences across whose border a span goes are joined.

    >>> report = SpanReport()
    >>> text = AnnotatedText(text="Ada Lovelace left.", spans=(LabelledSpan(0, 12, "PER"),))
    >>> align(text, rules=TextRules(), report=report)[0].tags
    ('B-PER', 'I-PER', 'O', 'O')
    """
    sentences = cut_text(document.text, rules) if document.sentences is None else document.sentences
    starts = [start for sentence in sentences for start in sentence.starts]
    ends = [end for sentence in sentences for end in sentence.ends]
    log = _Log(document, report)
    candidates = list(_candidates(document, log))
    candidates = [one for one in candidates if _has_tokens(one, starts, ends, misaligned, log)]
    spans = _without_overlaps(candidates, len(document.text), log)
    for span in spans:
        log.keep(span, cuts=_cuts(span, starts, ends))
    bounds = _sentence_bounds(sentences, spans, starts, ends)
    report.joined_sentences += sum(1 for one in sentences if one.starts) - len(bounds)
    return list(_tagged_sentences(document.text, bounds, starts, ends, spans))


class _Log:
    """Counts the spans of one document."""

    def __init__(self, document: AnnotatedText, report: SpanReport) -> None:
        self.document = document
        self.report = report
        report.spans += len(document.spans) + len(document.discontinuous)

    def fault(self, fault: SpanFault, span: LabelledSpan, *, kept: bool = False) -> None:
        start, end, label = span
        text = self.document.text[max(start, 0) : max(end, 0)][:SHOWN_TEXT]
        source = self.document.source
        self.report.add(FaultySpan(fault, kept, label, source, start, end, text))

    def keep(self, span: _Candidate, *, cuts: bool) -> None:
        self.report.kept += 1
        if (span.start, span.end) != span.read[:2]:
            self.fault(SpanFault.WHITE_SPACE, span.read, kept=True)
        if cuts:
            self.fault(SpanFault.CUTS_WORD, span.read, kept=True)


def _candidates(document: AnnotatedText, log: _Log) -> Iterator[_Candidate]:
    """Yield the spans that lie in the text, trimmed."""
    text = document.text
    for span in document.discontinuous:
        log.fault(SpanFault.DISCONTINUOUS, span)
    for span in document.spans:
        start, end, _ = span
        if not (0 <= start <= len(text) and 0 <= end <= len(text)):
            log.fault(SpanFault.OUTSIDE_TEXT, span)
        elif start >= end:
            log.fault(SpanFault.EMPTY, span)
        else:
            covered = text[start:end]
            end = start + len(covered.rstrip())
            yield _Candidate(start + len(covered) - len(covered.lstrip()), end, span)


def _token_range(span: _Candidate, starts: list[int], ends: list[int]) -> tuple[int, int]:
    """The first token that a span touches, and one past the last."""
    return bisect_right(ends, span.start), bisect_left(starts, span.end)


def _cuts(span: _Candidate, starts: list[int], ends: list[int]) -> bool:
    first, stop = _token_range(span, starts, ends)
    return starts[first] < span.start or ends[stop - 1] > span.end


def _has_tokens(
    span: _Candidate, starts: list[int], ends: list[int], misaligned: Misaligned, log: _Log
) -> bool:
    first, stop = _token_range(span, starts, ends)
    if span.start >= span.end or first >= stop:
        log.fault(SpanFault.NO_WORDS, span.read)
        return False
    # A refused span must not displace another one, so this comes before overlaps are settled.
    if misaligned == "refuse" and _cuts(span, starts, ends):
        log.fault(SpanFault.CUTS_WORD, span.read)
        return False
    return True


def _without_overlaps(spans: Sequence[_Candidate], length: int, log: _Log) -> list[_Candidate]:
    """Keep the longest spans, and the first of equally long ones; return them from left to right."""
    covered = bytearray(length)
    kept, dropped = [], []
    for span in sorted(spans, key=lambda span: span.start - span.end):  # a stable sort
        # All spans kept so far are at least as long. One that overlaps this one covers one of its ends.
        if covered[span.start] or covered[span.end - 1]:
            dropped.append(span)
        else:
            covered[span.start : span.end] = b"\1" * (span.end - span.start)
            kept.append(span)
    kept.sort()
    lefts = [span.start for span in kept]
    for span in dropped:
        left = kept[max(bisect_right(lefts, span.start) - 1, 0)]
        nested = left.start <= span.start and span.end <= left.end
        log.fault(SpanFault.NESTED if nested else SpanFault.OVERLAPS, span.read)
    return kept


def _sentence_bounds(
    sentences: Sequence[TokenOffsets],
    spans: Sequence[_Candidate],
    starts: list[int],
    ends: list[int],
) -> list[tuple[int, int]]:
    """The first token of each sentence and one past its last. Sentences that share a span are joined."""
    bounds: list[tuple[int, int]] = []
    ranges = [_token_range(span, starts, ends) for span in spans]
    position, stop = 0, 0
    for sentence in filter(len, (sentence.starts for sentence in sentences)):
        first, stop = stop, stop + len(sentence)
        while position < len(ranges) and ranges[position][1] <= first:
            position += 1
        if bounds and position < len(ranges) and ranges[position][0] < first:
            bounds[-1] = (bounds[-1][0], stop)
        else:
            bounds.append((first, stop))
    return bounds


def _tagged_sentences(
    text: str,
    bounds: Sequence[tuple[int, int]],
    starts: list[int],
    ends: list[int],
    spans: Sequence[_Candidate],
) -> Iterator[AlignedSentence]:
    position = 0
    for first, stop in bounds:
        pieces: list[_Piece] = []
        for start, end in zip(starts[first:stop], ends[first:stop], strict=True):
            while position < len(spans) and spans[position].end <= start:
                position += 1
            pieces += _pieces_of_token(text, start, end, spans, position)
        offsets = TokenOffsets(tuple(one.start for one in pieces), tuple(one.end for one in pieces))
        yield AlignedSentence(offsets, tuple(_tags(pieces, spans)))


def _tags(pieces: Sequence[_Piece], spans: Sequence[_Candidate]) -> Iterator[str]:
    last = None
    for piece in pieces:
        if piece.span is None:
            yield "O"
        else:
            yield ("I-" if piece.span == last else "B-") + spans[piece.span].read.label
        last = piece.span


def _pieces_of_token(
    text: str, start: int, end: int, spans: Sequence[_Candidate], position: int
) -> Iterator[_Piece]:
    """Split a token at the edges of spans. position: index of the first span that ends after `start`."""
    if position >= len(spans) or spans[position].start >= end:
        yield _Piece(start, end)
        return
    if spans[position].start <= start and end <= spans[position].end:
        yield _Piece(start, end, position)
        return
    while position < len(spans) and spans[position].start < end:
        span = spans[position]
        yield from _trimmed(text, _Piece(start, max(start, span.start)))
        start, stop = max(start, span.start), min(end, span.end)
        yield from _trimmed(text, _Piece(start, stop, position))
        start = stop
        position += 1
    yield from _trimmed(text, _Piece(start, end))


def _trimmed(text: str, piece: _Piece) -> Iterator[_Piece]:
    """Yield a part of a token without white space at its edges, if anything is left."""
    part = text[piece.start : piece.end]
    if part.strip():
        end = piece.start + len(part.rstrip())
        yield piece._replace(start=piece.start + len(part) - len(part.lstrip()), end=end)
