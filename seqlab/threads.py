"""How the cores are shared out, unless the user has said so."""

import os

INTRA_OP = "TF_NUM_INTRAOP_THREADS"


def share_cores() -> None:
    """Give one operation half of the cores, so that the two directions of a BiLSTM run side by side.

    TensorFlow reads the environment when it runs its first operation; later this changes nothing.
    """
    os.environ.setdefault(INTRA_OP, str(max(1, usable_cores() // 2)))


def worker_threads() -> int:
    """Threads of whatever shares its work out itself: OMP_NUM_THREADS where it is set, else a core each."""
    given = os.environ.get("OMP_NUM_THREADS", "")
    sound = given.isascii() and given.isdecimal() and len(given) < 6
    return max(1, int(given)) if sound else usable_cores()


def usable_cores() -> int:
    """The cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1
