"""Checkpoints of a training in its run directory: write, verify, read.

A checkpoint is one `.npz` of plain numbers. Its JSON text is one of the arrays. The last two are kept, so that a damaged
one costs little.
"""

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from seqlab.arrays import AnyArray
from seqlab.errors import RunError
from seqlab.inference.weights import NetworkWeights, read_weights
from seqlab.machine.checksums import file_sha256
from seqlab.storing.run_directory import TRAINING
from seqlab.storing.training_directory import TrainingDirectory
from seqlab.training.training_state import TrainingState, state_from

FOLDER = "checkpoints"
CONSTANT = f"{FOLDER}/constant.npz"  # weights that training does not change
DESCRIPTION = f"{FOLDER}/tagger.json"  # of the tagger while it trains
FORMAT = 1
FACTS = "facts"
KEPT = 2


class Checkpoints:
    """Writes the states of a training as checkpoints. A failure is noted, and training goes on.

    minutes: between two checkpoints within an epoch. say: takes notes for the log.
    """

    def __init__(
        self, directory: TrainingDirectory, *, minutes: float, say: Callable[[str], None]
    ) -> None:
        self.directory, self.minutes, self.say = directory, minutes, say
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
        arrays = state.arrays()
        if not all(np.isfinite(v).all() for k, v in arrays.items() if k.startswith("now/")):
            return
        facts = {"format": FORMAT, **state.facts()}
        arrays[FACTS] = np.frombuffer(json.dumps(facts).encode(), np.uint8)
        progress = state.progress
        name = f"{FOLDER}/epoch-{progress.epoch}-batch-{progress.batch}.npz"
        directory = self.directory
        try:
            directory.add_file(name, lambda path: write_arrays(path, arrays))
            kept = [*(n for n in directory.facts["checkpoints"] if n != name), name]
            dropped, directory.facts["checkpoints"] = kept[:-KEPT], kept[-KEPT:]
            directory.facts |= {"epoch": progress.epoch, "batch": progress.batch}
            for old in dropped:
                directory.entries.pop(old, None)
            directory.commit(TRAINING)
            directory.remove(dropped)
        except OSError as error:
            if not self.failed:
                self.say(
                    f"note: {directory.path}: no checkpoint can be written: {error.strerror or error}; "
                    "training goes on, and the last checkpoint stays"
                )
            self.failed = True
        else:
            self.failed = False


def write_arrays(path: Path, arrays: Mapping[str, AnyArray]) -> None:
    """Write arrays as an uncompressed `.npz`."""
    with path.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def newest_state(
    directory: TrainingDirectory, *, say: Callable[[str], None] = lambda text: None
) -> TrainingState:
    """The state of the newest checkpoint that is intact. say: takes a note on each damaged one.

    Raises RunError when there is none.
    """
    for name in reversed(directory.facts.get("checkpoints", [])):
        path = directory.path / name
        try:
            if file_sha256(path) != directory.entries[name]["sha256"]:
                raise ValueError("its sha256 is not the manifest's")
            return read_state(path)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RunError) as error:
            say(f"note: {path}: damaged checkpoint ({error}); trying the one before")
    raise RunError(f"{directory.path}: has no intact checkpoint to go on from; train it again")


def read_state(path: Path) -> TrainingState:
    """The state in a checkpoint. Raises RunError, ValueError, KeyError or TypeError for another file."""
    arrays = dict(read_weights(path))
    facts = json.loads(arrays.pop(FACTS).tobytes())
    if facts["format"] != FORMAT:
        raise ValueError(f"format {facts['format']!r}, but this version reads format {FORMAT}")
    return state_from(arrays, facts)


def best_weights(path: Path, names: list[str]) -> NetworkWeights:
    """The weights of the best epoch so far, from the run directory of an unfinished training.

    names: of its checkpoints, oldest first. Raises RunError when no epoch is finished yet.
    """
    state = read_state(path / names[-1])
    if not state.best_epoch:
        raise RunError(f"{path}: its training has not finished an epoch yet; wait for the first one")
    best = state.best or {
        name: value
        for name, value in state.variables.items()
        if not name.startswith(("optimizer/", "seed/"))
    }
    return {**read_weights(path / CONSTANT), **best}
