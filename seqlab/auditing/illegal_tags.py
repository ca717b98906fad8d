"""Tags that break the tag scheme of their file, counted before the readers repair them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import KW_ONLY, dataclass

from seqlab.corpus.schemes import OUTSIDE_TAG, Scheme, repair, spelled_out, split_tag
from seqlab.corpus.sentence import Sentence

MOST_CHANGES = 5


@dataclass(frozen=True)
class IllegalTransition:
    """One kind of illegal transition.

    previous: the tag before; None at the start of a sentence. tag: the illegal tag. read_as: its repair.
    count: how often it occurs. example: 'path:line' of the first sentence with it.
    """

    previous: str | None
    tag: str
    read_as: str
    _: KW_ONLY
    count: int
    example: str


@dataclass(frozen=True, kw_only=True)
class IllegalTags:
    """The tags that repair changes in one file. tags, sentences: how many. most_frequent: the most frequent changes."""

    tags: int
    sentences: int
    most_frequent: tuple[IllegalTransition, ...]


def count_illegal_tags(sentences: Iterable[Sentence], scheme: Scheme) -> IllegalTags:
    """Count the tags that `scheme` does not allow after the tag before them. Plain tags have none."""
    counts: Counter[tuple[str | None, str, str]] = Counter()
    examples: dict[tuple[str | None, str, str], str] = {}
    with_illegal = 0
    for sentence in sentences if scheme is not Scheme.PLAIN else ():
        tags = [as_span_tag(spelled_out(tag)) for tag in sentence.tags or ()]
        changes = repaired_tags(tags, scheme)
        with_illegal += bool(changes)
        for change in changes:
            counts[change] += 1
            examples.setdefault(change, sentence.source)
    most_frequent = tuple(
        IllegalTransition(*change, count=count, example=examples[change])
        for change, count in counts.most_common(MOST_CHANGES)
    )
    return IllegalTags(tags=counts.total(), sentences=with_illegal, most_frequent=most_frequent)


def as_span_tag(tag: str) -> str:
    """A tag without a prefix as the readers take it: as a span of its own type."""
    return tag if tag == OUTSIDE_TAG or split_tag(tag) else f"B-{tag}"


def repaired_tags(tags: Sequence[str], scheme: Scheme) -> list[tuple[str | None, str, str]]:
    """For each tag that repair changes: the tag before it, the tag, and the tag that replaces it.

    >>> repaired_tags(("O", "I-PER", "I-LOC"), Scheme.IOB2)
    [('O', 'I-PER', 'B-PER'), ('I-PER', 'I-LOC', 'B-LOC')]
    """
    repaired, changed = repair(tags, scheme)
    if not changed:
        return []
    return [
        (previous, tag, read_as)
        for previous, tag, read_as in zip((None, *tags), tags, repaired, strict=False)
        if tag != read_as
    ]
