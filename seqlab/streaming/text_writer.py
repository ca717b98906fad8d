"""Raw texts in, JSON objects with spans, tokens and their offsets out; or sentences, for the other formats."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, groupby, islice, repeat
from typing import Any

import numpy as np

from seqlab.annotations.annotated_text import NO_METADATA, AnnotatedText
from seqlab.corpus.jsonl import TAGGED_KEYS, finite
from seqlab.corpus.sentence import Sentence
from seqlab.errors import UserError
from seqlab.machine.cached_property import cached_property
from seqlab.streaming.output import OutputOptions, path_object
from seqlab.tagging.spans import SpanScorer
from seqlab.tagging.tagger import Prediction, Tagger
from seqlab.tagging.text_json import (
    JsonFragments,
    json_fragments,
    json_frame,
    json_object,
    without_half_surrogates,
)
from seqlab.tagging.text_pieces import (
    LONGEST_PIECE,
    TaggedPieces,
    TextPiece,
    cut_pieces,
    tokens_at,
)
from seqlab.text.cutting import TextRules, cut_sentences
from seqlab.text.offset_units import OffsetUnit, offset_table

N_BEST = "n_best"
ID = "id"


@dataclass(frozen=True, kw_only=True)
class TextWriter:
    """Tags raw texts and writes each as a JSON object. scorer: gives spans their exact probabilities, if asked."""

    tagger: Tagger
    options: OutputOptions
    scorer: SpanScorer | None

    @cached_property
    def rules(self) -> TextRules:
        """How texts are cut. Raises UserError if the tagger reads feature columns."""
        options = self.options
        return self.tagger.text_rules(
            sentences=options.sentences, language=options.language, tokenized=options.tokenized
        )

    def add(self, documents: Sequence[AnnotatedText], parts: list[bytes]) -> None:
        """Append the JSON line of each document."""
        for is_long, group in groupby(documents, is_long_text):
            if is_long:
                for document in group:
                    self.add_long(document, parts)
            else:
                self.add_short(list(group), parts)

    def add_short(self, documents: Sequence[AnnotatedText], parts: list[bytes]) -> None:
        """Append documents of one piece each."""
        texts, given = [d.text for d in documents], [d.sentences for d in documents]
        for group in self.tagger.tag_pieces(
            cut_pieces(texts, self.rules, given), token_scores=self.options.scores
        ):
            tables = OffsetTables(self.options.offsets)
            fragments = self.fragments(group, tables)
            lines = []
            for piece, fragment, paths in zip(
                group.pieces, fragments, self.paths(group), strict=True
            ):
                document = documents[piece.text_number]
                lines.append(json_object(document.text, fragment, more_keys(document, paths)))
            parts.append("".join(lines).encode())

    def add_long(self, document: AnnotatedText, parts: list[bytes]) -> None:
        """Append a document of many pieces. At most two copies of its JSON are in memory."""
        spans: list[bytes] = []
        tokens: list[bytes] = []
        all_paths: list[Any] = []
        tables = OffsetTables(self.options.offsets)
        pieces = cut_pieces([document.text], self.rules, [document.sentences])
        for group in self.tagger.tag_pieces(pieces, token_scores=self.options.scores):
            for fragment, paths in zip(
                self.fragments(group, tables), self.paths(group), strict=True
            ):
                spans.append(fragment.spans.encode())
                tokens.append(fragment.tokens.encode())
                all_paths += paths or []
        more = more_keys(document, all_paths if self.options.n_best else None)
        texts = json_frame(document.text, more)
        for text, found in zip(texts, (spans, tokens, ()), strict=True):
            parts.append(text.encode())
            filled = list(filter(None, found))
            parts += filled[:1]
            for part in filled[1:]:
                parts += (b", ", part)  # not joined: that would be one more copy

    def fragments(self, group: TaggedPieces, tables: "OffsetTables") -> Iterator[JsonFragments]:
        """Yield the JSON of each piece's spans and tokens."""
        if self.scorer is not None:
            group = with_exact_scores(group, self.scorer)
        symbols, labels = self.tagger.encoder.tags.symbols, self.tagger.labels
        return json_fragments(group, symbols, labels, list(map(tables.of_piece, group.pieces)))

    def paths(self, group: TaggedPieces) -> Iterator[list[Any] | None]:
        """Yield the most probable tag sequences of each piece's sentences; None if they were not asked for."""
        if self.options.n_best is None:
            yield from repeat(None, len(group.pieces))
            return
        best = iter(self.tagger.n_best_chunk(group.sentences, self.options.n_best))
        for piece in group.pieces:
            paths = islice(best, len(piece.sentences))
            yield [list(map(path_object, each)) for each in paths]


class OffsetTables:
    """Converts offsets in pieces, given in order, to offsets in their texts. unit: of the latter."""

    def __init__(self, unit: OffsetUnit) -> None:
        self.unit, self.base = unit, 0

    def of_piece(self, piece: TextPiece) -> Sequence[int] | None:
        """The offset in the text by the offset in the piece; None if they are equal."""
        base = self.base if piece.base else 0
        table = offset_table(piece.text, self.unit)
        self.base = base + table[-1]
        if isinstance(table, range):
            return range(base, self.base + 1) if base else None
        return [base + offset for offset in table] if base else table


def is_long_text(document: AnnotatedText) -> bool:
    """Whether a text may have several pieces."""
    return len(document.text) > LONGEST_PIECE


def with_exact_scores(group: TaggedPieces, scorer: SpanScorer) -> TaggedPieces:
    """Tagged pieces whose spans have the probabilities of `SpanScorer`."""
    symbols = scorer.tagger.encoder.tags.symbols
    tags = map(symbols.__getitem__, group.tag_ids)
    no_scores = np.zeros(0, np.float32)
    predictions = [
        Prediction(tags=tuple(islice(tags, len(sentence))), scores=no_scores)
        for sentence in group.sentences
    ]
    exact = chain.from_iterable(scorer.confidences(group.sentences, predictions))
    spans = [
        span._replace(score=one.probability) for span, one in zip(group.spans, exact, strict=True)
    ]
    return replace(group, spans=spans)


def more_keys(document: AnnotatedText, paths: list[Any] | None) -> str:
    """The JSON of further keys: the document's id, the keys that its file states, and tag sequences.

    Raises UserError for what JSON cannot hold.
    """
    if document.name is None and not document.metadata and paths is None:
        return ""
    fields = {k: value for k, value in metadata_of(document).items() if k not in TAGGED_KEYS}
    if paths is not None:
        fields[N_BEST] = paths
    try:
        more = json.dumps(finite(fields), ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise UserError(f"{document.source}: JSON can't hold this document: {error}") from None
    return f", {without_half_surrogates(more)[1:-1]}" if fields else ""


def sentences_of_texts(
    documents: Sequence[AnnotatedText], rules: TextRules, *, blank: bool, paragraphs: bool
) -> list[Sentence]:
    """The sentences of raw texts, for formats without offsets.

    The first sentence of a document gets its id and other keys as metadata.
    blank: a document without tokens becomes an empty sentence. paragraphs: an empty sentence follows each document.
    """
    sentences: list[Sentence] = []
    for document in documents:
        text, source = document.text, document.source
        if document.sentences is None:
            cut = [sentence.tokens for sentence in cut_sentences(text, rules)]
        else:
            cut = [tokens_at(text, offsets) for offsets in document.sentences]
        metadata = metadata_of(document)
        for tokens in cut:
            sentences.append(Sentence(tokens=tokens, metadata=metadata, source=source))
            metadata = NO_METADATA
        if (blank and not cut) or paragraphs:
            sentences.append(Sentence(tokens=(), source=source))
    return sentences


def metadata_of(document: AnnotatedText) -> Mapping[str, Any]:
    """The keys of a document, with its id."""
    return document.metadata if document.name is None else {ID: document.name, **document.metadata}
