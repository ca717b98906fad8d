"""Phrases of ready lists that take long to read, kept in the directory of downloaded data for the next training."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from seqlab.catalogue.downloading import data_directory
from seqlab.errors import UserError
from seqlab.machine.atomic import atomic_file

LISTS = "lists"  # the directory within that of downloaded data


def kept(version: str, read: Callable[[], Iterable[str]]) -> Iterable[str]:
    """The phrases of a list: from its file, or read and then written into the file.

    version: names the list, the package that has it, and whatever else its content depends on.
    Without a directory that can be written, nothing is kept.
    """
    path = kept_file(version)
    if path is not None:
        try:
            return path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeError):  # not there, or damaged
            pass
    phrases = sorted({phrase for phrase in read() if phrase.isprintable()})
    if path is not None:
        with suppress(OSError):
            keep(phrases, path)
    return phrases


def keep(phrases: Iterable[str], path: Path) -> None:
    """Write a list into its file, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_file(path, overwrite=True) as pending:
        pending.temporary.write_text("".join(f"{one}\n" for one in phrases), encoding="utf-8")


def kept_file(version: str) -> Path | None:
    """The file of a list; None where there is no directory of data."""
    try:
        return data_directory() / LISTS / f"{version.replace(':', '-').replace(' ', '-')}.txt"
    except UserError:
        return None
