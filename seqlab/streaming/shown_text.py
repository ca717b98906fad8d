"""Tagged text to look at: blocks of an HTML page, or JSON lines that displaCy of spaCy draws."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from seqlab.annotations.annotated_text import AnnotatedText
from seqlab.corpus.schemes import Scheme, decode_spans
from seqlab.corpus.sentence import Sentence
from seqlab.machine.cached_property import cached_property
from seqlab.streaming.output import OutputOptions
from seqlab.tagging.tagged_html import (
    DOCUMENT_END,
    HighlightedPart,
    document_opening,
    highlighted,
    label_numbers,
    sentence_block,
)
from seqlab.tagging.tagged_text import displacy_object, piece_spans, piece_tokens
from seqlab.tagging.tagger import Prediction, Tagger
from seqlab.tagging.text_json import without_half_surrogates
from seqlab.tagging.text_pieces import TaggedPieces, cut_pieces
from seqlab.text.cutting import TextRules


@dataclass(frozen=True, kw_only=True)
class ShownTextWriter:
    """Writes tagged sentences and raw texts in format html or displacy."""

    tagger: Tagger
    options: OutputOptions

    def add_texts(
        self, documents: Sequence[AnnotatedText], rules: TextRules, parts: list[bytes]
    ) -> None:
        """Append the block or the line of each document. Of an HTML block, each piece is appended for itself."""
        shown = ShownDocuments(writer=self, documents=documents, parts=parts)
        pieces = cut_pieces([d.text for d in documents], rules, [d.sentences for d in documents])
        scores = self.options.scores or self.plain
        for group in self.tagger.tag_pieces(pieces, token_scores=scores):
            for piece, highlights in zip(group.pieces, self.piece_parts(group), strict=True):
                shown.add(piece.text_number, piece.base, piece.text, highlights)
        shown.end()

    def add_sentence(self, sentence: Sentence, prediction: Prediction, parts: list[bytes]) -> None:
        """Append the block or the line of a sentence; nothing if it is empty."""
        if not sentence.tokens:
            return
        content = " ".join(sentence.tokens)
        highlights = list(self.sentence_parts(sentence, prediction))
        parts.append(
            self.line(content, highlights, None)
            if self.is_displacy
            else self.block(content, highlights)
        )

    def block(self, content: str, highlights: Sequence[HighlightedPart]) -> bytes:
        """The HTML block of a sentence."""
        return sentence_block(self.html(content, highlights)).encode()

    def html(self, content: str, highlights: Sequence[HighlightedPart]) -> str:
        """A text in HTML with its highlights."""
        return highlighted(content, highlights, self.numbers, plain=self.plain)

    def line(self, content: str, highlights: Sequence[HighlightedPart], title: str | None) -> bytes:
        """The line of a sentence or document that displaCy draws."""
        fields = displacy_object(content, highlights, title=title)
        return without_half_surrogates(json.dumps(fields, ensure_ascii=False) + "\n").encode()

    def sentence_parts(
        self, sentence: Sentence, prediction: Prediction
    ) -> Iterator[HighlightedPart]:
        """The spans of a sentence, or its tokens if tags are plain. Its text joins the tokens with spaces."""
        tags = prediction.tags
        starts = [0, *accumulate(len(token) + 1 for token in sentence.tokens)]
        if self.plain:
            spans = [(position, position + 1, tag) for position, tag in enumerate(tags)]
        else:
            spans = decode_spans(tags, self.tagger.scheme)
        for start, stop, label in spans:
            score = float(prediction.scores[start:stop].min()) if self.options.scores else None
            yield HighlightedPart(starts[start], starts[stop] - 1, label, score)

    def piece_parts(self, group: TaggedPieces) -> Iterator[list[HighlightedPart]]:
        """The spans of each piece, or its tokens if tags are plain; offsets count from the beginning of its text."""
        shown = self.options.scores
        if self.plain:
            for tokens in piece_tokens(group, self.tagger.encoder.tags.symbols):
                yield [
                    HighlightedPart(t.start, t.end, t.tag, t.score if shown else None)
                    for t in tokens
                ]
            return
        for spans in piece_spans(group, self.tagger.labels):
            yield [
                HighlightedPart(s.start, s.end, s.label, s.score if shown else None) for s in spans
            ]

    @property
    def is_displacy(self) -> bool:
        """Whether lines for displaCy are written, not HTML."""
        return self.options.format == "displacy"

    @property
    def plain(self) -> bool:
        """Whether the tagger predicts plain tags."""
        return self.tagger.scheme is Scheme.PLAIN

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of each label in the style of the page."""
        return label_numbers(shown_labels(self.tagger))


@dataclass(kw_only=True)
class ShownDocuments:
    """Documents that arrive piece by piece. number: of the present one."""

    writer: ShownTextWriter
    documents: Sequence[AnnotatedText]
    parts: list[bytes]
    number: int = -1

    def __post_init__(self) -> None:
        self.highlights: list[HighlightedPart] = []

    def add(
        self, number: int, base: int, content: str, highlights: Sequence[HighlightedPart]
    ) -> None:
        """Add a piece of a document. base: where it begins there."""
        if number != self.number:
            self.end()
            self.number = number
            if not self.writer.is_displacy:
                self.parts.append(document_opening(self.title).encode())
        if self.writer.is_displacy:
            self.highlights += highlights
            return
        shifted = [h._replace(start=h.start - base, end=h.end - base) for h in highlights]
        self.parts.append(self.writer.html(content, shifted).encode())

    def end(self) -> None:
        """End the present document, if there is one."""
        if self.number < 0:
            return
        if self.writer.is_displacy:
            line = self.writer.line(self.documents[self.number].text, self.highlights, self.title)
            self.parts.append(line)
            self.highlights = []
        else:
            self.parts.append(DOCUMENT_END.encode())

    @property
    def title(self) -> str | None:
        """The id or file name of the present document."""
        name = self.documents[self.number].name
        return None if name is None else str(name)


def shown_labels(tagger: Tagger) -> list[str]:
    """The labels that a page of this tagger shows, in order: entity types, or plain tags."""
    if tagger.scheme is Scheme.PLAIN:
        return list(tagger.encoder.tags.symbols)
    return sorted({label for label in tagger.labels if label})
