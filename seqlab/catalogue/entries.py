"""The catalogue: which corpora have a name, their files, licences, and how they are read."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

from seqlab.errors import SettingsError, nearest

CATALOGUE = Path(__file__).with_name("corpora.toml")
MIRROR = "SEQLAB_MIRROR"
"""Environment variable: an address that replaces the base of all addresses in the catalogue."""
SPLITS = ("train", "valid", "test")


@dataclass(frozen=True, kw_only=True)
class RemoteFile:
    """A file to download. size: in bytes. sha256: in hexadecimal. Both are None if they are unknown."""

    address: str
    size: int | None = None
    sha256: str | None = None

    @property
    def name(self) -> str:
        """Its file name."""
        return PurePosixPath(self.address).name


@dataclass(frozen=True, kw_only=True)
class NamedCorpus:
    """A corpus of the catalogue.

    files: of each split that it has; several files of a split are joined.
    reading: the settings with which its files are read.
    skip_empty_tokens: whether lines without a token are left out.
    """

    name: str
    title: str
    language: str
    licence: str
    files: Mapping[str, tuple[RemoteFile, ...]]
    reading: Mapping[str, str]
    skip_empty_tokens: bool

    @property
    def size(self) -> int:
        """The bytes of all its files."""
        return sum(file.size or 0 for files in self.files.values() for file in files)


def corpus_of_name(name: str) -> NamedCorpus:
    """The corpus of a name. Raises SettingsError for an unknown name, with the nearest."""
    corpora = named_corpora()
    if name not in corpora:
        raise SettingsError(
            f"corpus is {name!r}: expected one of {', '.join(corpora)}{nearest(name, corpora)}"
        )
    return corpora[name]


def named_corpora() -> dict[str, NamedCorpus]:
    """All corpora of the catalogue, by name."""
    content = catalogue()
    base = os.environ.get(MIRROR, content["base"]).rstrip("/")
    return {name: corpus_of_table(name, table, base) for name, table in content["corpora"].items()}


@cache
def catalogue() -> dict[str, Any]:
    """The content of the catalogue's file."""
    return tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))


def corpus_of_table(name: str, table: Mapping[str, Any], base: str) -> NamedCorpus:
    """A corpus from its table in the catalogue. base: the beginning of its addresses."""
    folder = f"{base}/{table['repository']}/{table['commit']}"
    files = {
        split: tuple(
            RemoteFile(
                address=f"{folder}/{entry['path']}", size=entry["bytes"], sha256=entry["sha256"]
            )
            for entry in table[split]
        )
        for split in SPLITS
        if split in table
    }
    return NamedCorpus(
        name=name,
        title=table["title"],
        language=table["language"],
        licence=table["licence"],
        files=files,
        reading=table.get("reading", {}),
        skip_empty_tokens=table.get("skip_empty_tokens", False),
    )
