"""The report of a training that is not finished: it shows the epochs so far, from a file in the run directory."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import tomli_w

from seqlab.checkpointing.training_directory import TrainingDirectory
from seqlab.experiment.prepare import Prepared
from seqlab.machine.atomic import atomic_file
from seqlab.machine.json_text import json_text
from seqlab.reporting.log import Log
from seqlab.reporting.run_details import RunDetails
from seqlab.storing.run_directory import REPORT, UNFINISHED_METRICS
from seqlab.training.epoch_record import EpochRecord, finite

SECONDS = 60.0  # between two reports


class UnfinishedReport:
    """Writes the report and the figures of an unfinished training: at most once a minute, and when it is stopped."""

    def __init__(self, prepared: Prepared, directory: TrainingDirectory, log: Log) -> None:
        self.prepared, self.directory, self.log = prepared, directory, log
        self.last = time.monotonic()

    def epoch_done(self, history: Sequence[EpochRecord]) -> None:
        """Write the report if the last one is older than a minute."""
        if time.monotonic() - self.last >= SECONDS:
            self.write(history)

    def write(self, history: Sequence[EpochRecord]) -> None:
        """Write the report and the figures. A failure is noted, and training goes on."""
        if not history:
            return
        self.last = time.monotonic()
        try:
            self.directory.check_ours()
            figures = unfinished_metrics(self.prepared.settings.select, history)
            self.replace(UNFINISHED_METRICS, json_text(figures))
            self.replace(REPORT, experiment_page(self.prepared, figures, history))
        except OSError as error:
            self.log(f"note: the report cannot be written: {error.strerror or error}")

    def replace(self, name: str, text: str) -> None:
        """Write a text file of the run directory. The manifest does not list it, because it changes at any time."""
        with atomic_file(self.directory.work / name, overwrite=True) as pending:
            pending.temporary.write_text(text, encoding="utf-8", errors="xmlcharrefreplace")


def unfinished_metrics(select: str, history: Sequence[EpochRecord]) -> dict[str, Any]:
    """The content of metrics.json as far as it is known: the figures of the best epoch so far, in validation."""
    best = next(record for record in reversed(history) if record.best)
    seconds = sum(record.seconds for record in history)
    tokens = sum(record.train_tokens_per_second * record.seconds for record in history)
    return {
        "best_epoch": best.epoch,
        "select": select,
        "seconds": seconds + sum(record.evaluation_seconds for record in history),
        "train_tokens_per_second": tokens / seconds,
        "interrupted": False,
        "ending": "not finished",
        "end_reason": None,
        "splits": {"valid": finite(best.figures.to_json())},
    }


def experiment_page(
    prepared: Prepared,
    metrics: dict[str, Any],
    history: Sequence[EpochRecord],
    details: RunDetails | None = None,
) -> str:
    """The HTML report of a training. details: the content of report.json."""
    from seqlab.reporting.page import report_page  # imports jinja2
    from seqlab.reporting.run_values import RunValues

    values = RunValues(
        title=Path(prepared.settings.train or "").name,
        metrics=metrics,
        history=[record.to_json() for record in history],
        settings=tomli_w.dumps(dict(prepared.settings.items())),
        details=details,
        notes=prepared.splits.notes,
    )
    return report_page(values)
