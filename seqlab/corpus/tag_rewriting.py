"""Rewrite tags while a corpus is read, as the user asks: other names (--map-tag), spans in brackets (--bracketed-tags)."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from seqlab.corpus.schemes import OUTSIDE_TAG
from seqlab.corpus.sentence import Sentence
from seqlab.errors import CorpusError, nearest

BRACKETED = re.compile(r"(?:\(([^\s()*]+))?\*(\))?")
PREFIX_ENDS = ("-", "_")
SPAN_TAG = re.compile(r"([BIESLUM][-_])(.+)")


def rewrite_tags(
    sentences: Iterable[Sentence],
    *,
    bracketed: bool,
    renamed: Mapping[str, str],
    notes: Counter[str],
) -> Iterator[Sentence]:
    """Yield the sentences with their tags rewritten. Sentences without tags stay as they are.

    bracketed: tags are spans in brackets; they become IOB2. renamed: new names by old names, as in `new_name`.
    notes: gets the number of tags with each new name, and the old names that are no tag.
    Raises CorpusError for brackets that do not fit.
    """
    seen: set[str] = set()
    for sentence in sentences:
        tags = sentence.tags
        if tags is not None and bracketed:
            tags = tags_of_brackets(tags, sentence.source)
        seen.update(tags or ())
        if tags is not None and renamed:
            new = tuple(new_name(tag, renamed) for tag in tags)
            for old, tag in zip(tags, new, strict=True):
                if old != tag:
                    notes[f"tags {old!r} read as {tag!r}"] += 1
            tags = new
        yield sentence if tags is sentence.tags else replace(sentence, tags=tags)
    for old in renamed:
        if seen and all(new_name(tag, {old: "?"}) == tag for tag in seen):
            notes[f"of the names in --map-tag is no tag here: {old!r}{nearest(old, seen)}"] += 1


def new_name(tag: str, renamed: Mapping[str, str]) -> str:
    """Return the new name of a tag.

    An old name that ends with - or _ stands for the beginning of tags. An entity type stands for all of its tags.

    >>> new_name("0", {"0": "O"}), new_name("b-PER", {"b-": "B-"}), new_name("NOUN", {"0": "O"})
    ('O', 'B-PER', 'NOUN')
    >>> new_name("B-PERSON", {"PERSON": "PER"}), new_name("I-MISC", {"MISC": "O"})
    ('B-PER', 'O')
    """
    if tag in renamed:
        return renamed[tag]
    span = SPAN_TAG.fullmatch(tag)
    if span is not None and span[2] in renamed:
        new = renamed[span[2]]
        return OUTSIDE_TAG if new == OUTSIDE_TAG else span[1] + new
    prefixes = [old for old in renamed if old.endswith(PREFIX_ENDS) and tag.startswith(old)]
    if not prefixes:
        return tag
    longest = max(prefixes, key=len)
    return renamed[longest] + tag[len(longest) :]


def tags_of_brackets(tags: tuple[str, ...], source: str) -> tuple[str, ...]:
    """Return the IOB2 tags of one sentence with spans in brackets, as in OntoNotes.

    source: of the sentence, for errors. Raises CorpusError for another tag, a span within a span, and brackets
    that do not match.

    >>> tags_of_brackets(("(PERSON*", "*)", "*", "(GPE*)"), "")
    ('B-PERSON', 'I-PERSON', 'O', 'B-GPE')
    """
    inside: str | None = None
    result = []
    for tag in tags:
        match = BRACKETED.fullmatch(tag)
        fact = f"tag {tag!r}"
        if match is None:
            raise CorpusError(f"{fact} is no span in brackets, such as (PER*, * or *)", path=source)
        opened, closed = match.groups()
        if opened is not None:
            if inside is not None:
                raise CorpusError(f"{fact} opens a span within a span of {inside!r}", path=source)
            inside = opened
            result.append(f"B-{opened}")
        else:
            result.append(OUTSIDE_TAG if inside is None else f"I-{inside}")
        if closed:
            if inside is None:
                raise CorpusError(f"{fact} closes a span that is not open", path=source)
            inside = None
    if inside is not None:
        raise CorpusError(f"the span of {inside!r} is not closed in this sentence", path=source)
    return tuple(result)
