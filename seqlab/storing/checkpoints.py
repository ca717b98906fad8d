"""Writes the checkpoints of a training into its run directory. The last two are kept, so that a damaged one costs little."""

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from seqlab.arrays import AnyArray
from seqlab.storing.checkpoint_files import FACTS, FOLDER, FORMAT, CheckpointEntry, entry_facts
from seqlab.storing.run_directory import TRAINING
from seqlab.storing.training_directory import TrainingDirectory
from seqlab.training.training_state import TrainingState

KEPT = 2


class Checkpoints:
    """Writes the states of a training as checkpoints. A failure is noted, and training goes on.

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
        self.failed = False

    def due(self) -> bool:
        """Whether the last checkpoint is older than `minutes`."""
        return time.monotonic() - self.last >= 60 * self.minutes

    def save(self, state: TrainingState) -> None:
        """Write a checkpoint, list it in the manifest, and delete all but the last two.

        A state with weights that are not finite is not saved: training could not go on from it.
        """
        self.last = time.monotonic()
        if not all(np.isfinite(value).all() for value in state.variables.values()):
            return
        try:
            self.write(state)
        except (OSError, ValueError) as error:
            if not self.failed:
                reason = getattr(error, "strerror", None) or error
                self.say(
                    f"note: {self.directory.path}: no checkpoint can be written: {reason}; training goes on, and the "
                    "last checkpoint stays"
                )
            self.failed = True
        else:
            self.failed = False

    def write(self, state: TrainingState) -> None:
        """Write the files of a checkpoint that are not there yet, then the manifest."""
        directory, progress = self.directory, state.progress
        best = f"{FOLDER}/best-epoch-{state.best_epoch}.npz" if state.best_epoch else None
        optimizer = f"{FOLDER}/best-epoch-{state.best_epoch}-optimizer.npz"
        entry = CheckpointEntry(
            state=f"{FOLDER}/epoch-{progress.epoch}-batch-{progress.batch}.npz",
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
        directory.facts |= {
            "epoch": progress.epoch,
            "batch": progress.batch,
            "checkpoints": [entry_facts(one) for one in kept],
        }
        directory.commit(TRAINING, without=dropped)
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
