"""Load the train, validation and test splits, all in one tag scheme.

`load_splits` reads the files, converts and repairs the tags, and cuts missing splits off the training
sentences. It reports what it did in notes. `split_checks.py` writes the notes that compare splits.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Unpack

from seqlab.annotations.span_report import SpanReport
from seqlab.corpus.cache import Cache, TrainingCorpus, cached_corpus
from seqlab.corpus.checks.facts import facts_of
from seqlab.corpus.checks.finding import Finding, notes_or_error
from seqlab.corpus.checks.reading_checks import corpus_findings
from seqlab.corpus.checks.sentences import other_tags, same_files
from seqlab.corpus.corpus_arrays import CorpusArrays, corpus_arrays
from seqlab.corpus.document_split import count_documents, split_off
from seqlab.corpus.folds import cut_fold
from seqlab.corpus.reading import read_chosen
from seqlab.corpus.reading_options import (
    DEFAULT_OPTIONS,
    ReadingKeywords,
    ReadingOptions,
    reading_options,
)
from seqlab.corpus.retag import in_scheme, scheme_beside, scheme_of_split, source_scheme
from seqlab.corpus.schemes import Scheme, parse_scheme
from seqlab.corpus.sentence import Sentence, Sentences
from seqlab.corpus.split_checks import measured_tags, repeated, unknown_tags
from seqlab.corpus.stratify import check_share
from seqlab.errors import CorpusError, SettingsError, UserError
from seqlab.machine.files import as_path
from seqlab.machine.wording import plural

VALID_SHARE = 0.15


@dataclass(frozen=True, kw_only=True)
class Splits:
    """The sentences for training, for choosing the epoch (valid), and for the final score (test).

    train: a tuple; with a cache, a sequence that builds each sentence when it is accessed.
    test: None when there is no test split.
    scheme: the scheme of all tags.
    notes: one sentence each, for the user.
    arrays: each split as arrays with its counts, by name ('train', 'valid', 'test').
    spans: by split, what became of the spans of its file; only for files of annotation tools.
    """

    train: Sequence[Sentence]
    valid: Sentences
    test: Sentences | None
    scheme: Scheme
    notes: tuple[str, ...]
    arrays: Mapping[str, CorpusArrays] = field(repr=False, compare=False)
    spans: Mapping[str, SpanReport] = field(default_factory=dict, repr=False, compare=False)


def load_splits(
    train: str | Path,
    valid: str | Path | None = None,
    test: str | Path | None = None,
    *,
    scheme: Scheme | str | None = None,
    valid_share: float | None = None,
    test_share: float | None = None,
    folds: int | None = None,
    fold: int | None = None,
    seed: int = 1,
    cache: Cache | str | Path | None = None,
    known_tags: Iterable[str] = (),
    **keywords: Unpack[ReadingKeywords],
) -> Splits:
    """Read the given splits and cut the missing ones off `train`, stratified by class.

    A document goes to one side as a whole when the corpus marks documents and has enough of them
    (see `document_split.py`).

    scheme: the scheme to convert the tags to; None keeps the scheme of `train`.
    valid_share, test_share: share of the sentences of `train` to cut off. Without `valid` and
        `valid_share`, 0.15 becomes the validation split. A test split is cut off only on request.
    folds, fold: cut `train` into this many folds, and test this one, from 1 (see `folds.py`). `valid_share` is then
        a share of the others.
    seed: of the split.
    cache: a directory, or a `seqlab.corpus.cache.Cache`. The training corpus is kept there as arrays on
        disk, so that memory never holds all of it.
    known_tags: tags of the network beside those of training, which no note calls unknown.
    keywords: how the files are read, as in `read_corpus`. Token weights are read for train and valid only.
    Raises SettingsError for a share outside (0, 1), for a share of a split that has a file, and for an
    unknown name. Raises CorpusError for a file that cannot be read.
    """
    shares = _shares(valid, test, valid_share, test_share)
    refuse_two_tests(folds, test, test_share)
    wanted = None if scheme is None else parse_scheme(scheme)
    options = reading_options(**keywords)
    if cache is None:
        training = _training(train, options, wanted)
    else:
        cache = cache if isinstance(cache, Cache) else Cache(folder=as_path(cache, "the cache"))
        for name in [*shares, *(["test, not --folds"] if folds else [])]:  # it is not in memory
            fact = f"cache is {str(cache.folder)!r}, and a cached corpus cannot be split"
            raise SettingsError(f"{fact}; give --{name}")
        training = cached_corpus(train, cache, options=options, scheme=wanted)
    source, target = training.source, wanted or training.source
    unweighted = replace(options, columns=replace(options.columns, weight=None))
    chosen = {"valid": options, "test": unweighted}
    files = {"train": train, "valid": valid, "test": test}
    corpora = {
        name: read_chosen(path, chosen[name])
        for name, path in files.items()
        if path is not None and name in chosen
    }
    reports = {"train": training.spans} | {name: c.spans for name, c in corpora.items()}
    findings: list[Finding] = []
    for name, corpus in corpora.items():
        facts = facts_of(corpus, options=chosen[name], scheme=target)
        findings += corpus_findings(facts)
    if options.columns.has_words:
        together = {"train": training.sentences} | {n: c.sentences for n, c in corpora.items()}
        findings += same_files({n: str(p) for n, p in files.items() if p is not None}, together)
    checked = [*training.check_notes, *notes_or_error(findings, options.accept)]
    skipped = {"train": training.skipped} | {name: c.notes for name, c in corpora.items()}
    notes = [f"{name}: {count} {what}" for name, n in skipped.items() for what, count in n.items()]
    notes += training.scheme_notes
    if target is not source:
        notes.append(f"tags converted from {source.value} to {target.value}")
    notes += training.tag_notes
    splits: dict[str, Sequence[Sentence]] = {"train": training.sentences}
    for name, corpus in corpora.items():
        own = scheme_of_split(name, corpus, source, target, notes)
        splits[name] = in_scheme(name, corpus.sentences, own, target, notes)
    if folds is not None:
        split_off_fold(splits, folds, fold, target, str(train), notes)
    cut_off_splits(splits, shares, target, seed, str(train), notes)
    features, numbers = tuple(options.columns.features), tuple(options.columns.numbers)
    arrays = {name: corpus_arrays(split, features, numbers) for name, split in splits.items()}
    tag_counts = {name: split.counts_by_tag() for name, split in arrays.items()}
    tag_counts["train"] = dict.fromkeys(known_tags, 0) | tag_counts["train"]
    unknown = chain.from_iterable(
        other_tags(corpus.path, tag_counts[name], tag_counts["train"])
        for name, corpus in corpora.items()
    )
    notes += [*checked, *notes_or_error(unknown, options.accept)]
    notes += [*measured_tags(tag_counts["train"]), *unknown_tags(tag_counts)]
    if options.columns.has_words:
        notes += repeated(splits)
    return Splits(
        train=splits["train"],
        valid=tuple(splits["valid"]),
        test=tuple(splits["test"]) if "test" in splits else None,
        scheme=target,
        notes=tuple(notes),
        arrays=arrays,
        spans={name: report for name, report in reports.items() if report is not None},
    )


def _training(path: str | Path, options: ReadingOptions, wanted: Scheme | None) -> TrainingCorpus:
    """Return the training corpus in memory, its tags repaired and in the wanted scheme."""
    corpus = read_chosen(path, options)
    facts = facts_of(corpus, options=options, scheme=wanted, training=True)
    checked = notes_or_error(corpus_findings(facts), options.accept)
    scheme_notes: list[str] = []
    tag_notes: list[str] = []
    source = source_scheme(corpus, wanted, scheme_notes)
    sentences = in_scheme("train", corpus.sentences, source, wanted or source, tag_notes)
    return TrainingCorpus(
        sentences=sentences,
        skipped=corpus.notes,
        source=source,
        check_notes=tuple(checked),
        scheme_notes=tuple(scheme_notes),
        tag_notes=tuple(tag_notes),
        spans=corpus.spans,
    )


def splits_of(train: Sequence[Sentence], valid: Sequence[Sentence], *, scheme: Scheme) -> Splits:
    """Splits of sentences in memory, without a test split. scheme: of their tags."""
    features, numbers = tuple(train[0].features), tuple(train[0].numbers)
    splits = {"train": train, "valid": valid}
    return Splits(
        train=train,
        valid=tuple(valid),
        test=None,
        scheme=scheme,
        notes=(),
        arrays={name: corpus_arrays(s, features, numbers) for name, s in splits.items()},
    )


def read_as(
    path: str | Path,
    *,
    scheme: Scheme | str,
    options: ReadingOptions = DEFAULT_OPTIONS,
) -> tuple[Sentences, tuple[str, ...]]:
    """Return the sentences of one labelled corpus in the scheme of a tagger, and notes for the user.

    scheme: the scheme to convert the tags to. Illegal transitions are repaired as in training.
    Raises CorpusError for a file that cannot be read, and for plain tags when `scheme` has spans.
    """
    wanted = parse_scheme(scheme)
    corpus = read_chosen(path, options)
    name = Path(path).name
    notes = [f"{name}: {count} {what}" for what, count in corpus.notes.items()]
    source = scheme_beside(corpus, wanted)
    facts = facts_of(corpus, options=options, scheme=wanted)
    notes += notes_or_error(corpus_findings(facts), options.accept)
    if source is not wanted:
        notes.append(f"{name}: tags converted from {source.value} to {wanted.value}")
    return in_scheme(name, corpus.sentences, source, wanted, notes), tuple(notes)


def _shares(
    valid: object, test: object, valid_share: float | None, test_share: float | None
) -> dict[str, float]:
    """Return the share of the training sentences that each missing split gets, test first."""
    shares = {"test": test_share, "valid": valid_share}
    for (name, share), path in zip(shares.items(), (test, valid), strict=True):
        if share is None:
            continue
        check_share(share, f"{name}_share")
        if path is not None:
            fact = f"{name}_share = {share!r} and {name} = {str(path)!r} contradict each other"
            raise SettingsError(f"{fact}; give one of them")
    if valid is None and valid_share is None:
        shares["valid"] = VALID_SHARE
    given = {name: share for name, share in shares.items() if share is not None}
    if sum(given.values()) >= 1:
        fact = f"test_share {given['test']!r} and valid_share {given['valid']!r} leave nothing"
        raise SettingsError(f"{fact} to train on; expected a sum below 1")
    return given


def refuse_two_tests(folds: int | None, test: object, test_share: float | None) -> None:
    """Raise SettingsError for folds beside another test split."""
    for name, value in (("test", test), ("test_share", test_share)):
        if folds is not None and value is not None:
            shown = value if isinstance(value, float) else str(value)
            fact = f"folds = {folds} and {name} = {shown!r} contradict each other"
            raise SettingsError(f"{fact}; give one of them")


def split_off_fold(
    splits: dict[str, Sequence[Sentence]],
    folds: int,
    fold: int | None,
    scheme: Scheme,
    path: str,
    notes: list[str],
) -> None:
    """Make one fold of the training sentences the test split; changes `splits` and `notes`."""
    cut = cut_fold(splits["train"], folds=folds, fold=fold, scheme=scheme)
    splits["train"], splits["test"] = cut.rest, cut.test
    whole = f", {plural(cut.documents, 'whole document')}" if cut.documents else ""
    fact = f"test: fold {fold} of {folds} of {path}: {plural(len(cut.test), 'sentence')}{whole}"
    notes.append(f"{fact}; {len(cut.rest)} left")


def cut_off_splits(
    splits: dict[str, Sequence[Sentence]],
    shares: dict[str, float],
    scheme: Scheme,
    seed: int,
    path: str,
    notes: list[str],
) -> None:
    """Cut the missing splits off the training sentences; changes `splits` and `notes`."""
    left, whole = 1.0, len(splits["train"])
    documents = count_documents(splits["train"]) if shares else 0
    for name, share in shares.items():
        try:
            cut = split_off(splits["train"], share / left, scheme=scheme, seed=seed)
        except UserError as error:
            raise CorpusError(f"{name}: {error}", path=path) from None
        left -= share
        splits["train"], splits[name] = cut.rest, cut.part
        notes.append(
            f"{name}: {plural(len(cut.part), 'sentence')} of {whole} split off {path}"
            f"{cut.manner(documents)}, stratified by class (share {share:g}, seed {seed}); "
            f"{len(cut.rest)} left"
        )
        notes += cut.remarks(name)
