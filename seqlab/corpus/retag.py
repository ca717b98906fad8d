"""Convert the tags of a corpus to one scheme, repair illegal transitions, and write notes about it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple, Protocol

from seqlab.corpus.schemes import (
    BARE_TAGS,
    OUTSIDE_TAG,
    OUTSIDE_TAGS,
    Scheme,
    convert,
    detect_scheme,
    repair,
    spelled_out,
    split_tag,
)
from seqlab.corpus.sentence import Sentence
from seqlab.errors import CorpusError
from seqlab.machine.wording import plural

REMEMBERED = 1 << 16  # tag sequences


class Readable(Protocol):
    """Sentences with a path, such as a `Corpus`. The scheme is detected from it."""

    @property
    def path(self) -> str: ...  # noqa: D102
    def __iter__(self) -> Iterator[Sentence]: ...


def source_scheme(train: Readable, wanted: Scheme | None, notes: list[str]) -> Scheme:
    """Detect the scheme of a training corpus. A doubtful case adds a note.

    wanted: the scheme to convert to; plain takes any tags as plain.
    Raises CorpusError when `wanted` has spans and the tags are plain.
    """
    detected = Scheme.PLAIN if wanted is Scheme.PLAIN else _detect(train)
    if detected is not Scheme.PLAIN or wanted is Scheme.PLAIN:
        return detected
    odd = first_odd_tag(train)
    if wanted is not None:
        raise _no_spans(odd, wanted)
    if odd.has_spans and odd.span_share > 0.5:  # without spans, `no-prefixes` is noted
        notes.append(
            f"train: tags are taken as plain because of tag {odd.tag!r} in the sentence at {odd.source}, "
            f"although {odd.span_share:.0%} of the tokens have span tags"
        )
    return detected


def scheme_beside(corpus: Readable, wanted: Scheme) -> Scheme:
    """Detect the scheme of a corpus to be used with a tagger of scheme `wanted`.

    A few plain tags do not make the corpus plain here.
    Raises CorpusError when `wanted` has spans and most tags are plain.
    """
    detected = Scheme.PLAIN if wanted is Scheme.PLAIN else _detect(corpus)
    if detected is not Scheme.PLAIN or wanted is Scheme.PLAIN:
        return detected
    odd = first_odd_tag(corpus)
    if odd.span_share <= 0.5:
        raise _no_spans(odd, wanted)
    return wanted


def scheme_of_split(
    name: str, corpus: Readable, train: Scheme, target: Scheme, notes: list[str]
) -> Scheme:
    """Return the scheme in which a validation or test corpus is read; adds a note if it is not that of training.

    It is the scheme of training, unless fewer tags of the corpus are illegal in the scheme detected in the corpus.

    name: the split. train: the scheme of the training corpus. target: the scheme to convert to.
    """
    if Scheme.PLAIN in (train, target):
        return train
    detected = _detect(corpus)
    if detected in (train, Scheme.PLAIN) or _illegal(corpus, detected) >= _illegal(corpus, train):
        return train
    if detected is not target:
        notes.append(f"{name}: tags converted from {detected.value} to {target.value}")
    return detected


def _illegal(corpus: Readable, scheme: Scheme) -> int:
    """Count the tags that are illegal in a span scheme."""
    retagger = Retagger(scheme, scheme)
    for sentence in corpus:
        retagger.tags(sentence.tags or ())
    return retagger.tokens


def _detect(corpus: Readable) -> Scheme:
    return detect_scheme(sentence.tags or () for sentence in corpus)


@dataclass(frozen=True, kw_only=True)
class OddTag:
    """The first plain tag of a corpus.

    source: its sentence. span_share: share of tokens with O, B-, … has_spans: whether a tag is PREFIX-TYPE.
    """

    tag: str
    source: str
    span_share: float
    has_spans: bool


def first_odd_tag(corpus: Readable) -> OddTag:
    """Find the tag that makes a corpus plain."""
    tag, source = "", corpus.path
    spans = total = 0
    has_spans = False
    for sentence in corpus:
        for label in sentence.tags or ():
            typed = split_tag(label) is not None
            has_spans |= typed
            fits = typed or label == OUTSIDE_TAG
            total += 1
            spans += fits
            if not fits and not tag:
                tag, source = label, sentence.source
    share = spans / max(total, 1)
    return OddTag(tag=tag, source=source, span_share=share, has_spans=has_spans)


def _no_spans(odd: OddTag, wanted: Scheme) -> CorpusError:
    fact = f"tag {odd.tag!r} is neither O nor PREFIX-TYPE, but scheme {wanted.value!r} needs spans"
    return CorpusError(f"{fact}; expected scheme 'plain'", path=odd.source)


def in_scheme(
    name: str, sentences: tuple[Sentence, ...], source: Scheme, target: Scheme, notes: list[str]
) -> tuple[Sentence, ...]:
    """Return the sentences with repaired tags in the target scheme; adds notes."""
    if source is Scheme.PLAIN or target is Scheme.PLAIN:
        return sentences
    retagger = Retagger(source, target)
    converted = []
    for sentence in sentences:
        tags = retagger.tags(sentence.tags or ())
        converted.append(sentence if tags == sentence.tags else replace(sentence, tags=tags))
    notes += retagger.notes(name)
    return tuple(converted)


class Retagged(NamedTuple):
    """One converted tag sequence.

    tags: in the target scheme. repaired: how many tags were illegal. foreign: tags that fit no span
    scheme. bilou: L- or U- was among them. outside: tags such as I-O. bare: letters without a type.
    """

    tags: tuple[str, ...]
    repaired: int
    foreign: tuple[str, ...]
    bilou: bool
    outside: tuple[str, ...]
    bare: tuple[str, ...]


class Retagger:
    """Converts tags from one span scheme to another, sentence by sentence, and counts the repairs.

    Tag sequences repeat a lot (most sentences of a corpus hold no span), so each is converted once and
    remembered.
    """

    def __init__(self, source: Scheme, target: Scheme) -> None:
        self.source, self.target = source, target
        self.convert = lru_cache(maxsize=REMEMBERED)(self.convert_sequence)
        self.bilou = False
        self.foreign: dict[str, int] = {}
        self.outside: Counter[str] = Counter()
        self.bare: Counter[str] = Counter()
        self.tokens = self.sentences = 0

    def tags(self, tags: Sequence[str]) -> tuple[str, ...]:
        """Return the tags of one sentence, repaired, in the target scheme; counts the repairs."""
        retagged = self.convert(tuple(tags))
        self.bilou |= retagged.bilou
        for tag in retagged.foreign:
            self.foreign[tag] = self.foreign.get(tag, 0) + 1
        self.outside.update(retagged.outside)
        self.bare.update(retagged.bare)
        self.tokens += retagged.repaired
        self.sentences += retagged.repaired > 0
        return retagged.tags

    def convert_sequence(self, tags: tuple[str, ...]) -> Retagged:
        """Convert the tags of one sentence. A foreign tag becomes a one-token span of its own type."""
        spelled = tuple(map(spelled_out, tags))
        foreign = tuple(tag for tag in spelled if tag != OUTSIDE_TAG and not split_tag(tag))
        spans = tuple(f"B-{tag}" if tag in foreign else tag for tag in spelled)
        legal, repaired = repair(spans, self.source)
        return Retagged(
            tags=convert(legal, self.source, self.target),
            repaired=repaired,
            foreign=foreign,
            bilou=any(tag[:2] in ("L-", "U-") for tag in tags),
            outside=tuple(tag for tag in tags if tag in OUTSIDE_TAGS and tag != OUTSIDE_TAG),
            bare=tuple(tag for tag in tags if tag in BARE_TAGS),
        )

    def notes(self, name: str) -> list[str]:
        """Return the notes for the user on all tags so far. name: the split."""
        notes = []
        if self.bilou:
            notes.append(f"{name}: BILOU tags L- and U- rewritten as E- and S-")
        for tag, count in self.outside.items():
            notes.append(f"{name}: tag {tag!r} ({plural(count, 'token')}) is read as O")
        if self.bare:
            letters = ", ".join(sorted(self.bare))
            notes.append(f"{name}: tags without a type ({letters}) are read as spans of type '_'")
        for tag, count in self.foreign.items():
            fact = f"{name}: tag {tag!r} ({plural(count, 'token')}) is neither O nor PREFIX-TYPE"
            notes.append(f"{fact}; taken as a span of type {tag!r}")
        if self.sentences:
            where = f"{plural(self.tokens, 'tag')} in {plural(self.sentences, 'sentence')}"
            notes.append(f"{name}: illegal transitions of {self.source.value} repaired: {where}")
        return notes
