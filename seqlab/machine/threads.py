"""How many threads and processes seqlab starts, unless the user's environment says so."""

import os

from seqlab.errors import SettingsError

TENSORFLOW_VARIABLE = "TF_NUM_INTRAOP_THREADS"
BLAS_VARIABLES = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
MAX_DEFAULT_WORKERS = 8  # one process reads for all workers, and cannot keep more of them busy
MAX_WORKERS = 256


def limit_tensorflow_threads() -> None:
    """Give one operation half of the cores, so that both directions of a BiLSTM run side by side.

    TensorFlow reads the environment when it runs its first operation. A later call changes nothing.
    """
    os.environ.setdefault(TENSORFLOW_VARIABLE, str(max(1, usable_cores() // 2)))


def limit_blas_threads() -> None:
    """Limit numpy to one thread, for commands that use more cores through processes.

    numpy reads the environment when it is imported. A later call affects child processes only.
    """
    for name in BLAS_VARIABLES:
        os.environ.setdefault(name, "1")


def default_workers() -> int:
    """The number of worker processes: OMP_NUM_THREADS if set, else one per core; at most 8."""
    given = os.environ.get("OMP_NUM_THREADS", "")
    valid = given.isascii() and given.isdecimal() and len(given) < 6
    return min(MAX_DEFAULT_WORKERS, max(1, int(given)) if valid else usable_cores())


def check_workers(count: int) -> None:
    """Raise SettingsError if the number of workers is out of range."""
    if not 1 <= count <= MAX_WORKERS:
        raise SettingsError(f"workers is {count}: expected a whole number from 1 to {MAX_WORKERS}")


def usable_cores() -> int:
    """The number of cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS and Windows
        return os.cpu_count() or 1
