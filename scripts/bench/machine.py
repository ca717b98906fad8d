"""The conditions of a measurement: machine, versions, date, and the load by other processes."""

import os
import platform
import resource
import subprocess
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from bench.child import ROOT

PACKAGES = ("tensorflow", "keras", "numpy")


def describe() -> dict[str, Any]:
    """The machine and the versions, for the top of the page."""
    return {
        "cpu": cpu_model(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "commit": commit(),
        **{name: installed(name) for name in PACKAGES},
    }


def cpu_model() -> str:
    """The processor's name, from the kernel."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown"


def installed(name: str) -> str:
    """The version of a package, or a dash."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "–"


def commit() -> str:
    """The measured commit, with a plus if the tree has uncommitted changes."""
    try:
        revision = git("rev-parse", "--short", "HEAD")
        return revision + ("+" if git("status", "--porcelain", "--", "seqlab") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def git(*arguments: str) -> str:
    """The output of a git command in this repository."""
    command = ["git", "-C", str(ROOT), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


class Watch:
    """The clock of one part: seconds, and the share of all cores' time that other processes used.

    This process's children count as its own once they have ended.
    """

    def __init__(self) -> None:
        self.start, self.busy, self.own = time.perf_counter(), busy_seconds(), own_seconds()

    def read(self) -> dict[str, Any]:
        """Date, seconds and load since the start, for the part's result."""
        seconds = time.perf_counter() - self.start
        others = busy_seconds() - self.busy - (own_seconds() - self.own)
        cores = os.cpu_count() or 1
        return {
            "date": time.strftime("%Y-%m-%d"),
            "seconds": seconds,
            "others": max(0.0, others) / (seconds * cores),
        }


def busy_seconds() -> float:
    """Busy seconds of all cores since the machine started; 0 if unknown."""
    path = Path("/proc/stat")
    if not path.exists():
        return 0.0
    ticks = [int(cell) for cell in path.read_text().splitlines()[0].split()[1:9]]
    user, nice, system, _, _, irq, soft, steal = ticks
    return (user + nice + system + irq + soft + steal) / os.sysconf("SC_CLK_TCK")


def own_seconds() -> float:
    """CPU seconds of this process and its ended children."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in used)
