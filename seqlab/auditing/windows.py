"""Sentences that are longer than a training window, and the spans that its cuts go through."""

from dataclasses import dataclass

import numpy as np

from seqlab.arrays import Int64Array
from seqlab.auditing.views import SplitView
from seqlab.corpus.sentence import Sentence

NAMED = 3


@dataclass(frozen=True, kw_only=True)
class CutSpan:
    """A span that lies in two windows: its text, its class, its sentence's 'path:line'."""

    text: str
    kind: str
    source: str


@dataclass(frozen=True, kw_only=True)
class LongSentence:
    """A sentence that needs several windows: 'path:line', and its tokens."""

    source: str
    tokens: int


@dataclass(frozen=True, kw_only=True)
class WindowFigures:
    """One split against windows of `max_tokens`.

    long_sentences: how many are longer; long_share: of all sentences; longest: the first few.
    cut_spans: spans that training would see in two parts; examples: the first few.
    """

    max_tokens: int
    long_sentences: int
    long_share: float
    longest: tuple[LongSentence, ...]
    cut_spans: int
    examples: tuple[CutSpan, ...]


def check_windows(split: SplitView, max_tokens: int) -> WindowFigures:
    """What windows of `max_tokens` do to a split."""
    longer = sorted(
        (s for s in split.sentences if len(s) > max_tokens), key=lambda s: (-len(s), s.source)
    )
    cut = cut_spans(split, window_cuts(split, max_tokens))
    return WindowFigures(
        max_tokens=max_tokens,
        long_sentences=len(longer),
        long_share=len(longer) / max(1, len(split.sentences)),
        longest=tuple(map(as_long, longer[:NAMED])),
        cut_spans=len(cut),
        examples=tuple(cut[:NAMED]),
    )


def as_long(sentence: Sentence) -> LongSentence:
    """The place and the length of a sentence."""
    return LongSentence(source=sentence.source, tokens=len(sentence))


def window_cuts(split: SplitView, max_tokens: int) -> Int64Array:
    """int64 (cuts,): the tokens of the split before which a window begins inside a sentence."""
    return np.setdiff1d(split.encoded.windows(max_tokens).offsets, split.encoded.offsets)


def cut_spans(split: SplitView, cuts: Int64Array) -> list[CutSpan]:
    """The spans that a cut goes through."""
    firsts = np.array([span.first for span in split.spans], np.int64)
    ends = firsts + np.array([span.end - span.start for span in split.spans], np.int64)
    # A cut before token t parts the span [first, end) when first < t < end.
    inside = np.searchsorted(cuts, ends, "left") > np.searchsorted(cuts, firsts, "right")
    return [
        CutSpan(
            text=" ".join(split.span_text(split.spans[i])),
            kind=split.spans[i].kind,
            source=split.sentences[split.spans[i].sentence].source,
        )
        for i in np.flatnonzero(inside)
    ]
