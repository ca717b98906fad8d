"""Tagged lists of tokens: their spans and tokens as those of raw text, with places counted in tokens."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from seqlab.corpus.corpus_arrays import offsets_of
from seqlab.corpus.sentence import Sentence
from seqlab.inference.scorer import sentence_lengths
from seqlab.tagging.tagged_text import TaggedSpan, TaggedToken
from seqlab.tagging.text_pieces import span_bounds, span_rows
from seqlab.tagging.text_tagging import TextTagging
from seqlab.tagging.thresholds import SpanThresholds, kept_spans

READ_AHEAD = 2048  # sentences that are tagged together


@dataclass(frozen=True, kw_only=True)
class TaggedTokenList:
    """The spans and tokens of one sentence, in order. `start` and `end` count tokens from 0.

    spans: empty if the tagger predicts plain tags. The text of a span is that of its tokens, joined by spaces.
    """

    spans: tuple[TaggedSpan, ...]
    tokens: tuple[TaggedToken, ...]


def tag_token_lists(
    tagger: TextTagging, sentences: Iterable[Sentence], *, thresholds: SpanThresholds | None = None
) -> Iterator[TaggedTokenList]:
    """Tag sentences, in order. Reads `READ_AHEAD` sentences ahead and holds no more.

    thresholds: by label, the smallest score of the spans that are kept.
    """
    source = iter(sentences)
    while chunk := list(islice(source, READ_AHEAD)):
        yield from tag_chunk(tagger, chunk, thresholds or {})


def tag_chunk(
    tagger: TextTagging, sentences: Sequence[Sentence], thresholds: SpanThresholds
) -> list[TaggedTokenList]:
    """Tag as many sentences as fit in memory."""
    tag_ids, scores = tagger.flat_tags(sentences, scored=np.ones_like(tagger.outside))
    offsets = offsets_of(sentence_lengths(sentences))
    starts, stops = span_bounds(
        tag_ids, offsets, outside=tagger.outside, continues=tagger.continues
    )
    owners = np.searchsorted(offsets, starts, side="right") - 1  # also beside empty sentences
    spans: list[list[TaggedSpan]] = [[] for _ in sentences]
    for owner, row in zip(owners.tolist(), span_rows(starts, stops, tag_ids, scores), strict=True):
        first = int(offsets[owner])
        start, end = row.start - first, row.stop - first
        text = " ".join(sentences[owner].tokens[start:end])
        spans[owner].append(TaggedSpan(start, end, tagger.labels[row.tag_id], text, row.score))
    symbols, names, numbers = tagger.encoder.tags.symbols, tag_ids.tolist(), scores.tolist()
    tagged = []
    for sentence, first, own_spans in zip(sentences, offsets.tolist(), spans, strict=False):
        tokens = tuple(
            TaggedToken(at, at + 1, token, symbols[names[first + at]], numbers[first + at])
            for at, token in enumerate(sentence.tokens)
        )
        kept = tuple(kept_spans(own_spans, thresholds))
        tagged.append(TaggedTokenList(spans=kept, tokens=tokens))
    return tagged
