"""Open files that a stranger may have made: regular files only, inside their directory, of a bounded size.

A FIFO would wait for ever, and a link to a device such as /dev/zero would fill the memory.
"""

import os
import stat
from io import BufferedReader
from pathlib import Path

from seqlab.errors import RunError


def open_regular(path: Path, *, inside: Path | None = None) -> BufferedReader:
    """Open a regular file to read bytes. Never waits, whatever stands at the path.

    inside: the directory that must hold the file once links are followed; None allows any place.
    Raises RunError for anything else: a missing file, a directory, a FIFO, a device, a link out of the directory.
    """
    try:
        real = os.path.realpath(path)
        if inside is not None and not Path(real).is_relative_to(os.path.realpath(inside)):
            raise RunError(
                f"{path}: leads to {real!r}, outside its directory; put the file itself there"
            )
        check_regular(path, Path(real).stat().st_mode)  # before `open`, which acts on some devices
        descriptor = os.open(real, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        file = os.fdopen(descriptor, "rb")
    except (OSError, ValueError) as error:
        if isinstance(error, RunError):
            raise
        raise unreadable(path, error) from error
    try:
        check_regular(path, os.fstat(descriptor).st_mode)  # it may have been replaced meanwhile
    except RunError:
        file.close()
        raise
    return file


def check_regular(path: Path, mode: int) -> None:
    """Raise RunError unless the mode is that of a regular file."""
    if not stat.S_ISREG(mode):
        raise RunError(f"{path}: is {file_type(mode)}; expected a regular file")


def file_type(mode: int) -> str:
    """The type of a file that is not regular, with its article."""
    tests = {
        stat.S_ISDIR: "a directory",
        stat.S_ISFIFO: "a FIFO",
        stat.S_ISSOCK: "a socket",
        stat.S_ISCHR: "a device",
        stat.S_ISBLK: "a device",
    }
    return next((name for test, name in tests.items() if test(mode)), "a special file")


def unreadable(path: Path, error: Exception) -> RunError:
    """The error for a file that cannot be opened or read."""
    if isinstance(error, FileNotFoundError):
        return RunError(f"{path}: no such file")
    reason = (getattr(error, "strerror", None) or str(error)).lower()
    return RunError(f"{path}: cannot be read: {reason}")


def size_of(file: BufferedReader) -> int:
    """The size of an open file in bytes."""
    return os.fstat(file.fileno()).st_size
