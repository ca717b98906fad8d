"""Plant known label errors into a corpus: four kinds in span labels, four in plain tags."""

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from seqlab.corpus.schemes import Scheme, TypedSpan, decode_spans, encode_spans
from seqlab.corpus.sentence import Sentence

SPAN_KINDS = ("wrong type", "wrong boundary", "missed span", "invented span")
TAG_KINDS = (
    "confusable tag",
    "random tag",
    "rare tag made the most frequent",
    "neighbours swapped",
)
LETTERS = 4  # a shorter word in lower case is hardly a noun


@dataclass(frozen=True)
class PlantedError:
    """A planted label error. sentence: its number. positions: the tokens whose tags it changed."""

    kind: str
    sentence: int
    positions: tuple[int, ...]


@dataclass(frozen=True)
class PlantedCorpus:
    """Sentences with planted errors."""

    sentences: tuple[Sentence, ...]
    errors: tuple[PlantedError, ...]


def plant_in_spans(sentences: Sequence[Sentence], share: float, seed: int) -> PlantedCorpus:
    """Plant errors in IOB2 labels, as many of each kind. share: number of errors, as a share of the spans."""
    dice = random.Random(seed)  # noqa: S311, no secret
    spans = [list(decode_spans(s.tags or (), Scheme.IOB2)) for s in sentences]
    places = [(number, span) for number, own in enumerate(spans) for span in own]
    each = round(share * len(places) / len(SPAN_KINDS))
    planter = SpanPlanter(sentences, spans, dice)
    dice.shuffle(places)
    changes = (planter.retyped, planter.shifted, planter.missed)
    for kind, change in zip(SPAN_KINDS, changes, strict=False):
        planted = 0
        while planted < each:
            number, span = places.pop()
            new = change(number, span)
            if new is not None:
                planter.put(kind, number, span, new)
                planted += 1
    inventions = planter.inventions()
    for _ in range(each):
        planter.put(SPAN_KINDS[-1], *next(inventions))
    return planter.corpus()


class SpanPlanter:
    """Spans with errors. taken: by sentence, the tokens that a span has or had."""

    def __init__(
        self, sentences: Sequence[Sentence], spans: Sequence[list[TypedSpan]], dice: random.Random
    ) -> None:
        self.sentences, self.spans, self.dice = sentences, spans, dice
        self.taken = [{t for start, end, _ in own for t in range(start, end)} for own in spans]
        self.labels = [label for own in spans for _, _, label in own]
        self.lengths = [end - start for own in spans for start, end, _ in own]
        self.errors: list[PlantedError] = []

    def retyped(self, number: int, span: TypedSpan) -> list[TypedSpan]:
        """The span with another type; all types are equally probable."""
        start, end, label = span
        return [(start, end, self.dice.choice(sorted({*self.labels} - {label})))]

    def shifted(self, number: int, span: TypedSpan) -> list[TypedSpan] | None:
        """The span with one border moved by one token; None where no border can move."""
        start, end, label = span
        borders = [(start + 1, end), (start, end - 1), (start - 1, end), (start, end + 1)]
        size = len(self.sentences[number])
        fit = [
            (a, b)
            for a, b in borders
            if 0 <= a < b <= size
            and not ({*range(a, b)} - {*range(start, end)}) & self.taken[number]
        ]
        return [(*self.dice.choice(fit), label)] if fit else None

    def missed(self, number: int, span: TypedSpan) -> list[TypedSpan]:
        """No span: its tokens become `O`."""
        return []

    def inventions(self) -> Iterator[tuple[int, None, list[TypedSpan]]]:
        """Spans of random type and length where there was none; capitalised words and long words in turn."""
        named, longer = [], []
        for number, sentence in enumerate(self.sentences):
            for position, token in enumerate(sentence.tokens):
                if position and token[0].isupper():
                    named.append((number, position))
                elif token.isalpha() and token.islower() and len(token) >= LETTERS:
                    longer.append((number, position))
        self.dice.shuffle(named)
        self.dice.shuffle(longer)
        queues = [named, longer]
        while any(queues):
            queues.reverse()
            if queues[0]:
                number, start = queues[0].pop()
                end = start + self.dice.choice(self.lengths)
                if end <= len(self.sentences[number]) and not self.taken[number] & {
                    *range(start, end)
                }:
                    yield number, None, [(start, end, self.dice.choice(self.labels))]

    def put(self, kind: str, number: int, old: TypedSpan | None, new: Sequence[TypedSpan]) -> None:
        """Replace a span, and note the error."""
        before = self.tags(number)
        if old is not None:
            self.spans[number].remove(old)
        self.spans[number] += new
        self.taken[number] |= {t for start, end, _ in new for t in range(start, end)}
        pairs = enumerate(zip(before, self.tags(number), strict=True))
        changed = tuple(position for position, (was, now) in pairs if was != now)
        self.errors.append(PlantedError(kind, number, changed))

    def tags(self, number: int) -> tuple[str, ...]:
        """The tags of a sentence as it is now."""
        return encode_spans(sorted(self.spans[number]), len(self.sentences[number]), Scheme.IOB2)

    def corpus(self) -> PlantedCorpus:
        """The sentences with the tags as they are now."""
        changed = (replace(s, tags=self.tags(n)) for n, s in enumerate(self.sentences))
        return PlantedCorpus(tuple(changed), tuple(self.errors))


Change = Callable[[int, int], dict[int, str]]
"""From a sentence and a position to the new tags by position; empty where the kind does not fit."""


def plant_in_tags(sentences: Sequence[Sentence], share: float, seed: int) -> PlantedCorpus:
    """Plant errors in plain tags, as many of each kind. share: number of errors, as a share of the tokens."""
    dice = random.Random(seed)  # noqa: S311, no secret
    places = [(number, at) for number, s in enumerate(sentences) for at in range(len(s))]
    each = round(share * len(places) / len(TAG_KINDS))
    dice.shuffle(places)
    tags = [list(s.tags or ()) for s in sentences]
    errors: list[PlantedError] = []
    done: set[tuple[int, int]] = set()
    for kind, change in zip(TAG_KINDS, tag_changes(sentences, dice), strict=True):
        planted = 0
        for number, at in places:
            if planted == each:
                break
            new = change(number, at)
            if not new or any((number, position) in done for position in new):
                continue
            for position, tag in new.items():
                tags[number][position] = tag
                done.add((number, position))
            errors.append(PlantedError(kind, number, tuple(new)))
            planted += 1
    changed = (replace(s, tags=tuple(own)) for s, own in zip(sentences, tags, strict=True))
    return PlantedCorpus(tuple(changed), tuple(errors))


def tag_changes(sentences: Sequence[Sentence], dice: random.Random) -> tuple[Change, ...]:
    """The change that makes each kind of error, in the order of `TAG_KINDS`."""
    gold = [s.tags or () for s in sentences]
    counts = Counter(tag for tags in gold for tag in tags)
    frequent = [tag for tag, _ in counts.most_common()]
    rare = {*frequent[len(frequent) // 2 :]}
    mixed = confusions(sentences)

    def confusable(number: int, at: int) -> dict[int, str]:
        others = mixed[gold[number][at]]
        return {at: dice.choices([*others], [*others.values()])[0]} if others else {}

    def any_other(number: int, at: int) -> dict[int, str]:
        return {at: dice.choice(sorted({*frequent} - {gold[number][at]}))}

    def most_frequent(number: int, at: int) -> dict[int, str]:
        return {at: frequent[0]} if gold[number][at] in rare else {}

    def swapped(number: int, at: int) -> dict[int, str]:
        pair = gold[number][at : at + 2]
        return {at: pair[1], at + 1: pair[0]} if len({*pair}) == 2 else {}

    return confusable, any_other, most_frequent, swapped


def confusions(sentences: Sequence[Sentence]) -> dict[str, Counter[str]]:
    """For each tag, how often the words that carry it also carry each other tag."""
    words: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for sentence in sentences:
        for token, tag in zip(sentence.tokens, sentence.tags or (), strict=True):
            words[token.lower()][tag] += 1
    mixed: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for tags in words.values():
        for tag, count in tags.items():
            for other, number in tags.items():
                if other != tag:
                    mixed[tag][other] += min(count, number)
    return mixed
