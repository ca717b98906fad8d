"""A progress bar for each epoch of training, for use on a terminal."""

from contextlib import suppress
from typing import Any

import keras
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


class LiveProgress(keras.callbacks.Callback):
    """A Keras callback that draws the steps of each epoch, with the loss and the time left.

    Args:
        console: where to draw. The bar disappears when its epoch ends.
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
        """Start the bar of an epoch."""
        steps, epochs = self.params["steps"], self.params["epochs"]
        self.task = self.progress.add_task(f"epoch {epoch + 1}/{epochs}", total=steps, loss=0.0)
        with suppress(OSError):  # a closed terminal must not end training
            self.progress.start()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Draw one more step."""
        self.progress.update(self.task, completed=batch + 1, loss=(logs or {}).get("loss", 0.0))
        if batch + 1 == self.params["steps"]:
            self.clear()

    def on_train_end(self, logs: Any = None) -> None:
        """Remove the bar."""
        self.clear()

    def clear(self) -> None:
        """Remove the bar, if there is one."""
        if self.task is not None:
            task, self.task = self.task, None
            self.progress.remove_task(task)
            with suppress(OSError):
                self.progress.stop()
