"""The tags of a corpus brought into one scheme, illegal transitions mended, and what to say of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from seqlab.corpus.checks import plural
from seqlab.corpus.formats import Corpus
from seqlab.corpus.schemes import (
    OUTSIDE,
    Scheme,
    convert,
    detect_scheme,
    repair,
    rewrite_bilou,
    split_tag,
)
from seqlab.corpus.sentence import Sentence
from seqlab.errors import CorpusError


def source_scheme(train: Corpus, wanted: Scheme | None, notes: list[str]) -> Scheme:
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


def scheme_beside(corpus: Corpus, wanted: Scheme) -> Scheme:
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


def _detected(corpus: Corpus) -> Scheme:
    return detect_scheme(sentence.tags or () for sentence in corpus)


@dataclass(frozen=True, kw_only=True)
class OddTag:
    """The first tag that can't be a span's, its sentence, and the share of tokens with O, B-, …"""

    tag: str
    source: str
    span_share: float


def first_odd_tag(corpus: Corpus) -> OddTag:
    """The tag that makes a corpus plain."""
    tag, source = "", corpus.path
    spans = total = 0
    for sentence in corpus:
        for label in sentence.tags or ():
            fits = label == OUTSIDE or split_tag(label) is not None
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
    if any(tag[:2] in ("L-", "U-") for s in sentences for tag in s.tags or ()):
        notes.append(f"{name}: BILOU tags L- and U- rewritten as E- and S-")
    foreign: dict[str, int] = {}
    tokens = mended = 0
    converted = []
    for sentence in sentences:
        tags = rewrite_bilou(_as_spans(sentence.tags or (), foreign))
        tags, changed = repair(tags, source)
        tokens += changed
        mended += changed > 0
        tags = convert(tags, source, target)
        converted.append(sentence if tags == sentence.tags else replace(sentence, tags=tags))
    for tag, count in foreign.items():
        fact = f"{name}: tag {tag!r} ({plural(count, 'token')}) is neither O nor PREFIX-type"
        notes.append(f"{fact}; taken as a span of type {tag!r}")
    if mended:
        where = f"{plural(tokens, 'tag')} in {plural(mended, 'sentence')}"
        notes.append(f"{name}: illegal transitions of {source.value} repaired: {where}")
    return tuple(converted)


def _as_spans(tags: Sequence[str], foreign: dict[str, int]) -> Sequence[str]:
    """The tags with those that fit no span scheme made spans of their own; `foreign` counts them."""
    if all(tag == OUTSIDE or split_tag(tag) for tag in tags):
        return tags
    fitting = []
    for tag in tags:
        fits = tag == OUTSIDE or split_tag(tag)
        fitting.append(tag if fits else f"B-{tag}")
        if not fits:
            foreign[tag] = foreign.get(tag, 0) + 1
    return fitting
