"""Texts that are labelled in several ways: with different classes, or left outside of spans elsewhere.

Texts are compared as written, including case. Some are rightly ambiguous (Washington), so these are
texts to check, not mistakes. For plain tags the texts are single tokens, and ambiguity is normal.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from seqlab.auditing.views import SplitView
from seqlab.corpus.schemes import OUTSIDE_TAG, Scheme
from seqlab.machine.wording import ratio

LONGEST = 10  # tokens of a text that is looked for outside of spans
MOST_TEXTS = 10

TokenTuple = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class LabelCount:
    """How often a text has a label. example: 'path:line' of the first sentence with it."""

    count: int
    example: str


@dataclass(frozen=True, kw_only=True)
class Inconsistency:
    """A text with several labels.

    readings: by label, the most frequent first. against: occurrences without the most frequent label.
    """

    text: str
    readings: Mapping[str, LabelCount]
    against: int


@dataclass(frozen=True, kw_only=True)
class Consistency:
    """How consistently all splits together label the same texts.

    spans: how many there are (plain tags: tokens).
    different_texts: how many texts have several classes. different_classes: the worst few of them.
    different_share: share of the spans without the most frequent class of their text.
    outside_texts: how many texts of spans are also O. outside_elsewhere: the worst few of them.
    outside_share: share of the spans, and of the O occurrences of their texts, that differ from the most
    frequent label of their text.
    """

    spans: int
    different_texts: int
    different_share: float | None
    different_classes: tuple[Inconsistency, ...]
    outside_texts: int
    outside_share: float | None
    outside_elsewhere: tuple[Inconsistency, ...]


class LabelCounts:
    """How often each text has each label, with the first example."""

    def __init__(self) -> None:
        self.counts: defaultdict[TokenTuple, Counter[str]] = defaultdict(Counter)
        self.examples: dict[tuple[TokenTuple, str], str] = {}

    def add(self, text: TokenTuple, label: str, source: str) -> None:
        """Count one occurrence."""
        self.counts[text][label] += 1
        self.examples.setdefault((text, label), source)

    def minority(self, text: TokenTuple) -> int:
        """Occurrences without the most frequent label."""
        return self.counts[text].total() - max(self.counts[text].values())

    def minority_share(self, texts: Iterable[TokenTuple]) -> float | None:
        """The share of `texts` without their most frequent label, over the occurrences of all texts."""
        total = sum(counts.total() for counts in self.counts.values())
        return ratio(sum(map(self.minority, texts)), total)

    def worst(self, texts: Iterable[TokenTuple]) -> tuple[Inconsistency, ...]:
        """The texts with the most occurrences that lack their most frequent label."""
        ordered = sorted(texts, key=lambda text: (-self.minority(text), text))
        return tuple(
            Inconsistency(
                text=" ".join(text),
                readings={
                    label: LabelCount(count=count, example=self.examples[text, label])
                    for label, count in self.counts[text].most_common()
                },
                against=self.minority(text),
            )
            for text in ordered[:MOST_TEXTS]
        )


def check_consistency(splits: Iterable[SplitView]) -> Consistency:
    """Compare the labels of each text over all splits."""
    views = list(splits)
    spans, everything = LabelCounts(), LabelCounts()
    for split in views:
        for text, label, source in labelled_texts(split):
            spans.add(text, label, source)
            everything.add(text, label, source)
    for split in views:
        for text, source in outside_occurrences(split, spans.counts):
            everything.add(text, OUTSIDE_TAG, source)
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
    )


def labelled_texts(split: SplitView) -> Iterator[tuple[TokenTuple, str, str]]:
    """Text, class and source of every span; of every token for plain tags."""
    if split.scheme is Scheme.PLAIN:
        for sentence in split.sentences:
            for token, tag in zip(sentence.tokens, sentence.tags or (), strict=True):
                yield (token,), tag, sentence.source
    for span in split.spans:
        yield split.span_text(span), span.class_name, split.span_source(span)


def outside_occurrences(
    split: SplitView, texts: Mapping[TokenTuple, object]
) -> Iterator[tuple[TokenTuple, str]]:
    """Text and source of each place where one of `texts` occurs with O on all its tokens."""
    if split.scheme is Scheme.PLAIN:
        return
    lengths = lengths_by_first_token(texts)
    for sentence in split.sentences:
        tokens, tags = sentence.tokens, sentence.tags or ()
        for start, token in enumerate(tokens):
            for length in lengths.get(token, ()) if tags[start] == OUTSIDE_TAG else ():
                text = tokens[start : start + length]
                if text in texts and tags[start : start + length].count(OUTSIDE_TAG) == length:
                    yield text, sentence.source


def lengths_by_first_token(texts: Iterable[TokenTuple]) -> dict[str, list[int]]:
    """For each first token, the lengths of the texts that begin with it, up to `LONGEST`."""
    lengths: defaultdict[str, set[int]] = defaultdict(set)
    for text in texts:
        if len(text) <= LONGEST:
            lengths[text[0]].add(len(text))
    return {token: sorted(values) for token, values in lengths.items()}
