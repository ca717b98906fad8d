"""What the advice after a training is computed from, and a step that it may advise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seqlab.reporting.class_states import ClassState, lost_classes
from seqlab.reporting.repeat_options import with_option
from seqlab.reporting.run_details import RunDetails


@dataclass(frozen=True, kw_only=True)
class NextStep:
    """What to try and why, a sentence. command: for the shell; None if there is none."""

    text: str
    command: str | None = None


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What the rules read.

    metrics, history: as in metrics.json and history.jsonl. details: report.json; None for an older run.
    path: of the run directory; empty if it is unknown.
    """

    metrics: Mapping[str, Any]
    history: Sequence[Mapping[str, Any]]
    details: RunDetails | None = None
    path: str = ""

    @property
    def valid(self) -> Mapping[str, Any]:
        """The figures of the validation split."""
        split: Mapping[str, Any] = self.metrics["splits"]["valid"]
        return split

    @property
    def kept_epoch(self) -> int:
        """The epoch that is kept."""
        return int(self.metrics["best_epoch"])

    @property
    def lost(self) -> list[ClassState]:
        """The classes that are lost in validation."""
        return lost_classes(self.valid, self.history, self.kept_epoch)

    def items(self, name: str) -> int | None:
        """The training items of a class; None if they are unknown."""
        row = None if self.details is None else self.details.classes.get(name)
        return None if row is None else row.items

    def weight(self, name: str) -> float | None:
        """The weight of a class as --class-weight takes it; None if no weight acts, or it is unknown."""
        row = None if self.details is None else self.details.classes.get(name)
        return None if row is None else row.weight

    def setting(self, name: str) -> Any:
        """The value of a setting that differs from its default; None for others."""
        changed = None if self.details is None else self.details.changed.get(name)
        return None if changed is None else changed.value

    def command(self, *options: tuple[str, str]) -> str | None:
        """The command that repeats the run with other options; None if it is unknown."""
        if self.details is None:
            return None
        text = self.details.command
        for option, value in options:
            text = with_option(text, option, value)
        return text

    def resumed(self, option: str, value: str) -> str | None:
        """The command that resumes the run with another value of an option."""
        if not self.path:
            return self.command((option, value))
        return with_option(
            with_option("python -m seqlab.train", "--resume", self.path), option, value
        )
