"""The access log: one JSON object per request on standard error, without anything that was tagged.

A thread writes it. So a reader that stalls does not stop the server: further lines are counted and left out.
"""

import json
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

MOST_LINES = 10_000  # that wait for the reader
PAUSE = 0.1  # seconds between two writes


class AccessLog:
    """Collects lines and writes them ten times a second."""

    def __init__(self) -> None:
        self.lines: deque[Mapping[str, Any]] = deque()
        self.dropped = 0
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.run, name="access log", daemon=True)
        self.thread.start()

    def add(self, **fields: Any) -> None:
        """Log an event. The time comes first."""
        if len(self.lines) >= MOST_LINES:
            self.dropped += 1
            return
        self.lines.append({"time": time.time(), **fields})

    def close(self) -> None:
        """Write what is left. Waits for a second at most."""
        self.ended.set()
        self.thread.join(timeout=1)

    def run(self) -> None:
        """Write until the log is closed."""
        while not self.ended.wait(PAUSE):
            self.write()
        self.write()

    def write(self) -> None:
        """Write the lines that wait."""
        if self.dropped:
            self.lines.append({"time": time.time(), "event": "dropped", "lines": self.dropped})
            self.dropped = 0
        texts = []
        while self.lines:
            texts.append(log_line(self.lines.popleft()))
        if texts and sys.stderr is not None:
            with suppress(OSError, ValueError):  # nobody is there to read
                sys.stderr.write("".join(texts))
                sys.stderr.flush()


def log_line(fields: Mapping[str, Any]) -> str:
    """A line of the log.

    >>> print(log_line({"time": 0.25, "event": "stop"}), end="")
    {"time": "1970-01-01T00:00:00.250Z", "event": "stop"}
    """
    seconds = fields["time"]
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    shown = f"{stamp}.{int(seconds % 1 * 1000):03d}Z"
    return json.dumps({**fields, "time": shown}) + "\n"
