"""Locks between processes. This is the only module that imports fcntl."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


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
