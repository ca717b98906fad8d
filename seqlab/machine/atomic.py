"""Files and directories that appear whole or not at all: written under a temporary name, then renamed.

This is the only module that renames files.
"""

import ctypes
import glob
import gzip
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TextIO, cast
from weakref import finalize

TEMPORARY_PREFIX = ".partial-"
AT_FDCWD, RENAME_EXCHANGE = -100, 2  # of Linux's renameat2


@dataclass
class PendingPath:
    """A file or directory that is being written.

    temporary: where to write it. path: where it will appear; final once the `with` block has ended.
    """

    temporary: Path
    path: Path


def temporary_path(path: Path, *, pid: int | None = None) -> Path:
    """The name under which a process writes `path`. It keeps the suffix, which some writers look at.

    pid: of that process; None for this one.
    """
    return path.parent / f"{TEMPORARY_PREFIX}{pid or os.getpid()}-{path.name}"


def free_path(parent: Path, name: str, *, suffix: str = "", first: int = 1) -> Path:
    """The first of NAME-1, NAME-2, … that does not exist, each with `suffix` appended."""
    return next(path for n in count(first) if not (path := parent / f"{name}-{n}{suffix}").exists())


@contextmanager
def atomic_file(path: Path, *, overwrite: bool, durable: bool = False) -> Iterator[PendingPath]:
    """Give a temporary file to write, which becomes `path` when the block ends without an error.

    If `path` exists by then and `overwrite` is False, the new file gets the next free name beside it.
    durable: wait until the content is on the disk, so that a power failure cannot leave an empty file.
    """
    pending = PendingPath(temporary_path(path), path)
    try:
        yield pending
        if durable:
            flush_to_disk(pending.temporary)
        if path.exists() and not overwrite:
            pending.path = free_path(path.parent, path.stem, suffix=path.suffix, first=2)
        pending.temporary.replace(pending.path)
    finally:
        pending.temporary.unlink(missing_ok=True)


@contextmanager
def atomic_text_files() -> Iterator[Callable[[Path], TextIO]]:
    """Give a function that opens UTF-8 text files to write; all of them appear when the block ends.

    After an error none appears, and older files of the same names stay. '.gz' in a name compresses.
    """
    with ExitStack() as files, ExitStack() as streams:  # all streams are closed before any rename

        def open_text(path: Path) -> TextIO:
            pending = files.enter_context(atomic_file(path, overwrite=True))
            opener = gzip.open if path.name.endswith(".gz") else open
            stream = opener(pending.temporary, "wt", encoding="utf-8", newline="\n")
            return cast(TextIO, streams.enter_context(stream))

        yield open_text


@contextmanager
def atomic_directory(
    path: Path, *, may_replace: Callable[[Path], bool] = lambda path: False
) -> Iterator[PendingPath]:
    """Give a temporary directory, which becomes `path` when the block ends without an error.

    may_replace: decides, when the block has ended, whether the directory at `path` is replaced. If it
    is not, and `path` holds something, the new directory gets the next free name beside it.
    Missing parents of `path` are created, and removed again after an error.
    """
    temporary = temporary_path(path)
    if temporary.exists():  # left by a killed process that had the same process id
        temporary = free_path(path.parent, temporary.name)
    new_parents = [parent for parent in path.parents if not parent.exists()]
    temporary.mkdir(parents=True)
    pending = PendingPath(temporary, path)
    try:
        yield pending
        if may_replace(path):
            replace_directory(temporary, path)
        else:
            try:
                temporary.rename(path)
            except OSError:
                pending.path = temporary.rename(free_path(path.parent, path.name))
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        with suppress(OSError):  # a parent that holds something stays
            for parent in new_parents:
                parent.rmdir()


def take_place(source: Path, target: Path) -> None:
    """Give a file the name of another one, which it replaces."""
    source.replace(target)


def flush_to_disk(path: Path) -> None:
    """Wait until the content of a file is on the disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def move_into(source: Path, directory: Path) -> None:
    """Move every file and directory in `source` into `directory`, where it replaces what has its name."""
    for entry in sorted(source.iterdir()):
        target = directory / entry.name
        if entry.is_dir() and target.is_dir():
            move_into(entry, target)
        else:
            entry.replace(target)


@contextmanager
def temporary_directory() -> Iterator[Path]:
    """A directory that exists in the `with` block alone."""
    with tempfile.TemporaryDirectory(prefix="seqlab-") as name:
        yield Path(name)


def directory_as_long_as(owner: object) -> Path:
    """A new directory that is deleted with its owner."""
    path = Path(tempfile.mkdtemp(prefix="seqlab-"))
    finalize(owner, shutil.rmtree, path, ignore_errors=True)
    return path


def new_directory_elsewhere(name: str) -> Iterator[Path]:
    """Yield new directories called `name` in places that can probably be written, for a result that lost its own place."""
    for folder in (Path(tempfile.gettempdir()), Path.cwd(), Path.home()):
        with suppress(OSError):
            yield Path(tempfile.mkdtemp(prefix="seqlab-", dir=folder)) / name


def replace_directory(new: Path, path: Path) -> None:
    """Replace the directory at `path` by `new`. On failure the old directory stays.

    Where the system can exchange two names at once, `path` is one of the two at every moment. Elsewhere a process that is
    killed between two renames leaves `path` missing; `restore_replaced` then brings the old directory back.
    """
    if exchange_names(new, path):
        remove_replaced(new)
        return
    old = path.parent / f".{path.name}.old-{os.getpid()}"
    path.rename(old)
    try:
        new.rename(path)
    except OSError:
        old.rename(path)
        raise
    remove_replaced(old)


def remove_replaced(old: Path) -> None:
    """Delete a directory that was replaced. Of a link to a directory, only the link."""
    if old.is_symlink():
        old.unlink()
    else:
        shutil.rmtree(old)


def exchange_names(one: Path, other: Path) -> bool:
    """Exchange the names of two directories in one step. Returns False where the system cannot."""
    try:
        exchange = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):  # not Linux
        return False
    names = (os.fsencode(one), os.fsencode(other))
    return bool(exchange(AT_FDCWD, names[0], AT_FDCWD, names[1], RENAME_EXCHANGE) == 0)


def restore_replaced(path: Path) -> None:
    """Bring back a directory whose replacement was killed between two renames, and delete other leftovers."""
    for old in path.parent.glob(f".{glob.escape(path.name)}.old-*"):
        if not old.name.rpartition("-")[2].isdecimal():  # it has no number of a process
            continue
        if path.exists():
            shutil.rmtree(old, ignore_errors=True)
        else:
            old.rename(path)


def remove_leftovers(folder: Path, name: str | None = None) -> None:
    """Delete what killed processes left of the directory `name`, or of all directories, in a folder.

    What a living process of this computer writes stays.
    """
    pattern = "*" if name is None else glob.escape(name)
    for leftover in folder.glob(f"{TEMPORARY_PREFIX}*-{pattern}"):
        number = leftover.name.removeprefix(TEMPORARY_PREFIX).partition("-")[0]
        if number.isdecimal() and is_alive(int(number)):
            continue
        if leftover.is_dir():
            shutil.rmtree(leftover, ignore_errors=True)
        else:
            leftover.unlink(missing_ok=True)


def is_alive(pid: int) -> bool:
    """Whether another process with this number runs on this computer; False on Windows, which cannot tell."""
    if os.name == "nt" or pid == os.getpid():
        return False
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return True
