"""A progress bar for each epoch of training, as a Keras callback."""

from typing import Any

import keras

from seqlab.reporting.progress import TerminalBar, TerminalProgress


class LiveProgress(keras.callbacks.Callback):
    """Draws the steps of each epoch, with the loss and the time left.

    Args:
        progress: where to draw. The bar disappears when its epoch ends.
    """

    def __init__(self, progress: TerminalProgress) -> None:
        super().__init__()
        self.progress = progress
        self.bar: TerminalBar | None = None

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Start the bar of an epoch."""
        steps, epochs = self.params["steps"], self.params["epochs"]
        self.bar = self.progress.begin(f"epoch {epoch + 1}/{epochs}", steps)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Draw one more step."""
        steps = self.params["steps"]
        if self.bar is not None:
            loss = (logs or {}).get("loss", 0.0)
            self.bar.at(batch + 1, f"{batch + 1}/{steps} loss {loss:.4f}")
        if batch + 1 == steps:
            self.clear()

    def on_train_end(self, logs: Any = None) -> None:
        """Remove the bar."""
        self.clear()

    def clear(self) -> None:
        """Remove the bar, if there is one."""
        if self.bar is not None:
            bar, self.bar = self.bar, None
            bar.end()
