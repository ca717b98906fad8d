"""Writes the checkpoints of a training into its run directory. The last two are kept, so that a damaged one costs little."""

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Thread

import numpy as np

from seqlab.arrays import AnyArray
from seqlab.checkpointing.checkpoint_state import FACTS, FORMAT
from seqlab.checkpointing.training_directory import TrainingDirectory
from seqlab.storing.checkpoint_files import CheckpointEntry, entry_facts
from seqlab.storing.run_directory import CHECKPOINTS, TRAINING
from seqlab.training.training_state import TrainingState

KEPT = 2


class Checkpoints:
    """Writes the states of a training as checkpoints, in a thread, while training goes on. A failure is noted.

    minutes: between two checkpoints within an epoch. say: takes notes for the log.
    entries: the checkpoints that are kept, oldest first.
    """

    def __init__(
        self,
        directory: TrainingDirectory,
        entries: list[CheckpointEntry],
        *,
        minutes: float,
        say: Callable[[str], None],
    ) -> None:
        self.directory, self.entries = directory, entries
        self.minutes, self.say = minutes, say
        self.last = time.monotonic()
        self.thread: Thread | None = None
        self.error: OSError | ValueError | None = None  # of the last try
        self.noted = False  # whether the log says that checkpoints fail

    def due(self) -> bool:
        """Whether the last checkpoint is older than `minutes`."""
        return time.monotonic() - self.last >= 60 * self.minutes

    def save(self, state: TrainingState) -> None:
        """Begin to write a checkpoint, list it in the manifest, and delete all but the last two.

        A state with weights that are not finite is not saved: training could not go on from it.
        """
        self.wait()
        self.last = time.monotonic()  # also if it fails: the next try is not made at once
        self.thread = Thread(target=self.try_to_write, args=(state,), name="checkpoint")
        self.thread.start()

    def wait(self) -> None:
        """Wait until the last checkpoint is written. Notes the first failure of several."""
        if self.thread is None:
            return
        self.thread.join()
        self.thread = None
        if self.error is not None and not self.noted:
            reason = getattr(self.error, "strerror", None) or self.error
            self.say(
                f"note: {self.directory.path}: the checkpoint cannot be written: {reason}; training goes on "
                "and tries again at the next checkpoint"
            )
        self.noted = self.error is not None

    def try_to_write(self, state: TrainingState) -> None:
        """Write a checkpoint, or keep the error."""
        try:
            if all(np.isfinite(value).all() for value in state.variables.values()):
                self.write(state)
            self.error = None
        except (OSError, ValueError) as error:
            self.error = error
        except MemoryError:
            self.error = OSError("out of memory")

    def write(self, state: TrainingState) -> None:
        """Write the files of a checkpoint that are not there yet, then the manifest."""
        directory, progress = self.directory, state.progress
        best = f"{CHECKPOINTS}/best-epoch-{state.best_epoch}.npz" if state.best_epoch else None
        optimizer = f"{CHECKPOINTS}/best-epoch-{state.best_epoch}-optimizer.npz"
        entry = CheckpointEntry(
            state=f"{CHECKPOINTS}/epoch-{progress.epoch}-batch-{progress.batch}.npz",
            best=best,
            best_optimizer=optimizer if state.best_optimizer else None,
        )
        contents = {
            entry.state: {**state.arrays(), FACTS: facts_array(state)},
            entry.best: state.best,
            entry.best_optimizer: state.best_optimizer,
        }
        for name in entry.names():
            if name == entry.state or name not in directory.entries:
                write_arrays(directory, name, contents[name])
        others = [kept for kept in self.entries if kept.state != entry.state]
        kept = [*others, entry][-KEPT:]
        needed = set().union(*(one.names() for one in kept))
        dropped = set().union(*(one.names() for one in self.entries)) - needed
        before = directory.facts
        directory.facts = before | {
            "epoch": progress.epoch,
            "batch": progress.batch,
            "best_epoch": state.best_epoch,
            "checkpoints": [entry_facts(one) for one in kept],
        }
        try:
            directory.commit(TRAINING, without=dropped)
        except BaseException:
            directory.facts = before
            raise
        directory.worth_keeping = True
        self.entries = kept


def write_arrays(directory: TrainingDirectory, name: str, arrays: Mapping[str, AnyArray]) -> None:
    """Write one file of a checkpoint, an uncompressed `.npz`."""

    def write(path: Path) -> None:
        with path.open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays)

    directory.add_file(name, write)


def facts_array(state: TrainingState) -> AnyArray:
    """Everything in a state but its arrays, as the bytes of a JSON text. Raises ValueError for NaN."""
    text = json.dumps({"format": FORMAT, **state.facts()}, allow_nan=False)
    return np.frombuffer(text.encode(), np.uint8)
