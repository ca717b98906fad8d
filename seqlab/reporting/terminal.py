"""Where a command's lines go: standard output, with a live bar above them on a terminal."""

import sys

import keras
from rich.console import Console

from seqlab.reporting.progress import LiveProgress


class Terminal:
    """Prints plain lines; draws a bar on standard error only where a person looks at it."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        self.callbacks: list[keras.callbacks.Callback] = []
        if console.is_terminal:
            self.callbacks.append(LiveProgress(console))

    def say(self, text: str) -> None:
        """One text, at once: a log that is being watched must not lag behind."""
        encoding = sys.stdout.encoding or "utf-8"
        print(text.encode(encoding, "replace").decode(encoding), flush=True)  # noqa: T201
