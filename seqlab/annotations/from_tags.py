"""Turn tagged tokens into a text with labelled spans, the reverse of `align`."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from seqlab.annotations.annotated_text import NO_METADATA, AnnotatedText, LabelledSpan
from seqlab.errors import UserError
from seqlab.text.cutting import TokenOffsets


class TaggedTokens(NamedTuple):
    """One sentence. tags: IOB2, or None. text, offsets: as in `Sentence`, or None if only tokens are known."""

    tokens: Sequence[str]
    tags: Sequence[str] | None = None
    text: str | None = None
    offsets: TokenOffsets | None = None


def annotated_text(
    sentences: Sequence[TaggedTokens],
    *,
    source: str = "",
    name: int | str | None = None,
    metadata: Mapping[str, Any] = NO_METADATA,
) -> AnnotatedText:
    """Join the sentences of one document.

    Sentences with `text` keep it; consecutive sentences with the same text share it. Without a text, tokens
    are joined by one space. A line break joins sentences that share no text.
    Raises UserError for a tag that is not IOB2.

    >>> annotated_text([TaggedTokens(["Ada", "left"], ["B-PER", "O"])]).spans
    (LabelledSpan(start=0, end=3, label='PER'),)
    """
    parts: list[str] = []
    offsets: list[TokenOffsets] = []
    spans: list[LabelledSpan] = []
    base, length = 0, 0  # where the current text begins, and the length of all text so far
    previous: TaggedTokens | None = None
    for sentence in sentences:
        text, local = _text_and_offsets(sentence)
        if previous is None or not _share_text(previous, sentence):
            base = length + 1 if parts else 0
            length = base + len(text)
            parts.append(text)
        previous = sentence
        moved = TokenOffsets(
            tuple(base + start for start in local.starts), tuple(base + end for end in local.ends)
        )
        offsets.append(moved)
        spans += _spans(sentence.tags or (), moved, source)
    return AnnotatedText(
        text="\n".join(parts),
        spans=tuple(spans),
        sentences=tuple(offsets),
        source=source,
        name=name,
        metadata=metadata,
    )


def _text_and_offsets(sentence: TaggedTokens) -> tuple[str, TokenOffsets]:
    if sentence.text is not None and sentence.offsets is not None:
        return sentence.text, sentence.offsets
    starts, position = [], 0
    for token in sentence.tokens:
        starts.append(position)
        position += len(token) + 1
    ends = [start + len(token) for start, token in zip(starts, sentence.tokens, strict=True)]
    return " ".join(sentence.tokens), TokenOffsets(tuple(starts), tuple(ends))


def _share_text(previous: TaggedTokens, sentence: TaggedTokens) -> bool:
    """Whether a sentence goes on in the text of the one before. Two equal sentences have two texts."""
    before, after = previous.offsets, sentence.offsets
    if before is None or after is None or sentence.text is None or previous.text != sentence.text:
        return False
    return not before.ends or not after.starts or before.ends[-1] <= after.starts[0]


def _spans(tags: Sequence[str], offsets: TokenOffsets, source: str) -> Iterator[LabelledSpan]:
    """Yield the spans of one sentence. I- without a span of its class before it begins one."""
    open_span: LabelledSpan | None = None
    for tag, start, end in zip(tags, *offsets, strict=bool(tags)):
        prefix, _, label = tag.partition("-")
        if tag != "O" and (prefix not in ("B", "I") or not label):
            fact = f"tag {tag!r} is not IOB2; annotation files hold spans, so only span tags can be written"
            raise UserError(f"{source}: {fact}" if source else fact)
        if open_span is not None and prefix == "I" and open_span.label == label:
            open_span = open_span._replace(end=end)
            continue
        if open_span is not None:
            yield open_span
        open_span = None if tag == "O" else LabelledSpan(start, end, label)
    if open_span is not None:
        yield open_span
