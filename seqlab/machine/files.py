"""Paths that a user names: checks, TOML files, and the wording of errors about them."""

import filecmp
import os
import tomllib
from pathlib import Path
from typing import Any

from seqlab.errors import SettingsError, UserError, nearest, shorten, with_type


def as_path(value: object, what: str) -> Path:
    """A path from a script, checked. what: the expected file or directory, for the message.

    Raises UserError if the value is not a path, or is a text with line breaks.
    """
    if not isinstance(value, str | os.PathLike):
        raise UserError(f"expected the path of {what}, found {with_type(value)}")
    text = os.fspath(value)
    if not isinstance(text, str) or "\n" in text:
        raise UserError(f"expected the path of {what}, found {shorten(repr(text))}")
    return Path(text)


def is_directory(path: Path) -> bool:
    """Whether the path is a directory; False for a name that is too long for the file system."""
    try:
        return path.is_dir()
    except OSError:
        return False


def read_toml(path: str | Path, *, error: type[UserError] = SettingsError) -> dict[str, Any]:
    """The contents of a TOML file. Raises `error` if it is missing, cannot be read, or is not TOML."""
    try:
        content = Path(path).read_bytes()
    except FileNotFoundError:
        fact = f"no such file{nearest_sibling(Path(path))}"
    except OSError as reason:
        fact = f"cannot be read: {(reason.strerror or str(reason)).lower()}"
    else:
        return parse_toml(content, path, error=error)
    raise error(f"{path}: {fact}")


def parse_toml(
    content: bytes, path: str | Path, *, error: type[UserError] = SettingsError
) -> dict[str, Any]:
    """The contents of a TOML file that has been read. path: its name in errors. Raises `error` if it is not TOML."""
    try:
        return tomllib.loads(content.decode("utf-8-sig").replace("\r\n", "\n"))
    except UnicodeDecodeError:
        fact = "not UTF-8 text; expected a TOML file"
    except ValueError as reason:  # also for numbers with thousands of digits
        fact = f"not a TOML file: {reason}"
    except RecursionError:
        fact = "not a TOML file: nested too deeply"
    raise error(f"{path}: {fact}")


def nearest_sibling(path: Path) -> str:
    """A clause that suggests the file with the closest name, or says that the directory is missing."""
    if not path.parent.is_dir():
        return f": there is no directory {str(path.parent)!r}"
    names = {sibling.name for sibling in path.parent.iterdir()} - {path.name}
    return nearest(path.name, names)


def check_writable(path: Path, *, overwrite: bool, error: type[UserError]) -> None:
    """Raise `error` if a file cannot be written at the path, or exists there and `overwrite` is False."""
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
        raise error(f"{path}: cannot be written: no write permission in {str(path.parent)!r}")


def is_same_path(path: str | Path, other: str | None) -> bool:
    """Whether two paths lead to the same file."""
    return other is not None and Path(path).resolve() == Path(other).resolve()


def is_same_content(one: str | Path, other: str | Path | None) -> bool:
    """Tell whether two regular files hold the same bytes; False when one cannot be read."""
    if other is None or not (Path(one).is_file() and Path(other).is_file()):
        return False
    try:
        return filecmp.cmp(one, other, shallow=False)
    except OSError:
        return False
