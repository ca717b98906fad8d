"""The files of gazetteers in a run directory. They are mapped: tagging reads only the hashes that it looks up."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from io import BufferedReader
from pathlib import Path

import numpy as np

from seqlab.encoding.gazetteer import Gazetteers, bits_type
from seqlab.errors import RunError
from seqlab.machine.array_files import ArraySpec, map_array
from seqlab.machine.regular_files import open_regular

GAZETTEERS = "gazetteers"  # the directory; it has one file for each array
HASHES = {"prefixes": "whole", "spellings": "spelt_in"}
"""Each array of hashes, and the array of their lists."""


def gazetteer_file(part: str) -> str:
    """The file of one array in the run directory.

    >>> gazetteer_file("prefixes")
    'gazetteers/prefixes.npy'
    """
    return f"{GAZETTEERS}/{part}.npy"


def write_gazetteers(gazetteers: Gazetteers, directory: Path) -> None:
    """Write the files of gazetteers into an existing directory; none without lists."""
    if not len(gazetteers):
        return
    (directory / GAZETTEERS).mkdir(exist_ok=True)
    for part in (*HASHES.keys(), *HASHES.values()):
        array = getattr(gazetteers, part)
        np.save(directory / gazetteer_file(part), array.astype(array.dtype.newbyteorder("<")))


def open_gazetteers(
    names: Sequence[str],
    directory: Path,
    open_file: Callable[[str], AbstractContextManager[BufferedReader]] | None = None,
) -> Gazetteers:
    """Map the gazetteers in a directory.

    names: the lists in order.
    open_file: opens a file of the directory by its name; by default any regular file there.

    Raises RunError when a file is damaged.
    """
    if not names:
        return Gazetteers()
    open_file = open_file or (lambda name: open_regular(directory / name, inside=directory))
    parts = {}
    for hashes, lists in HASHES.items():
        for part, dtype in ((hashes, "uint64"), (lists, bits_type(len(names)).name)):
            name = gazetteer_file(part)
            with open_file(name) as file:
                parts[part] = map_array(file, directory / name, ArraySpec((None,), dtype))
        if len(parts[hashes]) != len(parts[lists]):
            raise RunError(
                f"{directory / gazetteer_file(lists)}: damaged: has {len(parts[lists])} numbers, but "
                f"{gazetteer_file(hashes)} has {len(parts[hashes])}"
            )
    return Gazetteers(tuple(names), **parts)
