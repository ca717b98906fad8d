"""Tagged texts as JSON objects, many at once: each token costs a look-up in tables of ready text.

The keys are described in the reference of the output. `json.dumps` would write the same text, ten times slower.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import pairwise
from json.encoder import encode_basestring
from math import isfinite
from typing import Any, NamedTuple

from seqlab.tagging.text_pieces import TaggedPieces

OFFSETS = 1 << 14  # offsets whose JSON is kept ready; longer texts are written token by token
HALF_SURROGATE = re.compile("[\ud800-\udfff]")


class JsonFragments(NamedTuple):
    """The objects of a piece's spans and tokens, separated by commas."""

    spans: str
    tokens: str


def json_object(text: str, fragments: JsonFragments, more: str = "") -> str:
    """The JSON line of a text of one piece. more: the JSON of further keys, after a comma."""
    before_spans, before_tokens, end = json_frame(text, more)
    return f"{before_spans}{fragments.spans}{before_tokens}{fragments.tokens}{end}"


def json_frame(text: str, more: str) -> tuple[str, str, str]:
    """What stands before the spans of a text, between them and its tokens, and after the tokens."""
    return f'{{"text": {encode_basestring(text)}, "spans": [', '], "tokens": [', f"]{more}}}\n"


def without_half_surrogates(line: str) -> str:
    """A line of JSON that UTF-8 can hold: half a surrogate pair becomes an escape."""
    return HALF_SURROGATE.sub(lambda half: f"\\u{ord(half[0]):04x}", line)


def json_number(score: float) -> str:
    """A probability with four decimals; null if it is not finite.

    >>> json_number(0.98765), json_number(float("nan"))
    ('0.9877', 'null')
    """
    return repr(round(score, 4)) if isfinite(score) else "null"


def json_fragments(
    tagged: TaggedPieces, symbols: Sequence[str], labels: Sequence[str], tables: Sequence[Any]
) -> Iterator[JsonFragments]:
    """Yield the fragments of each piece.

    symbols, labels: by tag id, the tag and the label of its spans.
    tables: for each piece, its offsets in the unit of the output by those in code points; None leaves them alone.
    """
    starts, ends = shifted(tagged, tables)
    parts, width = token_parts(tagged, symbols, starts, ends)
    tails = [f', "label": {encode_basestring(label)}, "text": ' for label in labels]
    spans, number = tagged.spans, 0
    for piece, (first, stop) in zip(tagged.pieces, pairwise(tagged.bounds), strict=True):
        objects = []
        while number < len(spans) and spans[number].start < stop:
            span = spans[number]
            last = span.stop - 1
            text = encode_basestring(piece.text[tagged.starts[span.start] : tagged.ends[last]])
            objects.append(
                f'{{"start": {starts[span.start]}, "end": {ends[last]}{tails[span.tag_id]}{text}, '
                f'"score": {json_number(span.score)}}}'
            )
            number += 1
        yield JsonFragments(", ".join(objects), "".join(parts[width * first : width * stop])[2:])


def shifted(tagged: TaggedPieces, tables: Sequence[Any]) -> tuple[Sequence[int], Sequence[int]]:
    """The offsets of all tokens, counted from the beginning of each text in the unit of the output."""
    if not any(table is not None for table in tables):
        return tagged.starts, tagged.ends
    starts, ends = list(tagged.starts), list(tagged.ends)
    for table, (first, stop) in zip(tables, pairwise(tagged.bounds), strict=True):
        if table is not None:
            starts[first:stop] = map(table.__getitem__, starts[first:stop])
            ends[first:stop] = map(table.__getitem__, ends[first:stop])
    return starts, ends


def token_parts(
    tagged: TaggedPieces, symbols: Sequence[str], starts: Sequence[int], ends: Sequence[int]
) -> tuple[list[str], int]:
    """The objects of all tokens, each after ', ', as parts to be joined; and the number of parts per token."""
    texts = map(encode_basestring, tagged.tokens)
    closings = [f', "tag": {encode_basestring(symbol)}' for symbol in symbols]
    if tagged.scores is None:
        closings = [f"{closing}}}" for closing in closings]
    tags: Iterable[str] = map(closings.__getitem__, tagged.tag_ids)
    if tagged.scores is not None:
        numbers = map(json_number, tagged.scores.tolist())
        tags = [f'{tag}, "score": {score}}}' for tag, score in zip(tags, numbers, strict=True)]
    if max(ends, default=0) < OFFSETS:
        start_texts, end_texts = ready_offsets()
        parts = [""] * (4 * len(starts))
        parts[::4] = map(start_texts.__getitem__, starts)
        parts[1::4] = map(end_texts.__getitem__, ends)
        parts[2::4] = texts
        parts[3::4] = tags
        return parts, 4
    return [
        f', {{"start": {start}, "end": {end}, "text": {text}{tag}'
        for start, end, text, tag in zip(starts, ends, texts, tags, strict=True)
    ], 1


@cache
def ready_offsets() -> tuple[list[str], list[str]]:
    """The beginning of a token's object by its start, and what follows by its end."""
    starts = [f', {{"start": {offset}, "end": ' for offset in range(OFFSETS)]
    return starts, [f'{offset}, "text": ' for offset in range(OFFSETS)]
