"""The files of gazetteers in a run directory. They are mapped: tagging reads only the hashes that it looks up."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from io import BufferedReader
from pathlib import Path

import numpy as np

from seqlab.encoding.gazetteer import Gazetteer
from seqlab.machine.array_files import ArraySpec, map_array
from seqlab.machine.regular_files import open_regular

GAZETTEERS = "gazetteers"  # the directory; it has two files for each list
PREFIXES, SPELLINGS = "prefixes", "spellings"
HASHES = ArraySpec((None,), "uint64")


def gazetteer_file(name: str, part: str) -> str:
    """The file of one part of a list in the run directory.

    >>> gazetteer_file("city", PREFIXES)
    'gazetteers/city.prefixes.npy'
    """
    return f"{GAZETTEERS}/{name}.{part}.npy"


def write_gazetteers(gazetteers: Mapping[str, Gazetteer], directory: Path) -> None:
    """Write the files of gazetteers into an existing directory."""
    for name, one in gazetteers.items():
        (directory / GAZETTEERS).mkdir(exist_ok=True)
        for part in (PREFIXES, SPELLINGS):
            np.save(directory / gazetteer_file(name, part), getattr(one, part).astype("<u8"))


def open_gazetteer(
    name: str,
    directory: Path,
    open_file: Callable[[str], AbstractContextManager[BufferedReader]] | None = None,
) -> Gazetteer:
    """Map a gazetteer in a directory.

    open_file: opens a file of the directory by its name; by default any regular file there.

    Raises RunError when a file is damaged.
    """
    open_file = open_file or (lambda name: open_regular(directory / name, inside=directory))
    parts = {}
    for part in (PREFIXES, SPELLINGS):
        file_name = gazetteer_file(name, part)
        with open_file(file_name) as file:
            parts[part] = map_array(file, directory / file_name, HASHES)
    return Gazetteer(**parts)
