"""How many trainings run at once: cores shared out to processes, memory counted as it is measured.

By default a process a core, each with one thread: small networks leave a second thread idle, and reading,
building and scoring have only one.
"""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from seqlab.errors import SettingsError
from seqlab.machine.numbers import is_number, is_whole
from seqlab.machine.threads import usable_cores

FIRST_GUESS_GB = 1.5  # of one training, until the first has been measured
CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")


@dataclass(frozen=True, kw_only=True)
class Budget:
    """processes: at most so many at once, with `threads` each. memory: of all together, in GB."""

    processes: int
    threads: int
    memory: float

    def room(self, running: int, peak: float | None) -> bool:
        """Whether one more may start. peak: GB of the largest training so far. One always may."""
        if running == 0:
            return True
        expected = (running + 1) * (peak or FIRST_GUESS_GB)
        return running < self.processes and expected <= self.memory

    def environment(self) -> dict[str, str]:
        """What tells TensorFlow and its libraries to keep to their threads."""
        threads = str(self.threads)
        return {
            "OMP_NUM_THREADS": threads,
            "OPENBLAS_NUM_THREADS": threads,
            "TF_NUM_INTRAOP_THREADS": threads,
            "TF_NUM_INTEROP_THREADS": threads,
            "TF_FORCE_GPU_ALLOW_GROWTH": "true",  # else the first process takes the whole card
        }


def make_budget(processes: int | None, memory: float | None) -> Budget:
    """The budget asked for; by default a process a core, and 80 % of the machine's memory.

    Raises SettingsError for numbers that are not above 0.
    """
    cores = usable_cores()
    if processes is not None and not (is_whole(processes) and processes >= 1):
        raise SettingsError(f"processes is {processes!r}: expected a number at least 1")
    if memory is not None and not (is_number(memory) and 0 < memory < float("inf")):
        raise SettingsError(f"memory is {memory!r}: expected a number of GB above 0")
    processes = processes or cores
    return Budget(
        processes=processes,
        threads=max(1, cores // processes),
        memory=0.8 * machine_memory() if memory is None else memory,
    )


def machine_memory() -> float:
    """GB of the machine, or of the container's limit where that is smaller."""
    try:
        found = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # not on every system
        return 8.0
    with suppress(OSError, ValueError):  # no container, or "max"
        found = min(found, int(CGROUP_LIMIT.read_text()))
    return float(found / 2**30)
