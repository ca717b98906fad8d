"""Tag schemes: write spans as one tag per token, and read them back.

Illegal sequences are read as conlleval and seqeval (default mode) read them. An I-, E- or M- that does
not continue a span of its type begins one. O and the end of the sentence close an open span. Repair
follows the same rule: it reads the spans and writes them again. Plain tags (POS) are only detected.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import lru_cache
from sys import intern

from seqlab.errors import SettingsError, UserError, nearest

TypedSpan = tuple[int, int, str]
"""A span of tokens: start, end exclusive, entity type."""

OUTSIDE_TAG = "O"


class Scheme(StrEnum):
    """How tags encode spans. A Scheme equals its name, so code may pass the name instead."""

    IOB1 = "iob1"
    IOB2 = "iob2"
    IOBES = "iobes"
    BMES = "bmes"
    PLAIN = "plain"


def parse_scheme(name: object) -> Scheme:
    """Return the Scheme of this name. Raises SettingsError for an unknown name."""
    if isinstance(name, Scheme):
        return name
    try:
        return Scheme(str(name).lower())
    except ValueError:
        close = nearest("iobes" if str(name).lower() == "bilou" else name, Scheme)
        fact = f"scheme is {name!r}"
        raise SettingsError(f"{fact}: expected one of {', '.join(Scheme)}{close}") from None


# Letters for the first, a middle and the last token of a span, and for a span of one token.
LETTERS = {
    Scheme.IOB1: ("I", "I", "I", "I"),
    Scheme.IOB2: ("B", "I", "I", "B"),
    Scheme.IOBES: ("B", "I", "E", "S"),
    Scheme.BMES: ("B", "M", "E", "S"),
}
# BILOU has L and U for last and unit; BMES has M for middle.
SYNONYMS = {"L": "E", "U": "S", "M": "I"}
PREFIXES = "BIESLUM"
UNTYPED = "_"  # the type of spans in a corpus whose tags are letters alone, as seqeval names it
BARE_TAGS = frozenset(PREFIXES)
OUTSIDE_TAGS = frozenset({OUTSIDE_TAG, *(f"{letter}-{OUTSIDE_TAG}" for letter in PREFIXES)})


@lru_cache(maxsize=65536)
def split_tag(tag: str) -> tuple[str, str] | None:
    """Return the letter (B, I, E or S) and the entity type of a tag. None when it is not PREFIX-TYPE.

    Letters of BILOU and BMES become those of IOBES.

    >>> split_tag("U-Multi-tissue_structure"), split_tag("NOUN"), split_tag("-LRB-")
    (('S', 'Multi-tissue_structure'), None, None)
    """
    if len(tag) < 3 or tag[1] != "-" or tag[0] not in PREFIXES:
        return None
    return SYNONYMS.get(tag[0], tag[0]), tag[2:]


@lru_cache(maxsize=65536)
def _join(letter: str, entity_type: str) -> str:
    return intern(f"{letter}-{entity_type}")


def detect_scheme(tag_sequences: Iterable[Sequence[str]]) -> Scheme:
    """Detect the scheme of the tags of a corpus.

    Any tag other than O and PREFIX-TYPE makes the corpus plain. BILOU counts as IOBES. Of IOB1 and IOB2,
    the one under which fewer tags are illegal wins; IOB2 when they are equal. A corpus whose tags are letters
    alone, such as B, I and O, has spans of one type without a name. `I-O` counts as O.

    >>> detect_scheme([("I-PER", "O"), ("I-LOC", "B-LOC")]), detect_scheme([("NOUN", "O")])
    (<Scheme.IOB1: 'iob1'>, <Scheme.PLAIN: 'plain'>)
    """
    letters: set[str] = set()
    bare: set[str] = set()
    outside = typed = False
    against_iob1 = against_iob2 = 0
    for tags in tag_sequences:
        used = set(tags)
        outside |= OUTSIDE_TAG in used
        used -= OUTSIDE_TAGS
        if not used:
            continue
        bare |= used & BARE_TAGS
        typed |= not used <= BARE_TAGS
        if (bare and typed) or any(split_tag(tag) is None for tag in used - BARE_TAGS):
            return Scheme.PLAIN
        letters.update(tag[0] for tag in used)
        if letters <= {"B", "I"}:
            first, second = _iob_violations(tags)
            against_iob1 += first
            against_iob2 += second
    if bare and "B" not in bare and not (bare == {"I"} and outside):
        return Scheme.PLAIN
    if letters <= {"B", "I"}:
        return Scheme.IOB1 if against_iob1 < against_iob2 else Scheme.IOB2
    if "M" in letters:
        return Scheme.BMES if letters <= set("BMES") else Scheme.PLAIN
    return Scheme.IOBES


def _iob_violations(tags: Sequence[str]) -> tuple[int, int]:
    """Count the tags that IOB1 forbids (a B- that separates nothing) and IOB2 forbids (an I- that begins)."""
    against_iob1 = against_iob2 = 0
    previous = ""
    for tag in tags:
        entity_type = "" if tag in OUTSIDE_TAGS else tag[2:] or UNTYPED
        if entity_type and entity_type != previous:
            against_iob1 += tag[0] == "B"
            against_iob2 += tag[0] == "I"
        previous = entity_type
    return against_iob1, against_iob2


def decode_spans(tags: Sequence[str], scheme: Scheme) -> list[TypedSpan]:
    """Return the spans of one sentence as (start, end exclusive, entity type), in order.

    Illegal sequences are read as conlleval reads them, in every scheme.
    Raises UserError for a tag that is neither O nor PREFIX-TYPE, and ValueError for plain tags.

    >>> decode_spans(("I-PER", "I-PER", "I-LOC", "O"), Scheme.IOB2)
    [(0, 2, 'PER'), (2, 3, 'LOC')]
    """
    _require_spans(scheme)
    spans: list[TypedSpan] = []
    start, open_type, last = 0, "", OUTSIDE_TAG
    for position, tag in enumerate(tags):
        if tag in OUTSIDE_TAGS:
            if open_type:
                spans.append((start, position, open_type))
                open_type = ""
            continue
        letter, entity_type = split_tag(spelled_out(tag)) or _refuse(tag, scheme)
        # After E or S a new span begins even if the letter is I: the last span is complete.
        if entity_type != open_type or letter in "BS" or last in "ES":
            if open_type:
                spans.append((start, position, open_type))
            start, open_type = position, entity_type
        last = letter
    if open_type:
        spans.append((start, len(tags), open_type))
    return spans


def continues_span(before: str, after: str) -> bool:
    """Whether tag `after` continues the span of tag `before`, as `decode_spans` reads them."""
    parts, next_parts = split_tag(before), split_tag(after)
    if parts is None or next_parts is None:
        return False
    (prefix, entity_type), (next_prefix, next_type) = parts, next_parts
    return entity_type == next_type and next_prefix not in "BS" and prefix not in "ES"


def _refuse(tag: str, scheme: Scheme) -> tuple[str, str]:
    raise UserError(f"tag {tag!r} is neither O nor PREFIX-TYPE; {scheme.value} has no other tags")


def _require_spans(scheme: Scheme) -> None:
    if parse_scheme(scheme) is Scheme.PLAIN:
        raise ValueError("plain tags have no spans; expected iob1, iob2, iobes or bmes")


def encode_spans(spans: Iterable[TypedSpan], length: int, scheme: Scheme) -> tuple[str, ...]:
    """Return the tags for the spans of a sentence of `length` tokens.

    Raises ValueError for spans that overlap, are empty or end after the sentence.

    >>> encode_spans([(0, 2, "PER"), (2, 3, "PER")], 4, Scheme.IOB1)
    ('I-PER', 'I-PER', 'B-PER', 'O')
    """
    _require_spans(scheme)
    first, middle, final, single = LETTERS[scheme]
    tags = [OUTSIDE_TAG] * length
    end, previous = 0, ""
    for start, stop, entity_type in sorted(spans):
        if not end <= start < stop <= length:
            fact = f"span {(start, stop, entity_type)}"
            raise ValueError(f"{fact} overlaps another or leaves the sentence")
        tags[start:stop] = [_join(middle, entity_type)] * (stop - start)
        tags[stop - 1] = _join(final, entity_type)
        tags[start] = _join(first if stop - start > 1 else single, entity_type)
        if scheme == Scheme.IOB1 and start == end and entity_type == previous:
            tags[start] = _join("B", entity_type)
        end, previous = stop, entity_type
    return tuple(tags)


def convert(tags: Sequence[str], source: Scheme, target: Scheme) -> tuple[str, ...]:
    """Return the tags of the same spans in another scheme. To plain, the tags stay as they are.

    Raises UserError for plain tags when the target has spans.
    """
    if target == Scheme.PLAIN or tags.count(OUTSIDE_TAG) == len(tags):
        return tuple(tags)
    if source == Scheme.PLAIN:
        raise UserError(f"plain tags such as {tags[0]!r} can't be converted to {target.value}")
    return encode_spans(decode_spans(tags, source), len(tags), target)


@lru_cache(maxsize=65536)
def spelled_out(tag: str) -> str:
    """Return a tag of a span scheme in full: BILOU as IOBES, a letter alone with type `_`, and `I-O` as O.

    >>> [spelled_out(tag) for tag in ("B-PER", "L-PER", "U-LOC", "B", "U", "I-O", "O")]
    ['B-PER', 'E-PER', 'S-LOC', 'B-_', 'S-_', 'O', 'O']
    """
    if tag in OUTSIDE_TAGS:
        return OUTSIDE_TAG
    if tag in BARE_TAGS:
        tag = f"{tag}-{UNTYPED}"
    return _join(SYNONYMS[tag[0]], tag[2:]) if tag[:2] in ("L-", "U-") else tag


def repair(tags: Sequence[str], scheme: Scheme) -> tuple[tuple[str, ...], int]:
    """Return the tags with illegal transitions repaired, and how many tags changed.

    >>> repair(("O", "I-PER", "I-PER"), Scheme.IOB2)
    (('O', 'B-PER', 'I-PER'), 1)
    """
    repaired = convert(tags, scheme, scheme)
    if repaired == tuple(tags):
        return repaired, 0
    return repaired, sum(a != b for a, b in zip(tags, repaired, strict=True))


def class_of_tag(tag: str, scheme: Scheme) -> str:
    """Return the class of a tag: 'PER' for 'B-PER', 'O' for 'O', and a plain tag itself."""
    if scheme == Scheme.PLAIN or tag == OUTSIDE_TAG:
        return tag
    if tag in OUTSIDE_TAGS:
        return OUTSIDE_TAG
    return (split_tag(spelled_out(tag)) or _refuse(tag, scheme))[1]
