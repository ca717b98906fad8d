"""The hashes of the mentions that training has seen, in a run directory. See `scoring/seen.py`."""

from pathlib import Path

import numpy as np

from seqlab.arrays import UInt64Array
from seqlab.machine.array_files import ArraySpec, read_open_arrays
from seqlab.storing.run_files import RunFiles

MENTIONS = "mentions.npz"
HASHES = "hashes"


def write_mentions(mentions: UInt64Array, directory: Path) -> None:
    """Write the hashes. mentions: uint64 (mentions,)."""
    np.savez(directory / MENTIONS, hashes=mentions)


def read_mentions(files: RunFiles) -> UInt64Array | None:
    """uint64 (mentions,); None if the run has none, as older ones and unfinished trainings.

    Raises RunError for a damaged file.
    """
    if not files.has(MENTIONS):
        return None
    with files.open(MENTIONS) as file:
        arrays = read_open_arrays(
            file, files.path(MENTIONS), {HASHES: ArraySpec((None,), "uint64")}
        )
    return arrays[HASHES]
