"""How many trainings run at once, within the cores and the memory of the machine.

By default there is one process per core, each with one thread. A small network leaves a second thread
idle, and reading, encoding and scoring use only one.
"""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from seqlab.errors import SettingsError
from seqlab.machine.numbers import is_number, is_whole
from seqlab.machine.threads import usable_cores

FIRST_GUESS_GB = 1.5  # memory of one training, until the first one has been measured
CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")


@dataclass(frozen=True, kw_only=True)
class Budget:
    """processes: the most that run at once, each with `threads`. memory: GB for all of them together."""

    processes: int
    threads: int
    memory: float

    def has_room(self, running: int, peak_gb: float | None) -> bool:
        """Whether one more training may start; one may always run. peak_gb: memory of the largest training so far."""
        if running == 0:
            return True
        expected = (running + 1) * (peak_gb or FIRST_GUESS_GB)
        return running < self.processes and expected <= self.memory

    def environment(self) -> dict[str, str]:
        """Environment variables that limit TensorFlow and its libraries to their threads."""
        threads = str(self.threads)
        return {
            "OMP_NUM_THREADS": threads,
            "OPENBLAS_NUM_THREADS": threads,
            "TF_NUM_INTRAOP_THREADS": threads,
            "TF_NUM_INTEROP_THREADS": threads,
            "TF_FORCE_GPU_ALLOW_GROWTH": "true",  # else the first process takes the whole GPU
        }


def make_budget(processes: int | None, memory: float | None) -> Budget:
    """A budget; by default one process per core, and 80 % of the machine's memory.

    Raises SettingsError for numbers that are not above 0.
    """
    cores = usable_cores()
    if processes is not None and not (is_whole(processes) and processes >= 1):
        raise SettingsError(f"processes is {processes!r}: expected a whole number of 1 or more")
    if memory is not None and not (is_number(memory) and 0 < memory < float("inf")):
        raise SettingsError(f"memory is {memory!r}: expected a number of GB above 0")
    processes = processes or cores
    return Budget(
        processes=processes,
        threads=max(1, cores // processes),
        memory=0.8 * machine_memory_gb() if memory is None else memory,
    )


def machine_memory_gb() -> float:
    """Memory of the machine, or the container's limit if that is smaller."""
    try:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # not on every system
        return 8.0
    with suppress(OSError, ValueError):  # no container, or its limit is "max"
        memory = min(memory, int(CGROUP_LIMIT.read_text()))
    return float(memory / 2**30)
