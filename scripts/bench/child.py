"""Run a command in a separate process and measure it and its child processes: wall time, CPU time, peak memory.

On Linux a child's `ru_maxrss` includes the memory of the parent at the fork. So a child of a process with
TensorFlow would never seem small. This file, run as a script in a bare
interpreter, is the small parent that stands between:

    python -I -S child.py RESULT COMMAND...

For a command with child processes Linux keeps only the peak of the largest process. So the peaks of all running
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
LOOK = 0.05  # seconds between looks at the memory of processes


class Measured:
    """The cost of one run of a command.

    seconds: from start to end. cpu_seconds: user and system. peak_bytes: largest resident set,
    those of all its processes added up.
    first_output_seconds: until the first byte on standard output; None where none came.
    output: what was written to standard output, or nothing where it was not kept.
    """

    # A dataclass would cost the launcher 20 ms of imports.
    def __init__(self, usage: dict[str, float], first: float | None, output: bytes) -> None:
        self.seconds = usage["seconds"]
        self.cpu_seconds = usage["cpu_seconds"]
        self.peak_bytes = int(usage["peak_bytes"])
        self.first_output_seconds = None if first is None else first - usage["started"]
        self.output = output


def measure(
    command: Sequence[str],
    *,
    stdin: Iterable[bytes] = (),
    environment: dict[str, str] | None = None,
    expected: int = 0,
    keep_output: bool = False,
) -> Measured:
    """Run a command to its end; `stdin` is written to it block by block while it runs.

    Raises RuntimeError, with the end of its output, when its exit code is not `expected`.
    """
    with tempfile.TemporaryDirectory() as folder:
        result, said = Path(folder) / "usage.json", Path(folder) / "stderr"
        launcher = [sys.executable, "-I", "-S", __file__, str(result), *command]
        with said.open("wb") as errors:
            first, output = follow(launcher, stdin, environment, errors, keep_output)
        usage = json.loads(result.read_text())
        if usage["code"] != expected:
            end = said.read_text(errors="replace")[-2000:]
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
    """Write all blocks, until the reader ends."""
    with contextlib.suppress(BrokenPipeError), pipe:
        for block in blocks:
            pipe.write(block)


def launch(result: str, command: Sequence[str]) -> None:
    """Run the command with this process's standard streams, and write its resource usage as JSON."""
    started = time.monotonic()
    process = subprocess.Popen(command)
    peak, ended = [0], threading.Event()
    looker = threading.Thread(target=look, args=(process.pid, peak, ended))
    looker.start()
    _, status, usage = os.wait4(process.pid, 0)
    ended.set()
    looker.join()
    own = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    found = {
        "code": os.waitstatus_to_exitcode(status),
        "started": started,
        "seconds": time.monotonic() - started,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak_bytes": max(own, peak[0]),
    }
    Path(result).write_text(json.dumps(found))


def look(pid: int, peak: list[int], ended: threading.Event) -> None:
    """Record the sum of the peaks of a process and its descendants, as long as it runs.

    peak: the highest sum so far, in bytes.
    """
    while not ended.wait(LOOK):
        peak[0] = max(peak[0], sum(map(peak_of, family(pid))))


def family(pid: int) -> list[int]:
    """A process and its descendants; only the process itself where the system does not list them."""
    found = [pid]
    for one in found:
        with contextlib.suppress(OSError):  # it may end while it is looked at
            for task in Path(f"/proc/{one}/task").glob("*/children"):
                found += map(int, task.read_text().split())
    return found


def peak_of(pid: int) -> int:
    """The largest resident set of a process so far, in bytes; 0 when it has ended."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


if __name__ == "__main__":
    launch(sys.argv[1], sys.argv[2:])
