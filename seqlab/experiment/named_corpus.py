"""The setting `corpus`: it names the files of a run, and how they are read."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from seqlab.catalogue.corpora import fetch_corpus, split_paths
from seqlab.catalogue.entries import NamedCorpus, corpus_of_name
from seqlab.errors import SettingsError
from seqlab.settings.declaring import declared
from seqlab.settings.training import TrainSettings

KEPT_PARTS = 3  # of a path: corpora, the name, the file


def with_named_corpus(settings: TrainSettings) -> TrainSettings:
    """The settings with the files of --corpus, which are downloaded if need be; unchanged without it.

    A validation or test corpus that the user gives, or cuts off, replaces that of the catalogue.
    Raises SettingsError for an unknown name and for --train beside it, and UserError as `fetch_corpus` does.
    """
    if settings.corpus is None:
        return settings
    corpus = corpus_of_name(settings.corpus)
    expected = split_paths(corpus)
    if settings.train is not None and not is_cached(settings.train, expected["train"]):
        raise SettingsError("corpus and train are both given: choose one")
    files = fetch_corpus(corpus, offline=settings.offline)
    cut = {"valid": settings.valid_share, "test": settings.test_share or settings.folds}
    changes: dict[str, Any] = {"train": str(files["train"])}
    for split, share in cut.items():
        given = getattr(settings, split)
        is_own = given is not None and not is_cached(given, expected.get(split))
        if split in files and not is_own and share is None:
            changes[split] = str(files[split])
    return replace(settings, **changes, **unread(corpus, settings))


def corpus_text(name: str, train: str) -> str:
    """A line for the log: the corpus, its licence and its directory. train: its training file."""
    corpus = corpus_of_name(name)
    return f"corpus: {corpus.title} ({corpus.licence}), in {Path(train).parent}"


def unread(corpus: NamedCorpus, settings: TrainSettings) -> dict[str, Any]:
    """The reading settings of the catalogue that the user has not given, by name."""
    defaults = declared(TrainSettings)
    return {
        name: value
        for name, value in corpus.reading.items()
        if getattr(settings, name) == defaults[name].default
    }


def is_cached(path: str, expected: Path | None) -> bool:
    """Whether a path is that of a file of the catalogue, in this cache or in another."""
    return expected is not None and Path(path).parts[-KEPT_PARTS:] == expected.parts[-KEPT_PARTS:]


def of_catalogue(settings: TrainSettings) -> Mapping[str, Any]:
    """The settings that --corpus alone gave, by name; empty without it."""
    if settings.corpus is None:
        return {}
    corpus = corpus_of_name(settings.corpus)
    values: dict[str, Any] = dict(corpus.reading)
    for split, path in split_paths(corpus).items():
        given = getattr(settings, split)
        if given is not None and is_cached(given, path):
            values[split] = given
    return {name: value for name, value in values.items() if getattr(settings, name) == value}
