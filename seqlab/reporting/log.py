"""The log of a run: each text goes to a listener, and at once into the run directory."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from seqlab.machine.atomic import atomic_file
from seqlab.machine.terminal import visible
from seqlab.reporting.alarm_text import AlarmKey, alarm_key
from seqlab.reporting.epoch_legend import legend_parts, legend_text
from seqlab.reporting.figures_text import epoch_text
from seqlab.settings.choices import TableName
from seqlab.training.epoch_record import EpochRecord

Say = Callable[[str], None]


class LogDirectory(Protocol):
    """A run directory. Its path can change while a log is written."""

    @property
    def work(self) -> Path: ...  # noqa: D102
    def check_ours(self) -> None: ...  # noqa: D102


class Log:
    """Passes each text to `say`, and appends it to log.txt and history.jsonl if there is a directory.

    told: the alarms of the last epoch, which are not told in full again. explained: the parts of the legend that are told.
    table: as for `epoch_table`.
    """

    def __init__(
        self, say: Say, directory: LogDirectory | None, *, table: TableName = "worst"
    ) -> None:
        self.say, self.directory, self.table = say, directory, table
        self.told: set[AlarmKey] = set()
        self.explained: set[str] = set()

    def __call__(self, text: str) -> None:
        """Log one text."""
        self.say(text)
        self.append("log.txt", "\n".join(map(visible, text.split("\n"))))

    def epoch(self, record: EpochRecord, *, epochs: int) -> None:
        """Log the text of an epoch, before it the legend if it is new, and write the epoch's line of history.jsonl."""
        parts = legend_parts(record, self.table)
        if not self.explained.issuperset(parts):
            self(legend_text(parts))
            self.explained.update(parts)
        self(epoch_text(record, epochs=epochs, told=self.told, table=self.table))
        self.told = set(map(alarm_key, record.alarms))
        self.append("history.jsonl", history_line(record))

    def restart_history(self, records: Sequence[EpochRecord]) -> None:
        """Write history.jsonl anew: a killed training may have written an epoch more than its checkpoint has."""
        self.told = {alarm_key(alarm) for record in records[-1:] for alarm in record.alarms}
        if self.directory is not None:
            with atomic_file(self.directory.work / "history.jsonl", overwrite=True) as pending:
                lines = "".join(f"{history_line(record)}\n" for record in records)
                pending.temporary.write_text(lines, encoding="utf-8")

    def append(self, name: str, line: str) -> None:
        """Add a line to a file of the run directory."""
        if self.directory is None:
            return
        try:
            self.directory.check_ours()
            with (self.directory.work / name).open("a", encoding="utf-8", errors="replace") as file:
                file.write(line + "\n")
        except OSError as error:
            self.directory = None  # a log that cannot be written must not end the training
            self.say(f"note: the log is no longer written: {error.strerror or error}")


def history_line(record: EpochRecord) -> str:
    """The line of an epoch in history.jsonl, without its end."""
    return json.dumps(record.to_json(), allow_nan=False)
