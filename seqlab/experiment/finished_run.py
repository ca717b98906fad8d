"""A finished run as a value, as Python programs get it."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqlab.reporting.run_details import RunDetails
from seqlab.reporting.verdict import RunVerdict, verdict
from seqlab.settings.training import TrainSettings

if TYPE_CHECKING:
    from seqlab.reporting.run_values import RunValues
    from seqlab.tagging.tagger import Tagger
    from seqlab.training.collapse import Alarm
    from seqlab.training.epoch_record import EpochRecord


@dataclass(frozen=True, kw_only=True)
class Run:
    """A finished run.

    path: the run directory; None without `out`. metrics: the content of metrics.json.
    history: one record per epoch. notes: remarks on the corpora. details: the content of report.json; None without `out`.
    """

    tagger: "Tagger"
    metrics: dict[str, Any]
    history: "tuple[EpochRecord, ...]"
    settings: TrainSettings
    notes: tuple[str, ...]
    path: Path | None
    details: RunDetails | None = None

    @property
    def verdict(self) -> RunVerdict:
        """What came out, and what to try next."""
        lines = [record.to_json() for record in self.history]
        return verdict(self.metrics, lines, self.details, path=str(self.path or ""))

    @property
    def alarms(self) -> "tuple[Alarm, ...]":
        """The alarms of all epochs, in order."""
        return tuple(alarm for record in self.history for alarm in record.alarms)

    def values(self) -> "RunValues":
        """What the page and the figures of the run show, from memory."""
        from seqlab.reporting.run_values import RunValues

        return RunValues(
            title=Path(self.settings.train or "").name,
            metrics=self.metrics,
            history=[record.to_json() for record in self.history],
            settings="",
            notes=self.notes,
        )

    def _repr_html_(self) -> str:
        """What notebooks show: the figures of every class, and F1 by epoch."""
        from seqlab.reporting.notebook import run_html

        return run_html(self.values())
