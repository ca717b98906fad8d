"""A progress bar and a closing line for each pass of vector training over its corpora."""

import time
from collections.abc import Callable

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn


class ReadingProgress:
    """Shows one pass that counts words, then `epochs` passes that train on them.

    Call it with the number of the pass, its words so far, and whether it has ended.

    Args:
        epochs: passes after the first.
        say: receives one line when a pass ends.
        console: where to draw the bar, if it is a terminal. The bar disappears when its pass ends.
        clock: returns seconds; only differences matter.
    """

    def __init__(
        self,
        epochs: int,
        *,
        say: Callable[[str], None],
        console: Console,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.epochs, self.say, self.clock = epochs, say, clock
        self.total: int | None = None  # words per pass, known after the first
        self.bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[speed]:,.0f} words/s"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self.task: TaskID | None = None
        self.start = 0.0

    def __call__(self, number: int, words: int, ended: bool) -> None:
        """Redraw the bar; at the end of a pass remove it and say how long the pass took."""
        name = f"epoch {number}/{self.epochs}" if number else "counting words"
        if self.task is None:
            self.start = self.clock()
            self.bar.start()
            self.task = self.bar.add_task(name, total=self.total, speed=0.0)
        seconds = self.clock() - self.start
        speed = words / seconds if seconds else 0.0
        self.bar.update(self.task, completed=words, speed=speed)
        if ended:
            self.clear()
            self.total = words
            self.say(f"{name}: {words:,} words in {seconds:.1f} s, {speed:,.0f} words/s")

    def clear(self) -> None:
        """Remove the bar, if there is one."""
        if self.task is not None:
            self.bar.remove_task(self.task)
            self.bar.stop()
            self.task = None
