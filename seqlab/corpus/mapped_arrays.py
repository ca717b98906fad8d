"""Arrays that are mapped from files: what is looked at takes memory until its pages are handed back.

A single number brings in up to 64 KB of its file, so that a few hundred of them bring in all of it.
"""

import mmap as maps
from mmap import mmap
from pathlib import Path

import numpy as np

from seqlab.arrays import AnyArray

MADV_DONTNEED = getattr(maps, "MADV_DONTNEED", 0)  # not on Windows


def map_file(file: Path, dtype: str) -> AnyArray:
    """The numbers of a file, read when they are looked at."""
    if not file.stat().st_size:  # nothing can't be mapped
        return np.zeros(0, dtype)
    return np.asarray(np.memmap(file, dtype, "r"))


def memory_map_of(array: AnyArray) -> mmap | None:
    """The map in which an array lies, or None where it is in memory."""
    base = array.base
    while isinstance(base, np.ndarray):
        base = base.base
    return base if isinstance(base, mmap) else None


def release_pages(array: AnyArray) -> None:
    """Hand the pages of a mapped array back to the system: they are read again when they are looked at."""
    page = memory_map_of(array)
    if page is not None and hasattr(page, "madvise"):  # not on Windows
        page.madvise(MADV_DONTNEED)


def take_and_release(array: AnyArray, places: AnyArray) -> AnyArray:
    """`array[places]`; of a mapped array no page stays."""
    found: AnyArray = array[places]
    release_pages(array)
    return found
