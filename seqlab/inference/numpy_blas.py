"""The number of threads of the OpenBLAS in numpy's wheels, for environments without threadpoolctl.

Exported taggers run there. Other builds of BLAS keep their threads.
"""

from collections.abc import Iterator
from contextlib import suppress
from ctypes import CDLL
from pathlib import Path

import numpy as np

FOLDERS = ("../numpy.libs", ".dylibs")  # beside numpy on Linux and Windows; within numpy on macOS
PATTERN = "libscipy_openblas64_*"
SUFFIX = "_num_threads64_"


class NumpyBlas:
    """Stands in for threadpoolctl's `ThreadpoolController`."""

    def __init__(self) -> None:
        self.library = next(openblas_libraries(), None)

    def limit(self, *, limits: int, user_api: str) -> "ThreadLimit":
        """Set the number of threads until `restore_original_limits`. user_api: always 'blas'."""
        return ThreadLimit(self.library, limits)


class ThreadLimit:
    """A number of threads that holds until it is restored. library: None limits nothing."""

    def __init__(self, library: CDLL | None, threads: int) -> None:
        self.library = library
        if library is not None:
            self.before = library[f"scipy_openblas_get{SUFFIX}"]()
            library[f"scipy_openblas_set{SUFFIX}"](threads)

    def restore_original_limits(self) -> None:
        """Set the number of threads as it was before."""
        if self.library is not None:
            self.library[f"scipy_openblas_set{SUFFIX}"](self.before)


def openblas_libraries() -> Iterator[CDLL]:
    """Yield the OpenBLAS that numpy has loaded, if it is that of numpy's wheels."""
    for folder in FOLDERS:
        for path in (Path(np.__file__).parent / folder).resolve().glob(PATTERN):
            with suppress(OSError, AttributeError):
                library = CDLL(str(path))
                _ = library[f"scipy_openblas_set{SUFFIX}"]
                yield library
