"""Sentences that are longer than a training window, and the spans that windows cut in two."""

from dataclasses import dataclass

import numpy as np

from seqlab.arrays import Int64Array
from seqlab.auditing.views import SplitView

MOST_EXAMPLES = 3


@dataclass(frozen=True, kw_only=True)
class CutSpan:
    """A span that lies in two windows. kind: its entity type. source: 'path:line' of its sentence."""

    text: str
    kind: str
    source: str


@dataclass(frozen=True, kw_only=True)
class LongSentence:
    """A sentence that needs several windows. source: its 'path:line'. tokens: its length."""

    source: str
    tokens: int


@dataclass(frozen=True, kw_only=True)
class WindowFigures:
    """One split in windows of `max_tokens`.

    long_sentences: how many are longer than a window. long_share: of all sentences.
    longest: the longest few. cut_spans: spans of which training sees two parts. examples: the first few.
    """

    max_tokens: int
    long_sentences: int
    long_share: float
    longest: tuple[LongSentence, ...]
    cut_spans: int
    examples: tuple[CutSpan, ...]


def check_windows(split: SplitView, max_tokens: int) -> WindowFigures:
    """Count the long sentences of a split, and the spans that windows cut in two."""
    longer = [sentence for sentence in split.sentences if len(sentence) > max_tokens]
    longer.sort(key=lambda sentence: (-len(sentence), sentence.source))
    # The tokens of the split at which a window begins inside a sentence.
    cuts = np.setdiff1d(split.encoded.windows(max_tokens).offsets, split.encoded.offsets)
    cut = cut_spans(split, cuts)
    return WindowFigures(
        max_tokens=max_tokens,
        long_sentences=len(longer),
        long_share=len(longer) / max(1, len(split.sentences)),
        longest=tuple(LongSentence(source=s.source, tokens=len(s)) for s in longer[:MOST_EXAMPLES]),
        cut_spans=len(cut),
        examples=tuple(cut[:MOST_EXAMPLES]),
    )


def cut_spans(split: SplitView, cuts: Int64Array) -> list[CutSpan]:
    """The spans that contain a cut. cuts: int64 (cuts,), tokens of the split."""
    firsts = np.array([span.first for span in split.spans], np.int64)
    ends = firsts + np.array([span.end - span.start for span in split.spans], np.int64)
    # A cut before token t divides the span [first, end) if first < t < end.
    divided = np.searchsorted(cuts, ends, "left") > np.searchsorted(cuts, firsts, "right")
    return [
        CutSpan(text=" ".join(split.span_text(s)), kind=s.class_name, source=split.span_source(s))
        for s in (split.spans[i] for i in np.flatnonzero(divided))
    ]
