"""How the cores are shared out to threads and processes, unless the user has said so."""

import os

from seqlab.errors import SettingsError

INTRA_OP = "TF_NUM_INTRAOP_THREADS"
BLAS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
USUAL = 8  # workers: one process reads for them all, and keeps no more of them busy
MOST = 256


def share_cores() -> None:
    """Give one operation half of the cores, so that the two directions of a BiLSTM run side by side.

    TensorFlow reads the environment when it runs its first operation; later this changes nothing.
    """
    os.environ.setdefault(INTRA_OP, str(max(1, usable_cores() // 2)))


def one_core() -> None:
    """Keep numpy to one thread: what is to use more cores uses processes.

    It reads the environment when it is imported; later this changes nothing but for child processes.
    """
    for name in BLAS:
        os.environ.setdefault(name, "1")


def default_workers() -> int:
    """Worker processes: OMP_NUM_THREADS where it is set, else a core each, `USUAL` at most."""
    given = os.environ.get("OMP_NUM_THREADS", "")
    sound = given.isascii() and given.isdecimal() and len(given) < 6
    return min(USUAL, max(1, int(given)) if sound else usable_cores())


def check_workers(count: int) -> None:
    """Raise SettingsError for a number of workers that can't be."""
    if not 1 <= count <= MOST:
        raise SettingsError(f"workers is {count!r}: expected a whole number from 1 to {MOST}")


def usable_cores() -> int:
    """The cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1
