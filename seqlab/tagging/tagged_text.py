"""A raw text with its spans and tokens, each with its place in the text."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from typing import Any, NamedTuple, get_args

from seqlab.corpus.schemes import OUTSIDE_TAGS
from seqlab.errors import SettingsError
from seqlab.tagging.tagged_html import (
    DOCUMENT_END,
    HighlightedPart,
    document_opening,
    highlighted,
    label_numbers,
    page_head,
)
from seqlab.tagging.text_json import without_half_surrogates
from seqlab.tagging.text_pieces import TaggedPieces
from seqlab.tagging.thresholds import SpanThresholds, kept_spans
from seqlab.text.offset_units import OffsetUnit, offset_table


class TaggedSpan(NamedTuple):
    """A predicted span, `text[start:end]`. score: the smallest probability among the tags of its tokens."""

    start: int
    end: int
    label: str
    text: str
    score: float


class TaggedToken(NamedTuple):
    """A token, `text[start:end]`. score: the calibrated probability of its tag."""

    start: int
    end: int
    text: str
    tag: str
    score: float


@dataclass(frozen=True, kw_only=True)
class TaggedText:
    """A text with its predicted spans and its tokens, in order. Offsets count code points from 0.

    text: as it was given, line ends included. spans: empty if the tagger predicts plain tags.
    """

    text: str
    spans: tuple[TaggedSpan, ...]
    tokens: tuple[TaggedToken, ...]

    def to_json(self, *, scores: bool = False, offsets: OffsetUnit = "codepoints") -> str:
        """The line that `seqlab tag --output-format jsonl` writes.

        scores: include those of the tokens. offsets: their unit: 'codepoints', 'utf16' or 'bytes' (of UTF-8).
        Raises SettingsError for another unit.
        """
        if offsets not in get_args(OffsetUnit):
            units = ", ".join(get_args(OffsetUnit))
            raise SettingsError(f"offsets is {offsets!r}: expected one of {units}")
        table = offset_table(self.text, offsets)

        def fields_of(part: TaggedSpan | TaggedToken) -> dict[str, Any]:
            place = {"start": table[part.start], "end": table[part.end]}
            return {**part._asdict(), **place, "score": rounded(part.score)}

        spans, tokens = list(map(fields_of, self.spans)), list(map(fields_of, self.tokens))
        if not scores:
            for token in tokens:
                del token["score"]
        fields = {"text": self.text, "spans": spans, "tokens": tokens}
        return without_half_surrogates(json.dumps(fields, ensure_ascii=False))

    @property
    def plain(self) -> bool:
        """Whether the tags are plain: there are no spans, but tags other than O."""
        return not self.spans and any(token.tag not in OUTSIDE_TAGS for token in self.tokens)

    def highlights(self, *, scores: bool = False) -> list[HighlightedPart]:
        """The spans, or the tokens if there are no spans because tags are plain."""
        parts = [(s.start, s.end, s.label, s.score) for s in self.spans]
        if self.plain:
            parts = [(t.start, t.end, t.tag, t.score) for t in self.tokens]
        return [HighlightedPart(*part[:3], part[3] if scores else None) for part in parts]

    def to_html(self, *, title: str = "Tagged text", scores: bool = False) -> str:
        """A page that shows the text with its spans in colour, as `seqlab tag --output-format html` writes it.

        scores: show the probability of each span, or of each plain tag.
        """
        parts = self.highlights(scores=scores)
        labels = sorted({part.label for part in parts})
        shown = highlighted(self.text, parts, label_numbers(labels), plain=self.plain)
        head = page_head(labels, title=title, plain=self.plain)
        return f"{head}{document_opening(None)}{shown}{DOCUMENT_END}"

    def to_displacy(self, *, title: str | None = None, scores: bool = False) -> dict[str, Any]:
        """What `spacy.displacy.render(…, manual=True, style="ent")` draws: keys text, ents and title.

        scores: give each of the ents its probability too, which displaCy does not draw.
        """
        return displacy_object(self.text, self.highlights(scores=scores), title=title)


def displacy_object(
    text: str, parts: Iterable[HighlightedPart], *, title: str | None
) -> dict[str, Any]:
    """A text as displaCy takes it. Offsets count code points."""
    ents = []
    for part in parts:
        ent: dict[str, Any] = {"start": part.start, "end": part.end, "label": part.label}
        if part.score is not None:
            ent["score"] = rounded(part.score)
        ents.append(ent)
    return {"text": text, "ents": ents, "title": title}


def rounded(score: float) -> float | None:
    """A score as JSON has it: four decimals, or None if it is not finite."""
    return round(score, 4) if isfinite(score) else None


def tagged_texts(
    texts: Sequence[str],
    groups: Iterable[TaggedPieces],
    symbols: Sequence[str],
    labels: Sequence[str],
    thresholds: SpanThresholds,
) -> Iterator[TaggedText]:
    """Yield each text, in order, with what was found in its pieces.

    groups: tagged pieces of all texts, in order, with scores of tokens.
    symbols, labels: by tag id, the tag and the label of its spans.
    thresholds: by label, the smallest score of the spans that are kept.
    """
    number = 0
    spans: list[TaggedSpan] = []
    tokens: list[TaggedToken] = []
    for group in groups:
        objects = zip(piece_spans(group, labels), piece_tokens(group, symbols), strict=True)
        for piece, (new_spans, new_tokens) in zip(group.pieces, objects, strict=True):
            if piece.text_number > number:
                yield TaggedText(text=texts[number], spans=tuple(spans), tokens=tuple(tokens))
                number, spans, tokens = piece.text_number, [], []
            spans += kept_spans(new_spans, thresholds)
            tokens += new_tokens
    if number < len(texts):
        yield TaggedText(text=texts[number], spans=tuple(spans), tokens=tuple(tokens))


def piece_tokens(group: TaggedPieces, symbols: Sequence[str]) -> Iterator[list[TaggedToken]]:
    """Yield the tokens of each piece."""
    scores = [] if group.scores is None else group.scores.tolist()
    tags = map(symbols.__getitem__, group.tag_ids)
    rows = zip(group.starts, group.ends, group.tokens, tags, scores, strict=True)
    tokens = list(map(TaggedToken._make, rows))
    for piece, (first, stop) in zip(group.pieces, pairwise(group.bounds), strict=True):
        part, base = tokens[first:stop], piece.base
        if base:
            part = [t._replace(start=t.start + base, end=t.end + base) for t in part]
        yield part


def piece_spans(group: TaggedPieces, labels: Sequence[str]) -> Iterator[list[TaggedSpan]]:
    """Yield the spans of each piece."""
    number = 0
    for piece, bound in zip(group.pieces, group.bounds[1:], strict=True):
        spans = []
        while number < len(group.spans) and group.spans[number].start < bound:
            span = group.spans[number]
            start, end = group.starts[span.start], group.ends[span.stop - 1]
            spans.append(
                TaggedSpan(
                    start=start + piece.base,
                    end=end + piece.base,
                    label=labels[span.tag_id],
                    text=piece.text[start:end],
                    score=span.score,
                )
            )
            number += 1
        yield spans
