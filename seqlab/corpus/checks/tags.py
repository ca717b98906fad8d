"""Checks of the names of tags: do they mean spans, and are they spelt so?"""

import re
import shlex
from collections.abc import Collection, Iterator, Mapping

from seqlab.corpus.checks.facts import CorpusFacts, fits_spans, is_span_tag
from seqlab.corpus.checks.finding import Finding
from seqlab.corpus.checks.limits import MEANT_SHARE, STRAY_SHARE
from seqlab.corpus.format_detection import Format
from seqlab.corpus.schemes import OUTSIDE_TAG, Scheme
from seqlab.corpus.table_header import TAG_NAMES, TOKEN_NAMES, plain_name
from seqlab.errors import nearest
from seqlab.machine.wording import LISTED_NAMES, plural

OUTSIDE_NAMES = ("0", "o", "_", "-", "none", "null", "out", "outside", "other")
LETTER_FIRST = re.compile(r"([BIESLUM])[-_.:/|\\–—](.+)", re.IGNORECASE)
LETTER_LAST = re.compile(r"(.+)[-_.:/|\\–—]([BIESLUM])", re.IGNORECASE)
BRACKETS = re.compile(r"(?:\([^\s()*]+)*\*\)*")
NUMBER = re.compile(r"\d+")
MAPPINGS = 6  # options written out in one message


def tag_findings(facts: CorpusFacts) -> Iterator[Finding]:
    """Yield what the names of the tags show. With the scheme plain all names are taken as they are."""
    yield from header_line(facts)
    if facts.scheme is Scheme.PLAIN:
        return
    if (
        facts.tag_counts
        and all(map(BRACKETS.fullmatch, facts.tag_counts))
        and len(facts.tag_counts) > 1
    ):
        yield bracketed_tags(facts)
        return
    yield from misspelt_tags(facts)


def header_line(facts: CorpusFacts) -> Iterator[Finding]:
    """header-line: the first token and its tag are the names of columns."""
    if facts.format is not Format.CONLL or not facts.sample:
        return
    first = facts.sample[0]
    token, tag = first.tokens[0], (first.tags or ("",))[0]
    if (
        plain_name(token) in TOKEN_NAMES
        and plain_name(tag) in TAG_NAMES
        and facts.tag_counts[tag] == 1
    ):
        yield Finding(
            check="header-line",
            place=first.source,
            fact=f"the line is read as token {token!r} with tag {tag!r}, but names the columns",
            advice="give --skip-lines 1",
        )


def bracketed_tags(facts: CorpusFacts) -> Finding:
    """bracketed-tags: tags such as `(PERSON*`, `*` and `*)`, as OntoNotes writes spans."""
    opening = [tag for tag in facts.tag_counts if tag.startswith("(")]
    tag, place = next(iter(facts.first_places(opening[:1]).items()))
    return Finding(
        check="bracketed-tags",
        place=place,
        fact=f"tags are spans in brackets, such as {tag!r}, and would be read as plain tags",
        advice="give --bracketed-tags",
    )


def misspelt_tags(facts: CorpusFacts) -> Iterator[Finding]:
    """stray-tags, lower-case-tags, zero-outside: tags that fit no span scheme among tags that do."""
    counts = facts.tag_counts
    odd = {tag: count for tag, count in counts.items() if not fits_spans(tag)}
    if not odd:
        return
    odd_share = sum(odd.values()) / facts.tokens
    spans = any(map(is_span_tag, counts))
    if (spans and odd_share <= STRAY_SHARE) or not facts.training:
        yield stray_tags(facts, odd)
        return
    meant = {tag: new for tag in odd if (new := meant_tag(tag, counts)) is not None}
    has_spans = spans or any(map(is_span_tag, meant.values()))
    share = 1 - odd_share + sum(odd[tag] for tag in meant) / facts.tokens
    if has_spans and share >= MEANT_SHARE:
        yield misspelt_corpus(facts, odd, meant)
    else:
        yield from types_without_prefix(facts)


def stray_tags(facts: CorpusFacts, odd: Mapping[str, int]) -> Finding:
    """stray-tags: a few tags that are neither O nor PREFIX-TYPE."""
    place, shown = shown_tags(facts, odd)
    subject = f"tags {shown} are"
    if len(odd) == 1:
        tag, count = next(iter(odd.items()))
        subject = f"tag {tag!r} {f'({count:,} tokens) ' if count > 1 else ''}is"
    share = 1 - sum(odd.values()) / facts.tokens
    contrast = (
        f"{below_all(share)} of the tags are" if share >= 1 - STRAY_SHARE else "training has spans"
    )
    return Finding(
        check="stray-tags",
        place=place,
        fact=f"{subject} neither O nor PREFIX-TYPE, but {contrast}",
        advice=advice_on(facts, odd),
    )


def advice_on(facts: CorpusFacts, odd: Collection[str]) -> str:
    """The options that read stray tags as what they probably mean, or the tag that they resemble."""
    meant = {tag: new for tag in odd if (new := meant_tag(tag, facts.tag_counts)) is not None}
    unclear = next((tag for tag in odd if tag not in meant), None)
    advice = [f"give {mapping_options(meant)}"] if meant else []
    if unclear is not None:
        close = nearest(
            unclear, [tag for tag in facts.tag_counts if is_span_tag(tag)]
        ).removeprefix("; ")
        advice.append(f"correct {unclear!r} in the file{f' ({close})' if close else ''}")
    header = len(odd) == 1 and unclear is not None and is_first_line(facts, unclear)
    if header:
        advice.append("give --skip-lines 1 if the line names the columns")
    if facts.scheme is None:
        advice.append(
            f"{'' if meant or header else 'give '}--scheme plain for tags that are no spans"
        )
    return ", or ".join(advice)


def is_first_line(facts: CorpusFacts, tag: str) -> bool:
    """Whether a tag stands in the first line of a CoNLL file and nowhere else."""
    if facts.format is not Format.CONLL or not facts.sample or facts.tag_counts[tag] > 1:
        return False
    first = facts.sample[0]
    return (first.tags or ("",))[0] == tag and first.source.endswith(":1")


def misspelt_corpus(
    facts: CorpusFacts, odd: Mapping[str, int], meant: Mapping[str, str]
) -> Finding:
    """All tags of one kind are misspelt: another letter for O, lower case, or another separator."""
    tokens = {"zero-outside": 0, "lower-case-tags": 0, "stray-tags": 0}
    lower = any(is_span_tag(new) and tag[0].islower() for tag, new in meant.items())
    for tag, new in meant.items():
        if new == OUTSIDE_TAG:
            tokens["lower-case-tags" if tag == "o" and lower else "zero-outside"] += odd[tag]
        else:
            tokens["lower-case-tags" if fits_spans(tag.upper()) else "stray-tags"] += odd[tag]
    place, shown = shown_tags(facts, odd)
    return Finding(
        check=max(tokens, key=lambda name: tokens[name]),
        place=place,
        fact=f"tags look like span tags, but are spelt otherwise, and would be read as plain tags: {shown}",
        advice=f"give {mapping_options(meant)}, or --scheme plain for tags that are no spans",
    )


def types_without_prefix(facts: CorpusFacts) -> Iterator[Finding]:
    """zero-outside, no-prefixes: one tag is that of most tokens and means outside; the others have no B- and I-."""
    counts = facts.tag_counts
    largest = max(counts, key=lambda tag: counts[tag])
    types = [tag for tag in counts if tag != largest]
    if not types or counts[largest] < facts.tokens / 2 or all(map(NUMBER.fullmatch, counts)):
        return
    if any(map(is_span_tag, counts)):
        return
    if largest in ("0", "o"):
        name, options = "zero-outside", {largest: OUTSIDE_TAG}
        fact = f"tag {largest!r} ({plural(counts[largest], 'token')}) looks like O, outside of all spans"
    elif largest == OUTSIDE_TAG:
        name, options = "no-prefixes", {}
        fact = f"tags have no prefix B- or I-, such as {types[0]!r}"
    else:
        return
    options |= {tag: f"I-{tag}" for tag in types}
    yield Finding(
        check=name,
        place=facts.path,
        fact=f"{fact}; tags are read as plain tags, and {largest!r} is a class like the others",
        advice=f"to read spans, give {mapping_options(options)}",
        stops=False,
    )


def meant_tag(tag: str, known: Collection[str]) -> str | None:
    """Return the span tag, or O, that a misspelt tag probably stands for.

    known: the tags of the corpus.

    >>> [meant_tag(tag, ["B-PERSON", "O"]) for tag in ("0", "B_PERSON", "b-person", "PERSON", "NOUN")]
    ['O', 'B-PERSON', 'B-PERSON', 'I-PERSON', None]
    """
    if tag.lower() in OUTSIDE_NAMES:
        return OUTSIDE_TAG
    types = {name[2:].lower(): name[2:] for name in known if is_span_tag(name)}
    if tag.lower() in types:
        return f"I-{types[tag.lower()]}"
    if (match := LETTER_FIRST.fullmatch(tag)) is not None:
        letter, entity_type = match.groups()
    elif (match := LETTER_LAST.fullmatch(tag)) is not None:
        entity_type, letter = match.groups()
    else:
        return None
    return f"{letter.upper()}-{types.get(entity_type.lower(), entity_type)}"


def mapping_options(meant: Mapping[str, str]) -> str:
    """Return the options that replace tags, one for all tags with the same misspelt prefix.

    >>> mapping_options({"b_x": "B-x", "b_y": "B-y", "0": "O"})
    '--map-tag b_=B- --map-tag 0=O'
    """
    options: dict[str, str] = {}
    for tag, new in meant.items():
        prefix = tag[:2]
        alike = [t for t in meant if t[:2] == prefix and t[2:] == meant[t][2:]]
        if tag in alike and len(alike) > 1 and prefix[1] in "-_":
            options[prefix] = new[:2]
        else:
            options[tag] = new
    texts = [f"--map-tag {shlex.quote(f'{old}={new}')}" for old, new in options.items()]
    return " ".join(texts[:MAPPINGS]) + (" …" if len(texts) > MAPPINGS else "")


def shown_tags(facts: CorpusFacts, tags: Mapping[str, int]) -> tuple[str, str]:
    """Return where the first of some tags stands, and the first few of them with their lines."""
    places = facts.first_places(list(tags)[:LISTED_NAMES])
    texts = []
    for tag, place in places.items():
        line = place.removeprefix(facts.path).lstrip(": ")
        where = f"line {line}" if line.isdecimal() else line
        many = tags[tag] > 1
        texts.append(f"{tag!r} ({f'{tags[tag]:,} tokens, first in ' if many else ''}{where})")
    more = len(tags) - len(places)
    shown = ", ".join(texts) + (f" and {more} more" if more else "")
    return next(iter(places.values()), facts.path), shown


def below_all(share: float) -> str:
    """A share in percent that is not written as 100 % while something is missing.

    >>> below_all(0.5), below_all(0.99999)
    ('50.0%', '>99.9%')
    """
    return ">99.9%" if share >= 0.9995 else f"{share:.1%}"
