"""Files that a user names: TOML tables, what is written whole, and what is said of one that is missing."""

import gzip
import os
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO, cast

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


@dataclass
class NewFile:
    """A file that is being written. partial: the temporary one, beside it; path: where it will stand."""

    partial: Path
    path: Path


@contextmanager
def new_file(path: Path, *, overwrite: bool) -> Iterator[NewFile]:
    """A partial file, with the ending of `path`, that becomes `path` when the block ends well.

    Should somebody else have made a file there in the meantime, the new one is kept beside it under
    the next free name: `NewFile.path` says where.
    """
    new = NewFile(path.with_name(f".partial-{os.getpid()}-{path.name}"), path)
    try:
        yield new
        beside = (path.with_name(f"{path.stem}-{number}{path.suffix}") for number in count(2))
        while new.path.exists() and not overwrite:
            new.path = next(beside)
        new.partial.replace(new.path)
    finally:
        new.partial.unlink(missing_ok=True)


def is_same(path: str | Path, other: str | None) -> bool:
    """Whether two paths lead to one file."""
    return other is not None and Path(path).resolve() == Path(other).resolve()


class Drafts:
    """Files under temporary names, which get their own when the `with` block ends well.

    When it ends badly, or a file can't be written, what stood under the names stands there still.
    """

    def __init__(self) -> None:
        self.stack = ExitStack()
        self.files: list[tuple[Path, Path]] = []

    def open(self, path: Path) -> TextIO:
        """Open the draft of `path` for UTF-8 text with LF line ends; '.gz' compresses it."""
        draft = path.with_name(f".{path.name}.{os.getpid()}.partial")
        opener = gzip.open if path.name.endswith(".gz") else open
        self.files.append((draft, path))
        stream = opener(draft, "wt", encoding="utf-8", newline="\n")
        return cast(TextIO, self.stack.enter_context(stream))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self.stack.close()
            if kind is None:
                for draft, path in self.files:
                    draft.replace(path)
        finally:
            for draft, _path in self.files:
                draft.unlink(missing_ok=True)
