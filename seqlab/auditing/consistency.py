"""Texts that are labelled in several ways: with different classes, or left outside of spans elsewhere.

Texts are compared as written, including case. Some are rightly ambiguous (Washington), so these are
texts to check, not mistakes. For plain tags the texts are single tokens, and ambiguity is normal.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from seqlab.auditing.label_counts import ContextLabels, Inconsistency, LabelCounts, TokenTuple
from seqlab.auditing.views import SplitView
from seqlab.corpus.schemes import OUTSIDE_TAG, Scheme

LONGEST = 10  # tokens of a text that is looked for outside of spans


@dataclass(frozen=True, kw_only=True)
class Consistency:
    """How consistently all splits together label the same texts.

    spans: how many there are (plain tags: tokens).
    different_texts: how many texts have several classes. different_classes: the worst few of them.
    different_share: share of the spans without the most frequent class of their text.
    outside_texts: how many texts of spans are also O. outside_elsewhere: the worst few of them.
    outside_share: share of the spans, and of the O occurrences of their texts, that differ from the most
    frequent label of their text.
    context, outside_context: the same where the word before a text decides most of its labels; else None.
    """

    spans: int
    different_texts: int
    different_share: float | None
    different_classes: tuple[Inconsistency, ...]
    outside_texts: int
    outside_share: float | None
    outside_elsewhere: tuple[Inconsistency, ...]
    context: ContextLabels | None = None
    outside_context: ContextLabels | None = None


def check_consistency(splits: Iterable[SplitView]) -> Consistency:
    """Compare the labels of each text over all splits."""
    views = list(splits)
    spans, everything = LabelCounts(), LabelCounts()
    for split in views:
        for text, label, source, before in labelled_texts(split):
            spans.add(text, label, source, before)
            everything.add(text, label, source, before)
    for split in views:
        for text, source, before in outside_occurrences(split, spans.counts):
            everything.add(text, OUTSIDE_TAG, source, before)
    different = [text for text, counts in spans.counts.items() if len(counts) > 1]
    outside = [t for t, c in everything.counts.items() if OUTSIDE_TAG in c and t in spans.counts]
    if any(split.scheme is Scheme.PLAIN for split in views):
        outside = []
    return Consistency(
        spans=sum(counts.total() for counts in spans.counts.values()),
        different_texts=len(different),
        different_share=spans.minority_share(different),
        different_classes=spans.worst(different),
        outside_texts=len(outside),
        outside_share=everything.minority_share(outside),
        outside_elsewhere=everything.worst(outside),
        context=spans.in_context(different),
        outside_context=everything.in_context(outside),
    )


def labelled_texts(split: SplitView) -> Iterator[tuple[TokenTuple, str, str, str | None]]:
    """Text, class, source and word before of every span; of every token for plain tags, without the word."""
    if split.scheme is Scheme.PLAIN:
        for sentence in split.sentences:
            for token, tag in zip(sentence.tokens, sentence.tags or (), strict=True):
                yield (token,), tag, sentence.source, None
    for span in split.spans:
        before = word_before(split.sentences[span.sentence].tokens, span.start)
        yield split.span_text(span), span.class_name, split.span_source(span), before


def word_before(tokens: TokenTuple, start: int) -> str:
    """The word before a position; '' at the start of a sentence."""
    return tokens[start - 1] if start else ""


def outside_occurrences(
    split: SplitView, texts: Mapping[TokenTuple, object]
) -> Iterator[tuple[TokenTuple, str, str]]:
    """Text, source and word before of each place where one of `texts` occurs with O on all its tokens."""
    if split.scheme is Scheme.PLAIN:
        return
    lengths = lengths_by_first_token(texts)
    for sentence in split.sentences:
        tokens, tags = sentence.tokens, sentence.tags or ()
        for start, token in enumerate(tokens):
            for length in lengths.get(token, ()) if tags[start] == OUTSIDE_TAG else ():
                text = tokens[start : start + length]
                if text in texts and tags[start : start + length].count(OUTSIDE_TAG) == length:
                    yield text, sentence.source, word_before(tokens, start)


def lengths_by_first_token(texts: Iterable[TokenTuple]) -> dict[str, list[int]]:
    """For each first token, the lengths of the texts that begin with it, up to `LONGEST`."""
    lengths: defaultdict[str, set[int]] = defaultdict(set)
    for text in texts:
        if len(text) <= LONGEST:
            lengths[text[0]].add(len(text))
    return {token: sorted(values) for token, values in lengths.items()}
