"""A server in a process of its own, for tests of what clients see."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def server(*arguments: str, token: str | None = None) -> Iterator[str]:
    """Run `python -m seqlab.serve` on a free port. Yields its address, and ends it with SIGTERM."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    environment.pop("SEQLAB_TOKEN", None)
    if token:
        environment["SEQLAB_TOKEN"] = token
    command = [sys.executable, "-m", "seqlab.serve", *arguments, "--port", "0"]
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        command, stdout=pipe, stderr=subprocess.DEVNULL, env=environment, text=True
    )
    try:
        yield address(process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.stdout.close()
        code = process.wait(30)
    assert code == 0


def address(process: subprocess.Popen) -> str:
    """The address that the server prints when it is ready."""
    lines = []
    for line in process.stdout:
        lines.append(line)
        if match := re.match(r"serving on (http://\S+)", line):
            return match[1]
    raise AssertionError(f"the server has not started: {lines}")
