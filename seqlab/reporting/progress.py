"""Progress bars with the time left, on standard error if it is a terminal. They leave nothing behind."""

import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, TextIO, cast

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn


def terminal_progress(
    *, quiet: bool = False, renamed: Mapping[str, str] | None = None
) -> "TerminalProgress | None":
    """Progress bars on standard error; None if it is no terminal, or if nothing is to be shown.

    renamed: the first word of the name of work -> another word.
    """
    console = None if quiet else terminal_console()
    return None if console is None else TerminalProgress(console, renamed=renamed)


def terminal_console() -> Console | None:
    """A console on standard error; None if it is no terminal that moves its cursor.

    `FORCE_COLOR` makes no terminal: a bar in a file or pipe would be control characters.
    """
    if sys.stderr is None or not sys.stderr.isatty():
        return None
    output = cast(TextIO, UnbreakableOutput(sys.stderr))
    # It is a terminal, whatever variables such as FORCE_COLOR make rich believe.
    console = Console(file=output, force_terminal=True)
    return None if console.is_dumb_terminal else console


class UnbreakableOutput:
    """A text file that takes every text, also when its terminal has been closed."""

    def __init__(self, file: TextIO) -> None:
        self.file = file

    def write(self, text: str) -> int:
        """Write a text, if that is possible."""
        with suppress(OSError, ValueError):
            return self.file.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush, if that is possible."""
        with suppress(OSError, ValueError):
            self.file.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)


class TerminalProgress:
    """A bar for each piece of work that is being done.

    console: where to draw. renamed: the first word of the name of work -> another word.
    """

    def __init__(self, console: Console, *, renamed: Mapping[str, str] | None = None) -> None:
        self.renamed = renamed or {}
        self.bars = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[note]}", markup=False),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            redirect_stdout=False,  # it would write standard output to standard error
            redirect_stderr=False,
        )

    def begin(self, name: str, total: int | None) -> "TerminalBar":
        """Draw a bar. Without a total it only shows that there is work."""
        first, space, rest = name.partition(" ")
        description = f"{self.renamed.get(first, first)}{space}{rest}"
        task = TerminalBar(self, self.bars.add_task(description, total=total, note=""))
        self.show()
        return task

    def hide(self) -> None:
        """Clear all bars from the screen."""
        self.bars.stop()

    def show(self) -> None:
        """Draw the bars of all work."""
        if self.bars.tasks:
            self.bars.start()
            self.bars.console.show_cursor(True)  # a process that is killed cannot show it again


class TerminalBar:
    """The bar of one piece of work."""

    def __init__(self, progress: TerminalProgress, task: TaskID) -> None:
        self.progress, self.task = progress, task

    def at(self, done: int, note: str | None = None) -> None:
        """Draw how much is done. note: behind the bar; by default the share that is done."""
        (total,) = (task.total for task in self.progress.bars.tasks if task.id == self.task)
        share = f"{min(done / total, 1):4.0%}" if total else f"{done:,}"
        self.progress.bars.update(self.task, completed=done, note=share if note is None else note)

    def end(self) -> None:
        """Remove the bar."""
        if len(self.progress.bars.tasks) == 1:
            self.progress.hide()
        self.progress.bars.remove_task(self.task)
