"""The taggers of a server, by name. When one is replaced, requests in progress keep the old one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from seqlab.corpus.schemes import Scheme, class_of_tag
from seqlab.errors import SettingsError, nearest
from seqlab.serving.refusal import invalid
from seqlab.storing.run_files import manifest_sha256
from seqlab.storing.save_and_load import load_run
from seqlab.tagging.tagger import Tagger
from seqlab.text.cutting import TextRules

VERSION_DIGITS = 12


class NamedRun(NamedTuple):
    """A run directory and the name of its tagger in requests."""

    name: str
    path: Path


@dataclass(frozen=True, kw_only=True)
class ServedTagger:
    """A tagger with what a server needs of it.

    version: the first digits of the sha256 of its run's manifest.
    rules: how it cuts text; None if it reads columns that texts do not have.
    """

    name: str
    version: str
    tagger: Tagger
    rules: TextRules | None
    labels: tuple[str, ...]

    @property
    def plain(self) -> bool:
        """Whether it predicts plain tags, which have no spans."""
        return self.tagger.scheme is Scheme.PLAIN

    @property
    def features(self) -> list[str]:
        """The feature columns that it reads."""
        return list(self.tagger.encoder.feature_columns)

    @property
    def numbers(self) -> list[str]:
        """The numeric columns that it reads."""
        return list(self.tagger.encoder.numeric_columns)


def serve_tagger(name: str, version: str, tagger: Tagger) -> ServedTagger:
    """Prepare a tagger. It tags once, so that the first request does not wait for tables."""
    encoder = tagger.encoder
    needs_columns = bool(encoder.feature_columns or encoder.numeric_columns)
    rules = None if needs_columns else tagger.text_rules()
    if rules is not None:
        tagger.tag_text("Ready.")
    names = [class_of_tag(tag, tagger.scheme) for tag in encoder.tags.symbols]
    kept = names if tagger.scheme is Scheme.PLAIN else [n for n in names if n != "O"]
    labels = tuple(sorted(dict.fromkeys(kept)))
    return ServedTagger(name=name, version=version, tagger=tagger, rules=rules, labels=labels)


def tagger_facts(served: ServedTagger) -> dict[str, Any]:
    """What /labels says of a tagger."""
    return {
        "name": served.name,
        "version": served.version,
        "labels": served.labels,
        "plain": served.plain,
        "features": served.features,
        "numbers": served.numbers,
    }


def load_named(run: NamedRun) -> ServedTagger:
    """Load the tagger of a run. Raises RunError if there is none, or it is damaged."""
    digest = manifest_sha256(run.path)
    tagger = load_run(run.path)
    if manifest_sha256(run.path) != digest:  # another run has taken its place meanwhile
        return load_named(run)
    return serve_tagger(run.name, digest[:VERSION_DIGITS], tagger)


def named_runs(words: Sequence[str]) -> list[NamedRun]:
    """The runs that PATH or NAME=PATH names. The name of a path is that of its last directory.

    Raises SettingsError for no run, and for two runs of one name.

    >>> [one.name for one in named_runs(["runs/news", "old=runs/news"])]
    ['news', 'old']
    """
    if not words:
        raise SettingsError("no run is given: give at least one run directory")
    runs: list[NamedRun] = []
    for word in words:
        name, equals, path = word.partition("=")
        if not equals or "/" in name or Path(word).exists():
            name, path = Path(word).resolve().name, word
        if not name or not path:
            raise SettingsError(f"run {word!r}: expected PATH or NAME=PATH")
        if name in [run.name for run in runs]:
            raise SettingsError(f"two runs are named {name!r}: give one of them as NAME=PATH")
        runs.append(NamedRun(name, Path(path)))
    return runs


class TaggerSet:
    """The taggers of a server. Readers see a whole set, old or new, without a lock."""

    def __init__(self, taggers: Sequence[ServedTagger]) -> None:
        self.by_name: Mapping[str, ServedTagger] = {one.name: one for one in taggers}

    def swap_in(self, tagger: ServedTagger) -> None:
        """Serve this tagger from now on under its name."""
        self.by_name = {**self.by_name, tagger.name: tagger}

    def find(self, name: str | None) -> ServedTagger:
        """The tagger of this name; None finds the first. Raises Refusal if there is none."""
        taggers = self.by_name
        if name is None:
            return next(iter(taggers.values()))
        if name not in taggers:
            known = ", ".join(map(repr, taggers))
            raise invalid(f"tagger is {name!r}: expected one of {known}{nearest(name, taggers)}")
        return taggers[name]
