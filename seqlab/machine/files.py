"""Paths that a user names: checks, TOML files, and the wording of errors about them."""

import os
import tomllib
from pathlib import Path
from typing import Any

from seqlab.errors import SettingsError, UserError, named, nearest, shorten


def as_path(value: object, what: str) -> Path:
    """The path that a script gives. what: what it should lead to.

    Raises UserError for what is none, a text of several lines among it.
    """
    if not isinstance(value, str | os.PathLike):
        raise UserError(f"expected the path of {what}, found {named(value)}")
    text = os.fspath(value)
    if not isinstance(text, str) or "\n" in text:
        raise UserError(f"expected the path of {what}, found {shorten(repr(text))}")
    return Path(text)


def is_directory(path: Path) -> bool:
    """Whether there is a directory of this name; a name too long for one is none."""
    try:
        return path.is_dir()
    except OSError:
        return False


def read_toml(path: str | Path, *, error: type[UserError] = SettingsError) -> dict[str, Any]:
    """A TOML file as it stands.

    Raises `error`, 'path: fact', for a file that is missing, cannot be read, or is not TOML.
    """
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        fact = f"no such file{nearest_sibling(Path(path))}"
    except OSError as reason:
        fact = f"cannot be read: {(reason.strerror or str(reason)).lower()}"
    except UnicodeDecodeError:
        fact = "not UTF-8 text; expected a TOML file"
    except ValueError as reason:  # a number of thousands of digits is one too
        fact = f"not a TOML file: {reason}"
    except RecursionError:
        fact = "not a TOML file of seqlab's: nested too deep"
    raise error(f"{path}: {fact}")


def nearest_sibling(path: Path) -> str:
    """The clause that names the file that may have been meant, or the directory that is missing."""
    if not path.parent.is_dir():
        return f": there is no directory {str(path.parent)!r}"
    names = {sibling.name for sibling in path.parent.iterdir()} - {path.name}
    return nearest(path.name, names)


def check_writable(path: Path, *, overwrite: bool, error: type[UserError]) -> None:
    """Refuse a path to write at: it exists (unless `overwrite`), is no file, or has no directory."""
    try:
        if path.is_dir():
            raise error(f"{path}: is a directory; expected the path of a file to write")
        if path.exists() and not overwrite:
            raise error(f"{path}: exists; give --overwrite to replace it, or another --out")
        if not path.parent.is_dir():
            raise error(f"{path}: there is no directory {str(path.parent)!r}")
    except (OSError, ValueError) as reason:
        if isinstance(reason, UserError):
            raise
        raise error(f"{path}: cannot be written: {reason}") from reason
    if not os.access(path.parent, os.W_OK):
        raise error(f"{path}: cannot be written: no file may be made in {str(path.parent)!r}")


def is_same(path: str | Path, other: str | None) -> bool:
    """Whether two paths lead to one file."""
    return other is not None and Path(path).resolve() == Path(other).resolve()
