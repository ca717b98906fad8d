"""The JSON of an answer, written as text: `json.dumps` of many small objects takes several times as long."""

from collections.abc import Iterator, Sequence
from itertools import chain
from json.encoder import encode_basestring
from typing import NamedTuple

from seqlab.arrays import FloatArray, Int32Array
from seqlab.serving.served_taggers import ServedTagger
from seqlab.serving.tag_request import TagRequest
from seqlab.tagging.text_json import json_number, without_half_surrogates
from seqlab.tagging.text_pieces import SpanRow
from seqlab.text.cutting import CutSentence
from seqlab.text.offset_units import offset_table


class TaggedItem(NamedTuple):
    """A tagged text, or a tagged list of tokens.

    first: the number of its first token, from which `spans` are counted. tag_ids, scores: of its tokens.
    text, cuts: None for a list of tokens. tokens: empty for a text.
    """

    first: int
    tag_ids: Int32Array
    scores: FloatArray
    spans: Sequence[SpanRow]
    text: str | None
    cuts: Sequence[CutSentence] | None
    tokens: Sequence[str]


class Placed(NamedTuple):
    """Where tokens stand: offsets in the unit of the answer, and in code points for cutting the text."""

    starts: Sequence[int]
    ends: Sequence[int]
    text: str | None
    tokens: Sequence[str]
    inner_starts: Sequence[int]
    inner_ends: Sequence[int]

    def span_text(self, start: int, stop: int) -> str:
        """The text of a span of tokens."""
        if self.text is None:
            return " ".join(self.tokens[start:stop])
        return self.text[self.inner_starts[start] : self.inner_ends[stop - 1]]


def answer_body(items: Sequence[TaggedItem], request: TagRequest, served: ServedTagger) -> bytes:
    """The body of an answer in UTF-8."""
    end = f'"tagger": {encode_basestring(served.name)}, "version": "{served.version}"}}'
    parts = [item_json(item, request, served) for item in items]
    if request.many:
        text = f'{{"results": [{", ".join([f"{{{part}}}" for part in parts])}], {end}'
    else:
        text = f"{{{parts[0]}, {end}"
    try:
        return text.encode()
    except UnicodeEncodeError:
        return without_half_surrogates(text).encode()


def item_json(item: TaggedItem, request: TagRequest, served: ServedTagger) -> str:
    """The keys and values of one tagged text or list of tokens."""
    if not item.spans and not (request.details or served.plain):
        return '"spans": []'  # most sentences
    placed = placed_tokens(item, request)
    spans = ", ".join(span_objects(item, placed, request, served))
    if not (request.details or served.plain):
        return f'"spans": [{spans}]'
    tokens = ", ".join(token_objects(item, placed, served))
    return f'"spans": [{spans}], "tokens": [{tokens}]'


def placed_tokens(item: TaggedItem, request: TagRequest) -> Placed:
    """Where the tokens of an item stand. Offsets of a list of tokens count tokens."""
    if item.text is None or item.cuts is None:
        count = len(item.tokens)
        return Placed(range(count), range(1, count + 1), None, item.tokens, (), ())
    cuts = item.cuts
    inner_starts = list(chain.from_iterable([cut.offsets.starts for cut in cuts]))
    inner_ends = list(chain.from_iterable([cut.offsets.ends for cut in cuts]))
    tokens = list(chain.from_iterable([cut.tokens for cut in cuts]))
    starts, ends = inner_starts, inner_ends
    if request.offsets != "codepoints":
        table = offset_table(item.text, request.offsets)
        starts, ends = [table[i] for i in inner_starts], [table[i] for i in inner_ends]
    return Placed(starts, ends, item.text, tokens, inner_starts, inner_ends)


def span_objects(
    item: TaggedItem, placed: Placed, request: TagRequest, served: ServedTagger
) -> Iterator[str]:
    """Yield the JSON of each span whose score reaches the threshold of its label."""
    thresholds, labels = request.thresholds, served.tagger.labels
    for span in item.spans:
        start, stop, label = span.start - item.first, span.stop - item.first, labels[span.tag_id]
        # The rounded score, which the client sees, decides.
        if thresholds and round(span.score, 4) < thresholds.get(label, 0):
            continue
        yield (
            f'{{"start": {placed.starts[start]}, "end": {placed.ends[stop - 1]}, '
            f'"label": {encode_basestring(label)}, '
            f'"text": {encode_basestring(placed.span_text(start, stop))}, '
            f'"score": {json_number(span.score)}}}'
        )


def token_objects(item: TaggedItem, placed: Placed, served: ServedTagger) -> Iterator[str]:
    """Yield the JSON of each token."""
    tags = [encode_basestring(symbol) for symbol in served.tagger.encoder.tags.symbols]
    rows = zip(
        placed.starts,
        placed.ends,
        map(encode_basestring, placed.tokens),
        map(tags.__getitem__, item.tag_ids.tolist()),
        map(json_number, item.scores.tolist()),
        strict=True,
    )
    for start, end, text, tag, score in rows:
        yield f'{{"start": {start}, "end": {end}, "text": {text}, "tag": {tag}, "score": {score}}}'
