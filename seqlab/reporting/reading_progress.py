"""A progress bar and a closing line for each pass of vector training over its corpora."""

import time
from collections.abc import Callable

from seqlab.reporting.progress import TerminalBar, TerminalProgress


class ReadingProgress:
    """Shows one pass that counts words, then `epochs` passes that train on them.

    Call it with the number of the pass, its words so far, and whether it has ended.

    Args:
        epochs: passes after the first.
        say: receives one line when a pass ends.
        progress: where to draw the bar; None draws none. The bar disappears when its pass ends.
        clock: returns seconds; only differences matter.
    """

    def __init__(
        self,
        epochs: int,
        *,
        say: Callable[[str], None],
        progress: TerminalProgress | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.epochs, self.say, self.progress, self.clock = epochs, say, progress, clock
        self.total: int | None = None  # words per pass, known after the first
        self.bar: TerminalBar | None = None
        self.start: float | None = None

    def __call__(self, number: int, words: int, ended: bool) -> None:
        """Redraw the bar; at the end of a pass remove it and say how long the pass took."""
        name = f"epoch {number}/{self.epochs}" if number else "counting words"
        if self.start is None:
            self.start = self.clock()
            self.bar = self.progress.begin(name, self.total) if self.progress else None
        seconds = self.clock() - self.start
        speed = words / seconds if seconds else 0.0
        if self.bar is not None:
            self.bar.at(words, f"{speed:,.0f} words/s")
        if ended:
            self.clear()
            self.total = words
            self.say(f"{name}: {words:,} words in {seconds:.1f} s, {speed:,.0f} words/s")

    def clear(self) -> None:
        """Remove the bar, if there is one."""
        self.start = None
        if self.bar is not None:
            bar, self.bar = self.bar, None
            bar.end()
