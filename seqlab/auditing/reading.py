"""The corpora of an audit: read once, in one scheme, with what stood in the files before repair.

Unlike `corpus.splits.load_splits`, a split that has no file is only cut off when a share is given,
so that the figures are those of the files.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from seqlab.corpus.chosen_columns import ColumnRef
from seqlab.corpus.document_split import count_documents, split_off
from seqlab.corpus.reading import Corpus, Format, read_corpus
from seqlab.corpus.retag import in_scheme, source_scheme
from seqlab.corpus.schemes import (
    OUTSIDE_TAG,
    Scheme,
    parse_scheme,
    repair,
    rewrite_bilou,
    split_tag,
)
from seqlab.corpus.sentence import Sentences
from seqlab.corpus.split_checks import measured_tags
from seqlab.corpus.stratify import check_share
from seqlab.errors import CorpusError, SettingsError, UserError
from seqlab.machine.wording import plural

SPLITS = ("train", "valid", "test")
NAMED = 5


@dataclass(frozen=True, kw_only=True)
class MendedTag:
    """One kind of illegal transition: a tag, what stands before it, and what it is read as.

    count: how often. example: 'path:line' of the first sentence that has it.
    """

    previous: str | None
    tag: str
    read_as: str
    count: int
    example: str


@dataclass(frozen=True, kw_only=True)
class IllegalTags:
    """What repair changes in one file. tags, sentences: how many. kinds: the most frequent ones."""

    tags: int
    sentences: int
    kinds: tuple[MendedTag, ...]


@dataclass(frozen=True, kw_only=True)
class AuditedCorpora:
    """What the audit looks at.

    paths: the file of each split that has one. splits: sentences by name, 'train' first, tags in
    `scheme` and mended. illegal: what was mended, by file. notes: what the readers say.
    """

    paths: Mapping[str, str]
    splits: Mapping[str, Sentences]
    scheme: Scheme
    illegal: Mapping[str, IllegalTags]
    notes: tuple[str, ...]


def read_corpora(
    paths: Mapping[str, str],
    *,
    format: Format | str | None = None,
    token_column: ColumnRef | None = None,
    tag_column: ColumnRef | None = None,
    scheme: Scheme | str | None = None,
    valid_share: float | None = None,
    seed: int = 1,
) -> AuditedCorpora:
    """Read the files of `paths` (by split), bring their tags into one scheme, and cut off a valid split.

    Raises as `load_splits` does.
    """
    if valid_share is not None:
        check_share(valid_share, "valid_share")
        if "valid" in paths:
            raise SettingsError("valid_share and valid are both given: choose one")
    wanted = None if scheme is None else parse_scheme(scheme)
    corpora = {
        name: read_corpus(path, format=format, token_column=token_column, tag_column=tag_column)
        for name, path in paths.items()
    }
    notes = [f"{n}: {count} {what}" for n, c in corpora.items() for what, count in c.notes.items()]
    notes += measured_tags(dict.fromkeys(tag for s in corpora["train"] for tag in s.tags or ()))
    source = source_scheme(corpora["train"], wanted, notes)
    target = wanted or source
    splits = {n: in_scheme(n, c.sentences, source, target, notes) for n, c in corpora.items()}
    if valid_share is not None:
        cut_off(splits, valid_share, target, seed, paths["train"], notes)
    return AuditedCorpora(
        paths=dict(paths),
        splits={name: splits[name] for name in SPLITS if name in splits},
        scheme=target,
        illegal={name: illegal_tags(corpus, source) for name, corpus in corpora.items()},
        notes=tuple(notes),
    )


def cut_off(
    splits: dict[str, Sentences],
    share: float,
    scheme: Scheme,
    seed: int,
    path: str,
    notes: list[str],
) -> None:
    """Take a valid split off the training sentences as training does, in `splits` itself."""
    try:
        cut = split_off(splits["train"], share, scheme=scheme, seed=seed)
    except UserError as error:
        raise CorpusError(f"valid: {error}", path=path) from None
    manner = cut.manner(count_documents(splits["train"]))
    splits["train"], splits["valid"] = cut.rest, cut.part
    notes.append(
        f"valid: {plural(len(cut.part), 'sentence')} split off train{manner}, stratified by class "
        f"(share {share:g}, seed {seed})"
    )
    notes += cut.remarks("valid")


def illegal_tags(corpus: Corpus, scheme: Scheme) -> IllegalTags:
    """The tags of a file that its scheme does not allow where they stand."""
    counts: Counter[tuple[str | None, str, str]] = Counter()
    examples: dict[tuple[str | None, str, str], str] = {}
    sentences = 0
    for sentence in corpus if scheme is not Scheme.PLAIN else ():
        found = mended(rewrite_bilou([as_span(tag) for tag in sentence.tags or ()]), scheme)
        sentences += bool(found)
        for kind in found:
            counts[kind] += 1
            examples.setdefault(kind, sentence.source)
    kinds = (
        MendedTag(previous=kind[0], tag=kind[1], read_as=kind[2], count=n, example=examples[kind])
        for kind, n in sorted(counts.items(), key=lambda item: -item[1])[:NAMED]
    )
    return IllegalTags(tags=counts.total(), sentences=sentences, kinds=tuple(kinds))


def as_span(tag: str) -> str:
    """A tag that is no span's as the readers take it: a span of its own type."""
    return tag if tag == OUTSIDE_TAG or split_tag(tag) else f"B-{tag}"


def mended(tags: Sequence[str], scheme: Scheme) -> list[tuple[str | None, str, str]]:
    """For each tag that repair changes: the tag before it, the tag, and what it becomes.

    >>> mended(("O", "I-PER", "I-LOC"), Scheme.IOB2)
    [('O', 'I-PER', 'B-PER'), ('I-PER', 'I-LOC', 'B-LOC')]
    """
    repaired, changed = repair(tags, scheme)
    if not changed:
        return []
    before = (None, *tags)
    return [
        (previous, tag, becomes)
        for previous, tag, becomes in zip(before, tags, repaired, strict=False)
        if tag != becomes
    ]
