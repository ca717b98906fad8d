"""Progress of long work. The work wraps its items in `watched`; a command on a terminal shows how many are done.

Until a command shows progress, `watched` returns the items as they are.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

T = TypeVar("T")
DELAY = 0.5  # seconds that work takes before it is shown
INTERVAL = 0.1  # seconds between two updates


class ShownTask(Protocol):
    """Work that is shown."""

    def at(self, done: int) -> None:
        """Show how much is done."""

    def end(self) -> None:
        """Stop showing it."""


class ProgressDisplay(Protocol):
    """A display of the work in progress."""

    def begin(self, name: str, total: int | None) -> ShownTask:
        """Show work of this name. total: the number of its items; None if that is unknown."""

    def hide(self) -> None:
        """Clear what is shown, because a line is printed."""

    def show(self) -> None:
        """Show it again."""


_DISPLAYS: list[ProgressDisplay] = []
"""At most one. All threads of the process show their work there."""


@contextmanager
def shown_on(display: ProgressDisplay | None) -> Iterator[None]:
    """Within the block, work is shown on this display; None shows none."""
    if display is None:
        yield
        return
    _DISPLAYS.append(display)
    try:
        yield
    finally:
        _DISPLAYS.remove(display)
        display.hide()


@contextmanager
def hidden_progress() -> Iterator[None]:
    """Within the block, the display leaves the screen to what is printed."""
    displays = list(_DISPLAYS)
    for display in displays:
        display.hide()
    try:
        yield
    finally:
        for display in displays:
            display.show()


def clearing() -> bytes:
    """What clears the line of a bar, for a signal handler, which must not lock the display; empty without a display."""
    return b"\r\x1b[2K" if _DISPLAYS else b""


def watched(
    items: Iterable[T],
    name: str,
    *,
    total: int | None = None,
    position: Callable[[], int] | None = None,
    slow: bool = False,
) -> Iterator[T]:
    """The items; while they are taken, the display shows how far that is.

    name: of the work. total: the number of items, or of what `position` returns.
    position: how much is done, if not the number of items. slow: whether a single item takes seconds.

    >>> list(watched("ab", "reading"))
    ['a', 'b']
    """
    if not _DISPLAYS:
        return iter(items)
    return _shown(items, name, total, position, 0 if slow else DELAY)


def _shown(
    items: Iterable[T],
    name: str,
    total: int | None,
    position: Callable[[], int] | None,
    delay: float,
) -> Iterator[T]:
    task = None if delay else _DISPLAYS[-1].begin(name, total)
    due = time.monotonic() + delay
    try:
        for done, item in enumerate(items, 1):
            yield item
            now = time.monotonic()
            if now >= due and _DISPLAYS:
                task = task or _DISPLAYS[-1].begin(name, total)
                task.at(position() if position else done)
                due = now + INTERVAL
    finally:
        if task is not None:
            task.end()
