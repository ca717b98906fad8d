"""How often each text has each label, and whether the word before a text decides its label."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from seqlab.machine.wording import ratio

MOST_TEXTS = 10

TokenTuple = tuple[str, ...]
TextInContext = tuple[TokenTuple, str]
"""A text, and the word before it; '' at the start of a sentence."""
Key = TypeVar("Key", TokenTuple, TextInContext)


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
class ContextLabels:
    """The labels of ambiguous texts where the word before a text decides most of them.

    share: estimated share of all occurrences that do not have the most frequent label of their text after the same word.
    worst: the texts with the most such occurrences, each with the word before it.
    """

    share: float
    worst: tuple[Inconsistency, ...]


class LabelTable(Generic[Key]):
    """How often each key has each label, with the first example."""

    def __init__(self) -> None:
        self.counts: defaultdict[Key, Counter[str]] = defaultdict(Counter)
        self.examples: dict[tuple[Key, str], str] = {}

    def add(self, key: Key, label: str, source: str) -> None:
        """Count one occurrence."""
        self.counts[key][label] += 1
        self.examples.setdefault((key, label), source)

    def minority(self, key: Key) -> int:
        """Occurrences without the most frequent label."""
        return self.counts[key].total() - max(self.counts[key].values())

    def inconsistency(self, key: Key, text: str) -> Inconsistency:
        """The labels of a key as a value."""
        return Inconsistency(
            text=text,
            readings={
                label: LabelCount(count=count, example=self.examples[key, label])
                for label, count in self.counts[key].most_common()
            },
            against=self.minority(key),
        )


class LabelCounts:
    """How often each text has each label, alone and after each word."""

    def __init__(self) -> None:
        self.texts: LabelTable[TokenTuple] = LabelTable()
        self.contexts: LabelTable[TextInContext] = LabelTable()

    @property
    def counts(self) -> Mapping[TokenTuple, Counter[str]]:
        """By text, how often it has each label."""
        return self.texts.counts

    def add(self, text: TokenTuple, label: str, source: str, before: str | None = None) -> None:
        """Count one occurrence. before: the word before it; None if contexts do not matter."""
        self.texts.add(text, label, source)
        if before is not None:
            self.contexts.add((text, before), label, source)

    def minority_share(self, texts: Iterable[TokenTuple]) -> float | None:
        """The share of `texts` without their most frequent label, over the occurrences of all texts."""
        total = sum(counts.total() for counts in self.counts.values())
        return ratio(sum(map(self.texts.minority, texts)), total)

    def worst(self, texts: Iterable[TokenTuple]) -> tuple[Inconsistency, ...]:
        """The texts with the most occurrences that lack their most frequent label."""
        ordered = sorted(texts, key=lambda text: (-self.texts.minority(text), text))
        return tuple(
            self.texts.inconsistency(text, " ".join(text)) for text in ordered[:MOST_TEXTS]
        )

    def in_context(self, texts: Iterable[TokenTuple]) -> ContextLabels | None:
        """The labels of some texts after each word; None unless the word before decides most of them.

        It decides if at least half of the occurrences are in contexts that occur twice or more, and if there at most
        half as many lack the most frequent label of their context as lack that of their text.
        """
        wanted = set(texts)
        repeated = {
            key: counts
            for key, counts in self.contexts.counts.items()
            if key[0] in wanted and counts.total() > 1
        }
        occurrences = sum(self.counts[text].total() for text in wanted)
        seen = sum(counts.total() for counts in repeated.values())
        against = sum(self.contexts.minority(key) for key in repeated)
        against_text = sum(
            counts.total() - counts[self.counts[text].most_common(1)[0][0]]
            for (text, _), counts in repeated.items()
        )
        if not seen or 2 * seen < occurrences or 2 * against > against_text:
            return None
        everything = sum(counts.total() for counts in self.counts.values())
        worst = sorted(
            (key for key, counts in repeated.items() if len(counts) > 1),
            key=lambda key: (-self.contexts.minority(key), key),
        )
        return ContextLabels(
            share=against / seen * occurrences / everything,
            worst=tuple(
                self.contexts.inconsistency(key, " ".join(filter(None, (key[1], *key[0]))))
                for key in worst[:MOST_TEXTS]
            ),
        )
