"""The log of a run: to whoever listens, and into the run directory as it comes."""

import json
from collections.abc import Callable
from pathlib import Path

from seqlab.reporting.epoch import epoch_text
from seqlab.reporting.table import visible
from seqlab.training.records import EpochRecord

Say = Callable[[str], None]


class Log:
    """Passes each text on, and appends it to log.txt and history.jsonl where there is a directory."""

    def __init__(self, say: Say, directory: Path | None) -> None:
        self.say, self.directory = say, directory

    def __call__(self, text: str) -> None:
        """One text, to whoever listens and to the log."""
        self.say(text)
        self.append("log.txt", "\n".join(map(visible, text.split("\n"))))

    def epoch(self, record: EpochRecord, *, epochs: int) -> None:
        """The text of an epoch, and its line of history.jsonl."""
        self(epoch_text(record, epochs=epochs))
        self.append("history.jsonl", json.dumps(record.to_json(), allow_nan=False))

    def append(self, name: str, line: str) -> None:
        """One line more in a file of the run."""
        if self.directory is None:
            return
        try:
            with (self.directory / name).open("a", encoding="utf-8", errors="replace") as file:
                file.write(line + "\n")
        except OSError as error:
            self.directory = None  # a log that cannot be written must not cost the training
            self.say(f"note: the log is no longer written: {error}")
