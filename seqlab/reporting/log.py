"""The log of a run: to whoever listens, and into the run directory as it comes."""

import json
from collections.abc import Callable
from pathlib import Path

from seqlab.reporting.table import class_table, figure, visible
from seqlab.training.epoch_record import EpochRecord


def epoch_line(record: EpochRecord, *, epochs: int) -> str:
    """Losses weighted (and unweighted), micro and macro F1, speed; a star on the best so far."""
    train, valid, figures = record.train, record.valid, record.figures
    return (
        f"epoch {record.epoch}/{epochs}"
        f"  train loss {figure(train.weighted, 4)} (unweighted {figure(train.unweighted, 4)})"
        f"  valid loss {figure(valid.weighted, 4)} (unweighted {figure(valid.unweighted, 4)})"
        f"  micro F1 {figure(figures.micro_f1)}  macro F1 {figure(figures.macro_f1)}"
        f"  {record.train_tokens_per_second:,.0f} tokens/s"
        f"  {record.seconds:.1f}+{record.evaluation_seconds:.1f} s"
        f"{'  *' if record.best else ''}"
    )


def epoch_text(record: EpochRecord, *, epochs: int) -> str:
    """The epoch's line, its table, its alarms, and what was done about them."""
    table = class_table(record.figures, train=record.train)
    alarms = [f"  ALARM {alarm.rule}: {alarm.message()}" for alarm in record.alarms]
    answers = [f"  ANSWER {answer.action}: {answer.message()}" for answer in record.answers]
    return "\n".join([epoch_line(record, epochs=epochs), table, *alarms, *answers])


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
