"""The tags of a corpus brought into one scheme, illegal transitions mended, and what to say of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple, Protocol

from seqlab.corpus.schemes import (
    OUTSIDE_TAG,
    Scheme,
    convert,
    detect_scheme,
    repair,
    rewrite_bilou,
    split_tag,
)
from seqlab.corpus.sentence import Sentence
from seqlab.errors import CorpusError
from seqlab.machine.wording import plural

REMEMBERED = 1 << 16  # lists of tags


class Readable(Protocol):
    """What the scheme of a corpus is found from; a `Corpus` has it."""

    @property
    def path(self) -> str: ...  # noqa: D102
    def __iter__(self) -> Iterator[Sentence]: ...


def source_scheme(train: Readable, wanted: Scheme | None, notes: list[str]) -> Scheme:
    """The scheme that the tags of a training corpus are written in; a doubtful case is noted.

    wanted: what they shall be converted to; plain makes any tags plain.
    Raises CorpusError when spans are wanted and the tags are plain.
    """
    found = Scheme.PLAIN if wanted is Scheme.PLAIN else _detected(train)
    if found is not Scheme.PLAIN or wanted is Scheme.PLAIN:
        return found
    odd = first_odd_tag(train)
    if wanted is not None:
        raise _no_spans(odd, wanted)
    if odd.span_share > 0.5:
        notes.append(
            f"train: tags are taken as plain, although {odd.span_share:.0%} of the tokens have "
            f"tags of spans, because of tag {odd.tag!r} in the sentence at {odd.source}"
        )
    return found


def scheme_beside(corpus: Readable, wanted: Scheme) -> Scheme:
    """The scheme of a corpus that goes with a tagger of scheme `wanted`.

    A few tags that are no span's are no reason to take the corpus as plain.
    Raises CorpusError when spans are wanted and most tags are plain.
    """
    found = Scheme.PLAIN if wanted is Scheme.PLAIN else _detected(corpus)
    if found is not Scheme.PLAIN or wanted is Scheme.PLAIN:
        return found
    odd = first_odd_tag(corpus)
    if odd.span_share <= 0.5:
        raise _no_spans(odd, wanted)
    return wanted


def _detected(corpus: Readable) -> Scheme:
    return detect_scheme(sentence.tags or () for sentence in corpus)


@dataclass(frozen=True, kw_only=True)
class OddTag:
    """The first tag that can't be a span's, its sentence, and the share of tokens with O, B-, …"""

    tag: str
    source: str
    span_share: float


def first_odd_tag(corpus: Readable) -> OddTag:
    """The tag that makes a corpus plain."""
    tag, source = "", corpus.path
    spans = total = 0
    for sentence in corpus:
        for label in sentence.tags or ():
            fits = label == OUTSIDE_TAG or split_tag(label) is not None
            total += 1
            spans += fits
            if not fits and not tag:
                tag, source = label, sentence.source
    return OddTag(tag=tag, source=source, span_share=spans / max(total, 1))


def _no_spans(odd: OddTag, wanted: Scheme) -> CorpusError:
    fact = f"tag {odd.tag!r} is neither O nor PREFIX-type, so there are no spans for scheme"
    return CorpusError(f"{fact} {wanted.value!r}; expected scheme 'plain'", path=odd.source)


def in_scheme(
    name: str, sentences: tuple[Sentence, ...], source: Scheme, target: Scheme, notes: list[str]
) -> tuple[Sentence, ...]:
    """The sentences with mended tags in the target scheme."""
    if source is Scheme.PLAIN or target is Scheme.PLAIN:
        return sentences
    retagger = Retagger(source, target)
    converted = []
    for sentence in sentences:
        tags = retagger.tags(sentence.tags or ())
        converted.append(sentence if tags == sentence.tags else replace(sentence, tags=tags))
    notes += retagger.notes(name)
    return tuple(converted)


class Change(NamedTuple):
    """What becomes of one list of tags.

    tags: in the target scheme. mended: how many tags were illegal. foreign: those that fit no span
    scheme. bilou: whether L- or U- was among them.
    """

    tags: tuple[str, ...]
    mended: int
    foreign: tuple[str, ...]
    bilou: bool


class Retagger:
    """Brings tags of one span scheme into another, sentence by sentence, and keeps count.

    Lists of tags come again and again (most sentences of a corpus hold no span at all), so what
    becomes of one is worked out once.
    """

    def __init__(self, source: Scheme, target: Scheme) -> None:
        self.source, self.target = source, target
        self.change = lru_cache(maxsize=REMEMBERED)(self.find_change)
        self.bilou = False
        self.foreign: dict[str, int] = {}
        self.tokens = self.sentences = 0

    def tags(self, tags: Sequence[str]) -> tuple[str, ...]:
        """The tags of one sentence, mended, in the target scheme."""
        change = self.change(tuple(tags))
        self.bilou |= change.bilou
        for tag in change.foreign:
            self.foreign[tag] = self.foreign.get(tag, 0) + 1
        self.tokens += change.mended
        self.sentences += change.mended > 0
        return change.tags

    def find_change(self, tags: tuple[str, ...]) -> Change:
        """What becomes of the tags of one sentence."""
        spans, foreign = _as_spans(tags)
        repaired, mended = repair(rewrite_bilou(spans), self.source)
        return Change(
            tags=convert(repaired, self.source, self.target),
            mended=mended,
            foreign=foreign,
            bilou=any(tag[:2] in ("L-", "U-") for tag in tags),
        )

    def notes(self, name: str) -> list[str]:
        """What a person should know of the tags that were brought over. name: of the split."""
        notes = []
        if self.bilou:
            notes.append(f"{name}: BILOU tags L- and U- rewritten as E- and S-")
        for tag, count in self.foreign.items():
            fact = f"{name}: tag {tag!r} ({plural(count, 'token')}) is neither O nor PREFIX-type"
            notes.append(f"{fact}; taken as a span of type {tag!r}")
        if self.sentences:
            where = f"{plural(self.tokens, 'tag')} in {plural(self.sentences, 'sentence')}"
            notes.append(f"{name}: illegal transitions of {self.source.value} repaired: {where}")
        return notes


def _as_spans(tags: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The tags with those that fit no span scheme made spans of their own; and which those were."""
    foreign = tuple(tag for tag in tags if tag != OUTSIDE_TAG and not split_tag(tag))
    return tuple(f"B-{tag}" if tag in foreign else tag for tag in tags), foreign
