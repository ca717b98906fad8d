"""The checkpoints of a training in its run directory: their names in the manifest.

A checkpoint is an `.npz` of plain numbers; its JSON text is one of the arrays. The weights of the best epoch so far are a
file of their own, which is written when there is a better epoch. With `tagger.json` beside it, it makes a tagger.
"""

from typing import Any, NamedTuple

from seqlab.errors import RunError
from seqlab.machine.json_fields import Fields
from seqlab.storing.run_directory import CHECKPOINT_FILE, CHECKPOINTS, MANIFEST
from seqlab.storing.run_files import RunFiles, errors_of_file

DESCRIPTION = f"{CHECKPOINTS}/tagger.json"  # of the tagger while it trains


class CheckpointEntry(NamedTuple):
    """A checkpoint in the manifest.

    state: its file. best: the file with the weights of the best epoch; None before an epoch is finished.
    best_optimizer: the file with the optimizer's variables of that epoch, for `--on-collapse restore`.
    """

    state: str
    best: str | None = None
    best_optimizer: str | None = None

    def names(self) -> set[str]:
        """The names of its files."""
        return {name for name in self if name is not None}


def checkpoint_entries(files: RunFiles) -> list[CheckpointEntry]:
    """The checkpoints of a training, oldest first. Raises RunError if the manifest is damaged."""
    with errors_of_file(files.path(MANIFEST)):
        if not files.training.has("checkpoints"):
            return []
        entries = files.training.take("checkpoints")
        if not isinstance(entries, list):
            raise files.training.wrong("checkpoints", "a list")
        return [read_entry(Fields(entry, "training.checkpoints")) for entry in entries]


def read_entry(fields: Fields) -> CheckpointEntry:
    """A checkpoint in the manifest. Raises ValueError if it is damaged."""
    names = [fields.text(name) if fields.has(name) else None for name in CheckpointEntry._fields]
    for name in names:  # old checkpoints are deleted: a forged name must not lead elsewhere
        if name is not None and not CHECKPOINT_FILE.fullmatch(name):
            raise ValueError(f"{fields.where} names {name!r}: expected a file in {CHECKPOINTS}/")
    return CheckpointEntry(fields.text("state"), *names[1:])


def best_weights_name(files: RunFiles) -> str:
    """The file with the weights of the best epoch so far. Raises RunError when no epoch is finished yet."""
    for entry in reversed(checkpoint_entries(files)):
        if entry.best is not None:
            return entry.best
    raise RunError(
        f"{files.directory}: its training has not finished an epoch yet; wait for the first one, or resume it: "
        f"python -m seqlab.train --resume {files.directory}"
    )


def entry_facts(entry: CheckpointEntry) -> dict[str, Any]:
    """A checkpoint as the manifest holds it."""
    return {name: value for name, value in entry._asdict().items() if value is not None}
