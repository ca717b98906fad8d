"""Raw texts cut into sentences and tokens, many at once, and their tags: what the network needs and what it finds."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import NamedTuple

import numpy as np

from seqlab.arrays import BoolArray, FloatArray, Int32Array, Int64Array
from seqlab.corpus.sentence import Sentence
from seqlab.errors import UserError, with_type
from seqlab.text.cutting import CutSentence, TextRules, TokenOffsets, cut_sentences

LONGEST_PIECE = 1 << 18
"""A piece ends at the first line end after this many characters."""
PIECES_TOKENS = 1 << 16  # pieces are tagged together until they have this many tokens
CHUNK_CHARACTERS = 1 << 18  # characters of texts that are read ahead


class TextPiece(NamedTuple):
    """A part of a text that no sentence crosses; nearly always the whole text.

    text_number: which text of the list it belongs to. base: where it begins in that text, in code points.
    sentences: its tokens, with offsets counted from its own first character.
    """

    text_number: int
    base: int
    text: str
    sentences: Sequence[CutSentence]


class SpanRow(NamedTuple):
    """A span of tokens, from token `start` to before token `stop` of all pieces. tag_id: of its first token."""

    start: int
    stop: int
    tag_id: int
    score: float


@dataclass(frozen=True, kw_only=True)
class TaggedPieces:
    """Some pieces with their tags; P pieces, and T tokens of all of them one after another.

    sentences: of all pieces, in order. bounds: P + 1 numbers, the first token of each piece.
    starts, ends: where each token stands in its piece. tokens: the texts of the tokens.
    tag_ids: each token's index among the tagger's tags.
    scores: float32 (T,), the calibrated probability of each tag; None if they were not asked for.
    spans: of all pieces, in order.
    """

    pieces: Sequence[TextPiece]
    sentences: Sequence[Sentence]
    bounds: Sequence[int]
    starts: Sequence[int]
    ends: Sequence[int]
    tokens: Sequence[str]
    tag_ids: Sequence[int]
    scores: FloatArray | None
    spans: Sequence[SpanRow]


def chunks_of_texts(texts: Iterable[str]) -> Iterator[list[str]]:
    """Yield lists of texts with about `CHUNK_CHARACTERS` characters. Raises UserError for what is no text."""
    if isinstance(texts, str) or not hasattr(texts, "__iter__"):
        raise UserError(f"tag_texts takes a list of texts; found {with_type(texts)}")
    chunk: list[str] = []
    size = 0
    for number, text in enumerate(texts, start=1):
        if not isinstance(text, str):
            raise UserError(
                f"tag_texts takes a list of texts; number {number} is {with_type(text)}"
            )
        chunk.append(text)
        size += len(text) + 1
        if size >= CHUNK_CHARACTERS:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def cut_pieces(
    texts: Sequence[str],
    rules: TextRules,
    given: Sequence[Sequence[TokenOffsets] | None] | None = None,
) -> Iterator[TextPiece]:
    """Yield the pieces of each text. given: the tokens of texts whose file states them."""
    for number, text in enumerate(texts):
        stated = given[number] if given else None
        if stated is not None:
            yield TextPiece(number, 0, text, [CutSentence(tokens_at(text, o), o) for o in stated])
            continue
        for start, end in piece_bounds(text):
            piece = text if end - start == len(text) else text[start:end]
            yield TextPiece(number, start, piece, list(cut_sentences(piece, rules)))


def piece_bounds(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each piece of a text begins and ends.

    A text longer than `LONGEST_PIECE` is divided at line ends, which always end a sentence. So memory grows with
    the text, and not with its tokens. A line is never divided.
    """
    start, end = 0, LONGEST_PIECE
    while (end := text.find("\n", end) + 1) and end < len(text):
        yield start, end
        start, end = end, end + LONGEST_PIECE
    if start < len(text) or not text:
        yield start, len(text)


def groups_of_pieces(pieces: Iterator[TextPiece]) -> Iterator[list[TextPiece]]:
    """Yield runs of pieces with about `PIECES_TOKENS` tokens."""
    group: list[TextPiece] = []
    tokens = 0
    for piece in pieces:
        group.append(piece)
        tokens += sum([len(sentence.tokens) for sentence in piece.sentences])
        if tokens >= PIECES_TOKENS:
            yield group
            group, tokens = [], 0
    if group:
        yield group


def sentences_of_pieces(pieces: Sequence[TextPiece]) -> list[Sentence]:
    """The sentences of some pieces, in order, for the network."""
    return [Sentence(tokens=cut.tokens) for piece in pieces for cut in piece.sentences]


def tokens_at(text: str, offsets: TokenOffsets) -> tuple[str, ...]:
    """The tokens of a sentence."""
    return tuple(map(text.__getitem__, map(slice, *offsets)))


def tagged_pieces(
    pieces: Sequence[TextPiece],
    sentences: Sequence[Sentence],
    tag_ids: Int32Array,
    scores: FloatArray,
    spans: Sequence[SpanRow],
    *,
    token_scores: bool,
) -> TaggedPieces:
    """Pieces with the tags of their sentences. tag_ids: int32 (T,). scores: float32 (T,)."""
    cuts = [cut.offsets for piece in pieces for cut in piece.sentences]
    counts = [sum([len(cut.tokens) for cut in piece.sentences]) for piece in pieces]
    return TaggedPieces(
        pieces=pieces,
        sentences=sentences,
        bounds=[0, *accumulate(counts)],
        starts=list(chain.from_iterable([offsets.starts for offsets in cuts])),
        ends=list(chain.from_iterable([offsets.ends for offsets in cuts])),
        tokens=list(chain.from_iterable([sentence.tokens for sentence in sentences])),
        tag_ids=tag_ids.tolist(),
        scores=scores if token_scores else None,
        spans=spans,
    )


def span_bounds(
    tag_ids: Int32Array, offsets: Int64Array, *, outside: BoolArray, continues: BoolArray
) -> tuple[Int64Array, Int64Array]:
    """The first token of each span and the token after it, of all sentences: the spans of `decode_spans`.

    tag_ids: int32 (T,). offsets: int64 (N + 1,), first token of each sentence.
    outside: bool (C,), whether a tag belongs to no span.
    continues: bool (C, C), [tag, next tag], whether the next tag continues the span of the tag.
    """
    inside = ~outside[tag_ids]
    joined = np.zeros(
        len(tag_ids) + 1, np.bool_
    )  # whether a token continues the span of the token before
    joined[1:-1] = continues[tag_ids[:-1], tag_ids[1:]]
    joined[offsets] = False
    starts = np.flatnonzero(inside & ~joined[:-1])
    stops = np.flatnonzero(inside & ~joined[1:]) + 1
    return starts, stops


def span_rows(
    starts: Int64Array, stops: Int64Array, tag_ids: Int32Array, scores: FloatArray
) -> list[SpanRow]:
    """Spans with their scores: the smallest probability among the tags of a span.

    An upper bound of the probability that all of them are right. scores: float32 (T,).
    """
    if not len(starts):
        return []
    edges = np.ravel(np.column_stack([starts, stops]))
    padded = np.append(scores, np.float32(1))  # the last stop may be T
    smallest = np.minimum.reduceat(padded, edges)[::2]
    rows = zip(
        starts.tolist(), stops.tolist(), tag_ids[starts].tolist(), smallest.tolist(), strict=True
    )
    return list(map(SpanRow._make, rows))
