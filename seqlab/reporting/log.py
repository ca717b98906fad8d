"""The log of a run: each text goes to a listener, and at once into the run directory."""

import json
from collections.abc import Callable
from pathlib import Path

from seqlab.machine.terminal import visible
from seqlab.reporting.figures_text import epoch_text
from seqlab.training.epoch_record import EpochRecord

Say = Callable[[str], None]


class Log:
    """Passes each text to `say`, and appends it to log.txt and history.jsonl if there is a directory."""

    def __init__(self, say: Say, directory: Path | None) -> None:
        self.say, self.directory = say, directory

    def __call__(self, text: str) -> None:
        """Log one text."""
        self.say(text)
        self.append("log.txt", "\n".join(map(visible, text.split("\n"))))

    def epoch(self, record: EpochRecord, *, epochs: int) -> None:
        """Log the text of an epoch, and write its line of history.jsonl."""
        self(epoch_text(record, epochs=epochs))
        self.append("history.jsonl", json.dumps(record.to_json(), allow_nan=False))

    def append(self, name: str, line: str) -> None:
        """Add a line to a file of the run directory."""
        if self.directory is None:
            return
        try:
            with (self.directory / name).open("a", encoding="utf-8", errors="replace") as file:
                file.write(line + "\n")
        except OSError as error:
            self.directory = None  # a log that cannot be written must not end the training
            self.say(f"note: the log is no longer written: {error}")
