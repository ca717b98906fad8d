"""The base of callbacks that log a training to another tool. Only the subclasses import the tools."""

import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras

from seqlab.errors import SettingsError, UserError
from seqlab.training.epoch_record import EpochRecord
from seqlab.training.epoch_scalars import log_scalars, record_scalars
from seqlab.training.keras_callback import TrackClasses


@dataclass(frozen=True, kw_only=True)
class TrackedResults:
    """What is known when a training has ended.

    metrics: the content of metrics.json. samples: sentences of the validation split with gold and predicted tags, in
    Markdown. path: the run directory; None without `out`.
    """

    metrics: Mapping[str, Any]
    samples: str
    path: Path | None = None


class Tracker(keras.callbacks.Callback, ABC):
    """Sends the numbers of each epoch to another tool.

    `train_tagger` and `seqlab train` give it whole records. In `fit`, `track` gives it the figures of every class; put
    it before the tracker in the list of callbacks. If the tool fails during a training, a note says so, and the training
    continues.

    Args:
        track: the callback that scores the classes; only for `fit`.
        say: called with the note, one line of text.
    """

    def __init__(
        self,
        *,
        track: TrackClasses | None = None,
        say: Callable[[str], None] = warnings.warn,
    ) -> None:
        super().__init__()
        if track is not None and not isinstance(track, TrackClasses):
            raise UserError(f"track is {track!r}; expected TrackClasses(...)")
        self.track, self.say = track, say
        self.record: EpochRecord | None = None
        self.managed = self.failed = False

    def follow(self, settings: Mapping[str, Any]) -> None:
        """Begin to follow a training of `train_tagger`, which calls `end` itself. settings: those of the run.

        Raises SettingsError if the tool cannot be reached.
        """
        self.managed = True
        try:
            self.open(settings)
        except Exception as error:
            raise SettingsError(f"{self.name}: {' '.join(str(error).split())}") from error

    def on_record(self, record: EpochRecord) -> None:
        """Take the record of an epoch, before `on_epoch_end`."""
        self.record = record

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Begin to follow `fit`."""
        if not self.managed:
            self.failed = False
            self.attempt(lambda: self.open({}))

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Send the numbers of an epoch."""
        record, self.record = self.record, None
        if record is not None:
            self.attempt(lambda: self.write_epoch(record.epoch, record_scalars(record), record))
            return
        figures = self.track.history[-1].figures if self.track and self.track.history else None
        scalars = log_scalars(logs or {}, figures)
        self.attempt(lambda: self.write_epoch(epoch + 1, scalars, None))

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """End, in `fit`."""
        if not self.managed:
            self.attempt(lambda: self.close(finished=True))

    def finish(self, results: TrackedResults) -> None:
        """Send what is known when a training of `train_tagger` has ended."""
        self.attempt(lambda: self.write_results(results))

    def end(self, *, finished: bool) -> None:
        """End a training of `train_tagger`. finished: whether it reached its end."""
        self.failed = False  # close what can be closed
        self.attempt(lambda: self.close(finished=finished))
        self.managed = False

    def attempt(self, act: Callable[[], None]) -> None:
        """Do something, unless the tool has failed before. A failure is noted."""
        if self.failed:
            return
        try:
            act()
        except Exception as error:
            self.failed = True
            fact = " ".join(str(error).split()) or type(error).__name__
            self.say(f"note: {self.name} does not get the rest of this training: {fact}")

    @property
    @abstractmethod
    def name(self) -> str:
        """The name of the tool, in messages."""

    @abstractmethod
    def open(self, settings: Mapping[str, Any]) -> None:
        """Begin a run there, or go on with it. settings: empty if they are not known."""

    @abstractmethod
    def write_epoch(
        self, epoch: int, scalars: Mapping[str, float], record: EpochRecord | None
    ) -> None:
        """Send the numbers of an epoch, counted from 1. record: None in `fit`."""

    @abstractmethod
    def write_results(self, results: TrackedResults) -> None:
        """Send the results of a training."""

    @abstractmethod
    def close(self, *, finished: bool) -> None:
        """End the run there."""


def missing_package(package: str, extra: str) -> SettingsError:
    """The error for a tool that is not installed."""
    return SettingsError(f"{extra} needs {package}: pip install 'seqlab[{extra}]'")
