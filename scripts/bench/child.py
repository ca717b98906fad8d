"""Run a command in a separate process and measure it and its child processes: wall time, CPU time, peak memory.

On Linux a child's `ru_maxrss` includes the memory of its parent at the fork, so every child of a process with
TensorFlow seems large. Therefore this file also runs as a script in a bare interpreter: a small parent between the
two.

    python -I -S child.py RESULT COMMAND...

If a command starts processes of its own, Linux keeps only the peak of the largest one. So the peaks of all running
processes are read many times per second and added up.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO

BLOCK = 1 << 16
INTERVAL = 0.05  # seconds between two readings of the memory of processes
SCRIPTS = Path(__file__).resolve().parents[1]
ROOT = SCRIPTS.parent


class Measured:
    """The cost of one run of a command.

    seconds: from start to end. cpu_seconds: user and system.
    peak_bytes: largest resident set, the sum over all its processes.
    first_output_seconds: until the first byte on standard output, None without output.
    output: standard output, empty unless it was kept.
    """

    # A dataclass would cost the launcher 20 ms of imports.
    def __init__(self, usage: dict[str, float], first: float | None, output: bytes) -> None:
        self.seconds = usage["seconds"]
        self.cpu_seconds = usage["cpu_seconds"]
        self.peak_bytes = int(usage["peak_bytes"])
        self.first_output_seconds = None if first is None else first - usage["started"]
        self.output = output


def environment() -> dict[str, str]:
    """The environment of a measured process: this repository's code, no start-up messages of TensorFlow."""
    paths = [str(ROOT), str(SCRIPTS), os.environ.get("PYTHONPATH", "")]
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    return {**os.environ, **quiet}


def measure(
    command: Sequence[str],
    *,
    stdin: Iterable[bytes] = (),
    environment: dict[str, str] | None = None,
    expected: int = 0,
    keep_output: bool = False,
) -> Measured:
    """Run a command to its end, writing the blocks of `stdin` to it while it runs.

    Raises RuntimeError with the end of its standard error if its exit code is not `expected`.
    """
    with tempfile.TemporaryDirectory() as folder:
        result, stderr = Path(folder) / "usage.json", Path(folder) / "stderr"
        launcher = [sys.executable, "-I", "-S", __file__, str(result), *command]
        with stderr.open("wb") as errors:
            first, output = follow(launcher, stdin, environment, errors, keep_output)
        usage = json.loads(result.read_text())
        if usage["code"] != expected:
            end = stderr.read_text(errors="replace")[-2000:]
            raise RuntimeError(f"{command} ended with {usage['code']}, not {expected}: {end}")
    return Measured(usage, first, output)


def follow(
    launcher: Sequence[str],
    stdin: Iterable[bytes],
    environment: dict[str, str] | None,
    errors: IO[bytes],
    keep: bool,
) -> tuple[float | None, bytes]:
    """Start the launcher, write its input and read its output. Returns the time of the first byte, and all bytes."""
    pipe = subprocess.PIPE
    process = subprocess.Popen(launcher, stdin=pipe, stdout=pipe, stderr=errors, env=environment)
    feeder = threading.Thread(target=feed, args=(process.stdin, stdin), daemon=True)
    feeder.start()
    first, kept = None, []
    while block := os.read(process.stdout.fileno(), BLOCK):
        first = time.monotonic() if first is None else first
        if keep:
            kept.append(block)
    process.stdout.close()
    process.wait()
    feeder.join()
    return first, b"".join(kept)


def feed(pipe: IO[bytes], blocks: Iterable[bytes]) -> None:
    """Write all blocks, or until the reader ends."""
    with contextlib.suppress(BrokenPipeError), pipe:
        for block in blocks:
            pipe.write(block)


def launch(result: str, command: Sequence[str]) -> None:
    """Run the command with this process's standard streams, and write its resource usage as JSON."""
    started = time.monotonic()
    process = subprocess.Popen(command)
    peak, ended = [0], threading.Event()
    watcher = threading.Thread(target=watch_memory, args=(process.pid, peak, ended))
    watcher.start()
    _, status, usage = os.wait4(process.pid, 0)
    ended.set()
    watcher.join()
    own = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    measured = {
        "code": os.waitstatus_to_exitcode(status),
        "started": started,
        "seconds": time.monotonic() - started,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak_bytes": max(own, peak[0]),
    }
    Path(result).write_text(json.dumps(measured))


def watch_memory(pid: int, peak: list[int], ended: threading.Event) -> None:
    """While a process runs, record the sum of the peaks of it and its descendants.

    peak: a list with one entry, the highest sum so far in bytes.
    """
    while not ended.wait(INTERVAL):
        peak[0] = max(peak[0], sum(map(peak_of, family(pid))))


def family(pid: int) -> list[int]:
    """A process and its descendants; only the process itself if the system has no /proc."""
    pids = [pid]
    for parent in pids:  # grows while it is read
        with contextlib.suppress(OSError):  # the process may have ended
            for task in Path(f"/proc/{parent}/task").glob("*/children"):
                pids += map(int, task.read_text().split())
    return pids


def peak_of(pid: int) -> int:
    """The largest resident set of a process so far, in bytes; 0 if it has ended."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


if __name__ == "__main__":
    launch(sys.argv[1], sys.argv[2:])
