"""Weights & Biases: a run with the settings, the numbers of each epoch, and the final figures.

The only file that imports wandb.
"""

import warnings
from collections.abc import Callable, Mapping
from typing import Any

from seqlab.training.epoch_record import EpochRecord
from seqlab.training.epoch_scalars import result_scalars
from seqlab.training.keras_callback import TrackClasses
from seqlab.training.tracker import TrackedResults, Tracker, missing_package


class WandbTracker(Tracker):
    """A Keras callback that logs to Weights & Biases.

    Steps are epochs, from 1. In `fit`, an active run of `wandb.init()` is used and left open. WANDB_MODE=offline writes to
    the disk alone; `wandb sync` sends it later.

    Args:
        project: name of the project.
        run_name: name of the run.
        identity: id of the run; a training that is resumed with the same id goes on with its run.
        track, say: see `Tracker`.

    Raises SettingsError if wandb is not installed.
    """

    name = "wandb"

    def __init__(
        self,
        project: str | None = None,
        *,
        run_name: str | None = None,
        identity: str | None = None,
        track: TrackClasses | None = None,
        say: Callable[[str], None] = warnings.warn,
    ) -> None:
        super().__init__(track=track, say=say)
        self.project, self.run_name, self.identity = project, run_name, identity
        self.run: Any = None
        self.owned = True
        wandb_module()

    def open(self, settings: Mapping[str, Any]) -> None:
        """Begin the run, or go on with it."""
        wandb = wandb_module()
        if wandb.run is not None and not self.managed:
            self.run, self.owned = wandb.run, False
            return
        self.owned = True
        self.run = wandb.init(
            project=self.project,
            name=self.run_name,
            id=self.identity,
            resume=None if self.identity is None else "allow",
            config=dict(settings),
            reinit="create_new",
        )

    def write_epoch(
        self, epoch: int, scalars: Mapping[str, float], record: EpochRecord | None
    ) -> None:
        """Log the numbers of an epoch."""
        self.run.log(dict(scalars), step=epoch, commit=True)

    def write_results(self, results: TrackedResults) -> None:
        """Set the final figures in the summary of the run."""
        self.run.summary.update(result_scalars(results.metrics))

    def close(self, *, finished: bool) -> None:
        """End the run."""
        if self.run is not None and self.owned:
            self.run.finish(exit_code=0 if finished else 1)
        self.run = None


def wandb_module() -> Any:
    """The library. Raises SettingsError if it is not installed."""
    try:
        import wandb
    except ImportError:
        raise missing_package("wandb", "wandb") from None
    return wandb
