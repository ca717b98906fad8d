"""The live bar of an epoch, on a terminal only."""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import keras
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)


class LiveProgress(keras.callbacks.Callback):
    """A Keras callback that draws the steps of each epoch, with the loss and the time left.

    Args:
        console: where to draw; the bar goes away when its epoch ends.
    """

    def __init__(self, console: Console) -> None:
        super().__init__()
        self.progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("loss {task.fields[loss]:.4f}"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        )
        self.task: Any = None

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Start a bar."""
        steps, epochs = self.params["steps"], self.params["epochs"]
        self.task = self.progress.add_task(f"epoch {epoch + 1}/{epochs}", total=steps, loss=0.0)
        with suppress(OSError):  # the terminal has been closed; training goes on to be saved
            self.progress.start()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """One step further."""
        self.progress.update(self.task, completed=batch + 1, loss=(logs or {}).get("loss", 0.0))
        if batch + 1 == self.params["steps"]:
            self.clear()

    def on_train_end(self, logs: Any = None) -> None:
        """Leave nothing on the screen."""
        self.clear()

    def clear(self) -> None:
        """Take the bar away."""
        if self.task is not None:
            task, self.task = self.task, None
            self.progress.remove_task(task)
            with suppress(OSError):
                self.progress.stop()


class ReadingProgress:
    """Shows a first pass that counts words, then `epochs` passes that learn from them.

    Calling it is a report: the number of the pass, its words so far, and whether it has ended.

    Args:
        epochs: passes after the first. say: gets a line a pass.
        console: where to draw the bar, on a terminal alone; it goes away when its pass ends.
        clock: seconds, from anywhere.
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
        self.total: int | None = None  # words of a pass, once one has ended
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
        """Redraw the bar; at the end of a pass take it away, and say what the pass was."""
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
        """Leave nothing on the screen."""
        if self.task is not None:
            self.bar.remove_task(self.task)
            self.bar.stop()
            self.task = None
