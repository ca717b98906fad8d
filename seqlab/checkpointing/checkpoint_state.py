"""Read the state of a training from a checkpoint, and verify it."""

from collections.abc import Mapping

from seqlab.errors import RunError
from seqlab.machine.array_files import ArraySpec, read_open_arrays
from seqlab.machine.json_text import parse_json
from seqlab.storing.checkpoint_files import CheckpointEntry
from seqlab.storing.run_files import COPY_AGAIN, RunFiles, errors_of_file
from seqlab.training.training_state import NamedArrays, TrainingState, state_from

FORMAT = 1
FACTS = "facts"  # the array that holds the JSON text


def read_state(
    files: RunFiles, entry: CheckpointEntry, specs: Mapping[str, Mapping[str, ArraySpec]]
) -> TrainingState:
    """The state in a checkpoint.

    specs: the arrays of each part of the state, by the names of `state_variables.state_specs`.
    Raises RunError when a file is missing, damaged, or another network's.
    """
    parts = ("now", "random", "epoch")
    wanted = {f"{part}/{name}": spec for part in parts for name, spec in specs[part].items()}
    arrays = read_part(files, entry.state, {**wanted, FACTS: ArraySpec((None,), "uint8")})
    text = arrays.pop(FACTS).tobytes()
    for part, name in (("best", entry.best), ("best-optimizer", entry.best_optimizer)):
        if name is not None:
            found = read_part(files, name, specs[part])
            arrays |= {f"{part}/{key}": value for key, value in found.items()}
    path = files.path(entry.state)
    with errors_of_file(path):
        facts = parse_json(text)
        version = facts.get("format") if isinstance(facts, dict) else None
        if version != FORMAT:
            raise ValueError(f"has format {version!r}, but this version reads format {FORMAT}")
        try:
            return state_from(arrays, facts)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise RunError(f"{path}: damaged: no state of a training; {COPY_AGAIN}") from error


def read_part(files: RunFiles, name: str, specs: Mapping[str, ArraySpec]) -> NamedArrays:
    """The arrays in one file of a checkpoint."""
    with files.open(name) as file:
        return read_open_arrays(file, files.path(name), specs)
