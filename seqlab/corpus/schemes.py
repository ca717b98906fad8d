"""Tag schemes: how spans are written as tags, one a token, and how they are read back.

Illegal sequences are read as conlleval and seqeval (default mode) read them: an I-, E- or M- that
does not continue a span of its type begins one, and whatever is open at O or at the end is closed.
Repair is the same rule: read the spans, write them again. Nothing here is about plain tags (POS)
but telling them apart.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import lru_cache
from sys import intern

from seqlab.errors import SettingsError, UserError, nearest

TypedSpan = tuple[int, int, str]

OUTSIDE_TAG = "O"


class Scheme(StrEnum):
    """How tags are to be read. Each is equal to its name, which therefore serves as well."""

    IOB1 = "iob1"
    IOB2 = "iob2"
    IOBES = "iobes"
    BMES = "bmes"
    PLAIN = "plain"


def parse_scheme(name: object) -> Scheme:
    """The Scheme called `name`, or a SettingsError with the nearest."""
    if isinstance(name, Scheme):
        return name
    try:
        return Scheme(str(name).lower())
    except ValueError:
        close = nearest("iobes" if str(name).lower() == "bilou" else name, Scheme)
        raise SettingsError(
            f"unknown scheme {name!r}; expected {', '.join(Scheme)}{close}"
        ) from None


# First token of a span, its middle, its last, and a span of one token.
LETTERS = {
    Scheme.IOB1: ("I", "I", "I", "I"),
    Scheme.IOB2: ("B", "I", "I", "B"),
    Scheme.IOBES: ("B", "I", "E", "S"),
    Scheme.BMES: ("B", "M", "E", "S"),
}
# BILOU's last and unit, BMES' middle.
SYNONYMS = {"L": "E", "U": "S", "M": "I"}


@lru_cache(maxsize=65536)
def split_tag(tag: str) -> tuple[str, str] | None:
    """The letter (B, I, E or S; BILOU's and BMES' letters become these) and the type, or None.

    >>> split_tag("U-Multi-tissue_structure"), split_tag("NOUN"), split_tag("-LRB-")
    (('S', 'Multi-tissue_structure'), None, None)
    """
    if len(tag) < 3 or tag[1] != "-" or tag[0] not in "BIESLUM":
        return None
    return SYNONYMS.get(tag[0], tag[0]), tag[2:]


@lru_cache(maxsize=65536)
def _join(letter: str, kind: str) -> str:
    return intern(f"{letter}-{kind}")


def detect_scheme(tag_sequences: Iterable[Sequence[str]]) -> Scheme:
    """The scheme that the tags of a corpus are written in.

    Any tag but O and PREFIX-type makes the corpus plain. BILOU is taken as IOBES. IOB1 and IOB2
    are told apart by which would count fewer tags as illegal; where both count the same, IOB2.

    >>> detect_scheme([("I-PER", "O"), ("I-LOC", "B-LOC")]), detect_scheme([("NOUN", "O")])
    (<Scheme.IOB1: 'iob1'>, <Scheme.PLAIN: 'plain'>)
    """
    letters: set[str] = set()
    against_iob1 = against_iob2 = 0
    for tags in tag_sequences:
        used = set(tags)
        used.discard(OUTSIDE_TAG)
        if not used:
            continue
        if any(split_tag(tag) is None for tag in used):
            return Scheme.PLAIN
        letters.update(tag[0] for tag in used)
        if letters <= {"B", "I"}:
            first, second = _iob_violations(tags)
            against_iob1 += first
            against_iob2 += second
    if letters <= {"B", "I"}:
        return Scheme.IOB1 if against_iob1 < against_iob2 else Scheme.IOB2
    if "M" in letters:
        return Scheme.BMES if letters <= set("BMES") else Scheme.PLAIN
    return Scheme.IOBES


def _iob_violations(tags: Sequence[str]) -> tuple[int, int]:
    """How many tags IOB1 forbids (a B- that parts nothing) and IOB2 (an I- that begins)."""
    against_iob1 = against_iob2 = 0
    previous = ""
    for tag in tags:
        kind = tag[2:]
        if kind and kind != previous:
            against_iob1 += tag[0] == "B"
            against_iob2 += tag[0] == "I"
        previous = kind
    return against_iob1, against_iob2


def decode_spans(tags: Sequence[str], scheme: Scheme) -> list[TypedSpan]:
    """The spans of one sentence as (start, end exclusive, type), in order.

    Illegal sequences are read as conlleval reads them, whatever the scheme.
    Raises UserError at a tag that is neither O nor PREFIX-type, ValueError for plain tags.

    >>> decode_spans(("I-PER", "I-PER", "I-LOC", "O"), Scheme.IOB2)
    [(0, 2, 'PER'), (2, 3, 'LOC')]
    """
    _require_spans(scheme)
    found: list[TypedSpan] = []
    start, kind, last = 0, "", OUTSIDE_TAG
    for position, tag in enumerate(tags):
        if tag == OUTSIDE_TAG:
            if kind:
                found.append((start, position, kind))
                kind = ""
            continue
        letter, this = split_tag(tag) or _refuse(tag, scheme)
        if this != kind or letter in "BS" or last in "ES":
            if kind:
                found.append((start, position, kind))
            start, kind = position, this
        last = letter
    if kind:
        found.append((start, len(tags), kind))
    return found


def _refuse(tag: str, scheme: Scheme) -> tuple[str, str]:
    raise UserError(f"tag {tag!r} is neither O nor PREFIX-type, as {scheme.value} tags are")


def _require_spans(scheme: Scheme) -> None:
    if parse_scheme(scheme) is Scheme.PLAIN:
        raise ValueError("plain tags have no spans; ask only for iob1, iob2, iobes or bmes")


def encode_spans(found: Iterable[TypedSpan], length: int, scheme: Scheme) -> tuple[str, ...]:
    """The tags of a sentence of `length` tokens that has these spans.

    Raises ValueError when spans overlap, are empty or reach beyond the sentence.

    >>> encode_spans([(0, 2, "PER"), (2, 3, "PER")], 4, Scheme.IOB1)
    ('I-PER', 'I-PER', 'B-PER', 'O')
    """
    _require_spans(scheme)
    first, middle, final, single = LETTERS[scheme]
    tags = [OUTSIDE_TAG] * length
    end, previous = 0, ""
    for start, stop, kind in sorted(found):
        if not end <= start < stop <= length:
            raise ValueError(f"span {(start, stop, kind)} overlaps another or leaves the sentence")
        tags[start:stop] = [_join(middle, kind)] * (stop - start)
        tags[stop - 1] = _join(final, kind)
        tags[start] = _join(first if stop - start > 1 else single, kind)
        if scheme == Scheme.IOB1 and start == end and kind == previous:
            tags[start] = _join("B", kind)
        end, previous = stop, kind
    return tuple(tags)


def convert(tags: Sequence[str], source: Scheme, target: Scheme) -> tuple[str, ...]:
    """The same spans written in another scheme; to plain, the tags as they are.

    Raises UserError when plain tags are to become spans.
    """
    if target == Scheme.PLAIN or tags.count(OUTSIDE_TAG) == len(tags):
        return tuple(tags)
    if source == Scheme.PLAIN:
        raise UserError(f"plain tags such as {tags[0]!r} can't be converted to {target.value}")
    return encode_spans(decode_spans(tags, source), len(tags), target)


def rewrite_bilou(tags: Sequence[str]) -> tuple[str, ...]:
    """BILOU's L- and U- as E- and S-, nothing else changed.

    >>> rewrite_bilou(("B-PER", "L-PER", "O", "U-LOC"))
    ('B-PER', 'E-PER', 'O', 'S-LOC')
    """
    return tuple(
        _join(SYNONYMS[tag[0]], tag[2:]) if tag[:2] in ("L-", "U-") else tag for tag in tags
    )


def repair(tags: Sequence[str], scheme: Scheme) -> tuple[tuple[str, ...], int]:
    """The tags with illegal transitions mended, and how many tags that changed.

    >>> repair(("O", "I-PER", "I-PER"), Scheme.IOB2)
    (('O', 'B-PER', 'I-PER'), 1)
    """
    repaired = convert(tags, scheme, scheme)
    if repaired == tuple(tags):
        return repaired, 0
    return repaired, sum(a != b for a, b in zip(tags, repaired, strict=True))


def class_of_tag(tag: str, scheme: Scheme) -> str:
    """The class that a tag counts for: 'PER' of 'B-PER', 'O' of 'O', a plain tag itself."""
    if scheme == Scheme.PLAIN or tag == OUTSIDE_TAG:
        return tag
    return (split_tag(tag) or _refuse(tag, scheme))[1]
