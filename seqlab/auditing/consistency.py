"""The same text labelled in different ways: as another class, or left outside elsewhere.

Texts are compared as they are written, case included. Some are rightly ambiguous (Washington);
this finds where to look. For plain tags the texts are single tokens, and ambiguity is the rule.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from seqlab.auditing.views import SplitView
from seqlab.corpus.schemes import OUTSIDE_TAG, Scheme
from seqlab.machine.wording import ratio

LONGEST = 10  # tokens of a text that is looked for outside spans
NAMED = 10

Text = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One way in which a text is labelled: how often, and 'path:line' of the first sentence."""

    count: int
    example: str


@dataclass(frozen=True, kw_only=True)
class Inconsistency:
    """A text with several readings, the most frequent first. against: all but the most frequent."""

    text: str
    readings: Mapping[str, Reading]
    against: int


@dataclass(frozen=True, kw_only=True)
class Consistency:
    """What all splits together say about the same texts.

    spans: all spans (tokens, for plain tags).
    different_classes, outside_elsewhere: texts, most doubtful first; only the first few are kept.
    different_share: of the spans, those that have not their text's most frequent class.
    outside_share: of the spans and the O occurrences of their texts, those against the majority.
    different_texts, outside_texts: how many texts there are.
    """

    spans: int
    different_texts: int
    different_share: float | None
    different_classes: tuple[Inconsistency, ...]
    outside_texts: int
    outside_share: float | None
    outside_elsewhere: tuple[Inconsistency, ...]


class Readings:
    """The readings of every text, with a first example each."""

    def __init__(self) -> None:
        self.counts: defaultdict[Text, Counter[str]] = defaultdict(Counter)
        self.examples: dict[tuple[Text, str], str] = {}

    def add(self, text: Text, reading: str, source: str) -> None:
        """One occurrence."""
        self.counts[text][reading] += 1
        self.examples.setdefault((text, reading), source)

    def inconsistency(self, text: Text) -> Inconsistency:
        """The readings of one text."""
        counts = self.counts[text]
        return Inconsistency(
            text=" ".join(text),
            readings={
                name: Reading(count=count, example=self.examples[text, name])
                for name, count in counts.most_common()
            },
            against=against(counts),
        )

    def worst(self, texts: Iterable[Text]) -> tuple[Inconsistency, ...]:
        """The texts with the most occurrences against their majority."""
        chosen = sorted(texts, key=lambda text: (-against(self.counts[text]), text))[:NAMED]
        return tuple(map(self.inconsistency, chosen))


def against(counts: Counter[str]) -> int:
    """Occurrences that do not have the most frequent reading."""
    return counts.total() - max(counts.values())


def check_consistency(splits: Iterable[SplitView]) -> Consistency:
    """The texts of all splits that are labelled in several ways."""
    views = list(splits)
    labelled, everything = Readings(), Readings()
    for split in views:
        for text, reading, source in labelled_texts(split):
            labelled.add(text, reading, source)
            everything.add(text, reading, source)
    for split in views:
        for text, source in outside_texts(split, labelled.counts):
            everything.add(text, OUTSIDE_TAG, source)
    different = [text for text, counts in labelled.counts.items() if len(counts) > 1]
    outside = [t for t, c in everything.counts.items() if OUTSIDE_TAG in c and t in labelled.counts]
    if any(split.scheme is Scheme.PLAIN for split in views):
        outside = []
    spans = sum(counts.total() for counts in labelled.counts.values())
    doubtful = sum(against(everything.counts[text]) for text in outside)
    return Consistency(
        spans=spans,
        different_texts=len(different),
        different_share=ratio(sum(against(labelled.counts[text]) for text in different), spans),
        different_classes=labelled.worst(different),
        outside_texts=len(outside),
        outside_share=ratio(doubtful, sum(c.total() for c in everything.counts.values())),
        outside_elsewhere=everything.worst(outside),
    )


def labelled_texts(split: SplitView) -> Iterator[tuple[Text, str, str]]:
    """Text, class and place of every span; of every token where tags are plain."""
    if split.scheme is Scheme.PLAIN:
        for sentence in split.sentences:
            for token, tag in zip(sentence.tokens, sentence.tags or (), strict=True):
                yield (token,), tag, sentence.source
    for span in split.spans:
        yield split.span_text(span), span.kind, split.sentences[span.sentence].source


def outside_texts(split: SplitView, texts: Mapping[Text, object]) -> Iterator[tuple[Text, str]]:
    """The occurrences of some texts that lie wholly outside spans."""
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


def lengths_by_first_token(texts: Iterable[Text]) -> dict[str, list[int]]:
    """For each first token, the lengths of the texts that begin with it, up to `LONGEST`."""
    found: defaultdict[str, set[int]] = defaultdict(set)
    for text in texts:
        if len(text) <= LONGEST:
            found[text[0]].add(len(text))
    return {token: sorted(lengths) for token, lengths in found.items()}
