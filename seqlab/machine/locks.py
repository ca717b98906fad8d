"""Locks between processes. This is the only module that imports fcntl."""

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

OWNER_BYTES = 1000  # that are read of the text in a lock file
OWNER_START = "process "


@contextmanager
def file_lock(path: Path, *, wait: bool) -> Iterator[bool]:
    """Hold an exclusive lock on a file, which is created, until the block or the process ends.

    wait: wait for the lock. Without it the block gets False if another process holds the lock.
    Windows has no such locks: there the block always gets True.
    Raises OSError when the file cannot be opened, or, with `wait`, not be locked.
    """
    with path.open("w") as file:
        try:
            import fcntl
        except ImportError:
            yield True
            return
        locked = True
        try:
            fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if wait:
                raise
            locked = False
        yield locked


class LockHeldError(Exception):
    """Another process holds a lock. owner: how it names itself."""

    def __init__(self, owner: str) -> None:
        super().__init__(owner)
        self.owner = owner


class ProcessLock:
    """A lock file that names the process that holds it. It is deleted when the lock is released.

    path: where the file is now; its directory may be renamed meanwhile.
    former: how a process named itself that ended without releasing the lock; '' if there was none.
    The system drops the lock of a dead process. Windows and some network file systems have no such locks: there it is
    always free.
    Raises LockHeldError when another process holds the lock, and OSError when the file cannot be opened, or is a link.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        # A link could lead to another file, which would be overwritten.
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
        self.descriptor = os.open(path, flags, 0o644)
        try:
            while not (lock_now(self.descriptor) and self.is_current()):
                os.close(self.descriptor)
                self.descriptor = os.open(path, flags, 0o644)
            self.former = read_owner(self.descriptor)
            with suppress(OSError):  # on a full disk the lock still holds, without a name
                os.ftruncate(self.descriptor, 0)
                os.lseek(self.descriptor, 0, os.SEEK_SET)
                os.write(self.descriptor, this_process().encode())
        except BaseException:
            os.close(self.descriptor)
            raise

    def is_current(self) -> bool:
        """Whether the locked file is still the one at the path: its last owner may have deleted it meanwhile."""
        with suppress(FileNotFoundError):
            return os.path.samestat(os.fstat(self.descriptor), self.path.stat())
        return False

    def release(self) -> None:
        """Delete the file and release the lock."""
        with suppress(OSError):
            if self.is_current():
                self.path.unlink()
        os.close(self.descriptor)


def lock_now(descriptor: int) -> bool:
    """Lock an open file. Returns True. Raises LockHeldError when another process holds the lock."""
    try:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise LockHeldError(read_owner(descriptor)) from None
    except (ImportError, OSError):  # no such locks here
        return True
    return True


def read_owner(descriptor: int) -> str:
    """The text in a lock file, as one line of printable characters."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    text = os.read(descriptor, OWNER_BYTES).decode("utf-8", "replace")
    return "".join(c for c in text if c.isprintable())


def this_process() -> str:
    """How this process names itself: its number, its computer, and the time."""
    now = datetime.now().astimezone().isoformat(sep=" ", timespec="seconds")
    return f"{OWNER_START}{os.getpid()} on {platform.node()}, since {now}"


def is_lock_file(path: Path) -> bool:
    """Whether the file at a path was written by a `ProcessLock`, and is no other file of this name."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        descriptor = os.open(path, flags)
    except OSError:
        return False
    try:
        return read_owner(descriptor).startswith(OWNER_START)
    except OSError:  # a directory
        return False
    finally:
        os.close(descriptor)
