"""Docs of spaCy: their tokens by sentence, and the spans, tags and scores that they get."""

from collections.abc import Sequence
from typing import cast

from spacy.tokens import Doc, Span, SpanGroup, Token

from seqlab.tagging.tagged_text import TaggedSpan
from seqlab.tagging.tagged_tokens import TaggedTokenList
from seqlab.text.cutting import CuttingChoice
from seqlab.text.sentence_bounds import sentence_bounds

SCORE = "seqlab_score"

for holder in (Span, Token):
    holder.set_extension(SCORE, default=None, force=True)

SpanOfDoc = tuple[Span, float]
"""A span of a doc, and the smallest probability among its tags."""


def tokens_by_sentence(doc: Doc, cutting: CuttingChoice) -> list[list[Token]]:
    """The tokens of each sentence, without white space.

    Sentences are those of the doc, if a component before this one has set them; otherwise those of `tag_text`.
    """
    if doc.has_annotation("SENT_START"):
        return [[token for token in sent if not token.is_space] for sent in doc.sents]
    ends = (end for _, end in sentence_bounds(doc.text, cutting.sentences, cutting.language))
    groups: list[list[Token]] = []
    sentence_end = -1
    for token in doc:
        if token.is_space:
            continue
        if token.idx >= sentence_end:
            sentence_end = next((end for end in ends if end > token.idx), len(doc.text))
            groups.append([])
        groups[-1].append(token)
    return groups


def set_spans(
    doc: Doc, spans: Sequence[SpanOfDoc], *, spans_key: str, overwrite_ents: bool
) -> None:
    """Put spans and scores into `doc.spans[spans_key]`, and those that do not overlap into `doc.ents`.

    overwrite_ents: replace the entities of the doc; otherwise they stay, and so do blocked tokens.
    """
    doc.spans[spans_key] = SpanGroup(
        doc,
        name=spans_key,
        spans=[span for span, _ in spans],
        attrs={"scores": [score for _, score in spans]},
    )
    for span, score in spans:
        span._.set(SCORE, score)
    before = [] if overwrite_ents else list(doc.ents)
    blocked = [] if overwrite_ents else [doc[t.i : t.i + 1] for t in doc if is_blocked(t)]
    taken = {place for span in (*before, *blocked) for place in range(span.start, span.end)}
    entities = before
    for span, _ in spans:
        own = set(range(span.start, span.end))
        if not own & taken:
            taken |= own
            entities.append(span)
    doc.set_ents(entities, blocked=blocked)


def is_blocked(token: Token) -> bool:
    """Whether a component before this one has said that no entity may hold the token."""
    return bool(token.ent_iob_ == "B" and not token.ent_type)


def set_tags(tokens: Sequence[Token], tagged: TaggedTokenList) -> None:
    """Set the plain tags of one sentence, with their scores."""
    for token, own in zip(tokens, tagged.tokens, strict=True):
        token.tag_ = own.tag
        token._.set(SCORE, own.score)


def touched(doc: Doc, span: TaggedSpan) -> Span:
    """The tokens of a doc that a span of its text touches."""
    found = doc.char_span(span.start, span.end, label=span.label, alignment_mode="expand")
    return cast(Span, found)  # never None: the span lies in the text
