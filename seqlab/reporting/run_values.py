"""What the page of a run shows: the content of the run's files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from seqlab.reporting.run_details import RunDetails
from seqlab.training.collapse import CollapseRules

RISK_F1 = 0.1
ENOUGH_GOLD = CollapseRules().least_support

State = Literal["lost", "at risk", "too few", "well"]

Split = Mapping[str, Any]
"""The figures of one split, as in metrics.json."""


@dataclass(frozen=True, kw_only=True)
class RunValues:
    """The content of a run's files.

    title: names the run on the page. metrics: metrics.json; its end_reason is None if training is not finished.
    history: the lines of history.jsonl, at least one. settings: the text of config.toml.
    details: report.json; None for an unfinished run and for one of an older version. notes: on the corpora.
    """

    title: str
    metrics: Mapping[str, Any]
    history: Sequence[Mapping[str, Any]]
    settings: str
    details: RunDetails | None = None
    notes: Sequence[str] = ()

    @property
    def splits(self) -> Mapping[str, Split]:
        """The figures of each split, validation first."""
        return dict(self.metrics["splits"])

    @property
    def kept_epoch(self) -> int:
        """The epoch whose weights the tagger has."""
        return int(self.metrics["best_epoch"])

    @property
    def kept(self) -> Mapping[str, Any]:
        """The line of history.jsonl of the kept epoch."""
        for line in self.history:
            if line["epoch"] == self.kept_epoch:
                return line
        raise ValueError(f"history.jsonl has no epoch {self.kept_epoch}, which metrics.json keeps")

    @property
    def finished(self) -> bool:
        """Whether the training has ended."""
        return self.metrics.get("end_reason", "") is not None

    def names(self) -> list[str]:
        """The classes that are tracked: those with gold first, rarest first."""
        classes = self.history[-1]["classes"]
        return sorted(
            classes, key=lambda name: (not classes[name]["support"], classes[name]["support"], name)
        )

    def support(self, name: str) -> int:
        """The gold items of a class in the validation split."""
        return int(self.history[-1]["classes"][name]["support"])


def state_of(row: Mapping[str, Any]) -> State:
    """The state of a class in a split. row: its figures, as in metrics.json.

    too few: fewer gold items than `ENOUGH_GOLD`, so it is not judged. lost: not one is found. at risk: F1 is below 0.1.
    """
    if row["support"] < ENOUGH_GOLD:
        return "too few"
    if not row["f1"]:
        return "lost"
    return "at risk" if row["f1"] < RISK_F1 else "well"


def at_risk(row: Mapping[str, Any]) -> bool:
    """Whether a class is lost or at risk. row: as for `state_of`."""
    return state_of(row) in ("lost", "at risk")
