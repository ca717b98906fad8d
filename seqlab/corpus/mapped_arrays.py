"""Arrays mapped from files. The pages that a program reads stay in memory until they are released.

Reading a single number loads up to 64 KB of its file, so a few hundred reads can load all of it.
"""

import mmap as maps
from mmap import mmap
from pathlib import Path

import numpy as np

from seqlab.arrays import AnyArray

MADV_DONTNEED = getattr(maps, "MADV_DONTNEED", 0)  # not on Windows


def map_file(file: Path, dtype: str) -> AnyArray:
    """Return the numbers of a file as an array that reads them when they are accessed."""
    if not file.stat().st_size:  # an empty file cannot be mapped
        return np.zeros(0, dtype)
    return np.asarray(np.memmap(file, dtype, "r"))


def memory_map_of(array: AnyArray) -> mmap | None:
    """Return the memory map that holds an array, or None for an array in memory."""
    base = array.base
    while isinstance(base, np.ndarray):
        base = base.base
    return base if isinstance(base, mmap) else None


def release_pages(array: AnyArray) -> None:
    """Give the pages of a mapped array back to the system. The next access reads them again."""
    page = memory_map_of(array)
    if page is not None and hasattr(page, "madvise"):  # not on Windows
        page.madvise(MADV_DONTNEED)


def take_and_release(array: AnyArray, indices: AnyArray) -> AnyArray:
    """Return `array[indices]` and release the pages of a mapped array."""
    values: AnyArray = array[indices]
    release_pages(array)
    return values
