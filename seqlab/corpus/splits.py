"""Train, validation and test sentences in one scheme, and what was done to get them there.

Files are read, tags brought into one scheme and mended, missing splits cut off the training
sentences. What a person should know is said in notes; `split_checks.py` has those that compare splits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from seqlab.corpus.cache import Cache, TrainingCorpus, cached_corpus
from seqlab.corpus.chosen_columns import ChosenColumns, ColumnRef
from seqlab.corpus.document_split import count_documents, split_off
from seqlab.corpus.reading import Corpus, Format, read_corpus
from seqlab.corpus.retag import in_scheme, scheme_beside, source_scheme
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
    """The sentences that training sees, chooses by, and is judged on.

    train: a tuple, or of a cache a sequence that makes each sentence when it is asked for.
    test: None where there is none. scheme: that of all tags.
    notes: one plain sentence each, for a person.
    """

    train: Sequence[Sentence]
    valid: Sentences
    test: Sentences | None
    scheme: Scheme
    notes: tuple[str, ...]


def load_splits(
    train: str | Path,
    valid: str | Path | None = None,
    test: str | Path | None = None,
    *,
    format: Format | str | None = None,
    token_column: ColumnRef | None = None,
    tag_column: ColumnRef | None = None,
    token_weight_column: ColumnRef | None = None,
    feature_columns: Mapping[str, ColumnRef] | None = None,
    scheme: Scheme | str | None = None,
    valid_share: float | None = None,
    test_share: float | None = None,
    seed: int = 1,
    cache: Cache | str | Path | None = None,
) -> Splits:
    """Read the splits there are and cut the others off `train`, stratified, never from its tail.

    Documents stay whole where the corpus tells them and has enough of them (`document_split.py`).

    format, token_column, tag_column, token_weight_column, feature_columns: as `read_corpus` has them;
    token weights for train and valid alone, as nothing is weighed in test.
    scheme: what to convert the tags to; without it they keep the scheme found in `train`.
    valid_share, test_share: fractions of the sentences of `train`; 0.15 where there is no `valid`,
    and no test split unless it is asked for.
    seed: of the split.
    cache: a directory, or a `seqlab.corpus.cache.Cache`: keeps the training corpus as numbers on disk, so
    that it is never held whole.
    Raises SettingsError for a share outside (0, 1) or beside the file it would replace, and for
    an unknown name; CorpusError for what can't be read.
    """
    shares = _shares(valid, test, valid_share, test_share)
    wanted = None if scheme is None else parse_scheme(scheme)
    places = ChosenColumns(
        token=token_column,
        tag=tag_column,
        weight=token_weight_column,
        features=feature_columns or {},
    )
    if cache is None:
        training = _training(train, format, places, wanted)
    else:
        cache = cache if isinstance(cache, Cache) else Cache(folder=as_path(cache, "the cache"))
        _refuse_shares(shares, cache)
        training = cached_corpus(train, cache, format=format, places=places, scheme=wanted)
    source, target = training.source, wanted or training.source
    corpora = {
        name: _read(path, format, replace(places, weight=None) if name == "test" else places)
        for name, path in {"valid": valid, "test": test}.items()
        if path is not None
    }
    skipped = {"train": training.skipped} | {name: c.notes for name, c in corpora.items()}
    notes = [f"{name}: {count} {what}" for name, n in skipped.items() for what, count in n.items()]
    notes += training.scheme_notes
    if target is not source:
        notes.append(f"tags converted from {source.value} to {target.value}")
    notes += training.tag_notes
    splits: dict[str, Sequence[Sentence]] = {"train": training.sentences}
    for name, corpus in corpora.items():
        splits[name] = in_scheme(name, corpus.sentences, source, target, notes)
    _cut_off(splits, shares, target, seed, str(train), notes)
    notes += [*measured_tags(splits["train"]), *unknown_tags(splits), *repeated(splits)]
    return Splits(
        train=splits["train"],
        valid=tuple(splits["valid"]),
        test=tuple(splits["test"]) if "test" in splits else None,
        scheme=target,
        notes=tuple(notes),
    )


def _training(
    path: str | Path, format: Format | str | None, places: ChosenColumns, wanted: Scheme | None
) -> TrainingCorpus:
    """The training corpus in memory, its tags mended and in the wanted scheme."""
    corpus = _read(path, format, places)
    scheme_notes: list[str] = []
    tag_notes: list[str] = []
    source = source_scheme(corpus, wanted, scheme_notes)
    sentences = in_scheme("train", corpus.sentences, source, wanted or source, tag_notes)
    return TrainingCorpus(
        sentences=sentences,
        skipped=corpus.notes,
        source=source,
        scheme_notes=tuple(scheme_notes),
        tag_notes=tuple(tag_notes),
    )


def _read(path: str | Path, format: Format | str | None, places: ChosenColumns) -> Corpus:
    return read_corpus(
        path,
        format=format,
        token_column=places.token,
        tag_column=places.tag,
        token_weight_column=places.weight,
        feature_columns=places.features,
    )


def _refuse_shares(shares: Mapping[str, float], cache: Cache) -> None:
    """Raise SettingsError where a split would have to be cut off a corpus that is not in memory."""
    for name in shares:
        given = f"cache is {str(cache.folder)!r}: a corpus that is read from disk is not split"
        raise SettingsError(f"{given}; give --{name}")


def read_as(
    path: str | Path,
    *,
    scheme: Scheme | str,
    format: Format | str | None = None,
    token_column: ColumnRef | None = None,
    tag_column: ColumnRef | None = None,
    feature_columns: Mapping[str, ColumnRef] | None = None,
) -> tuple[Sentences, tuple[str, ...]]:
    """The sentences of one labelled corpus in the scheme of a tagger, and notes as `Splits` has.

    scheme: what the tags become; illegal transitions are mended as in training.
    Raises CorpusError for what can't be read, and when spans are wanted of plain tags.
    """
    wanted = parse_scheme(scheme)
    places = ChosenColumns(token=token_column, tag=tag_column, features=feature_columns or {})
    corpus = _read(path, format, places)
    name = Path(path).name
    notes = [f"{name}: {count} {what}" for what, count in corpus.notes.items()]
    source = scheme_beside(corpus, wanted)
    if source is not wanted:
        notes.append(f"{name}: tags converted from {source.value} to {wanted.value}")
    return in_scheme(name, corpus.sentences, source, wanted, notes), tuple(notes)


def _shares(
    valid: object, test: object, valid_share: float | None, test_share: float | None
) -> dict[str, float]:
    """The share of the training sentences that each missing split takes, the test split first."""
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


def _cut_off(
    splits: dict[str, Sequence[Sentence]],
    shares: dict[str, float],
    scheme: Scheme,
    seed: int,
    path: str,
    notes: list[str],
) -> None:
    """Take the missing splits off the training sentences, in `splits` itself."""
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
