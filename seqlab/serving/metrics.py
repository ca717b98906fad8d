"""What a server counts, and its text for Prometheus (exposition format 0.0.4)."""

import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
BATCHES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Histogram:
    """Counts values by the first bound that they do not exceed."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def add(self, value: float) -> None:
        """Count a value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def lines(self, name: str, help: str) -> list[str]:
        """The lines of this histogram."""
        lines, count = [f"# HELP {name} {help}", f"# TYPE {name} histogram"], 0
        for bound, number in zip([*self.bounds, "+Inf"], self.counts, strict=True):
            count += number
            lines.append(f'{name}_bucket{{le="{bound}"}} {count}')
        return [*lines, f"{name}_sum {self.total:.6f}", f"{name}_count {count}"]


class Metrics:
    """Counters of a server. Two threads count, so a lock guards those that both change."""

    def __init__(self) -> None:
        self.requests: Counter[tuple[str, int]] = Counter()
        self.latency, self.batches = Histogram(SECONDS), Histogram(BATCHES)
        self.tokens = self.reloads = self.failed_reloads = self.missing_runs = 0
        self.refused_connections = 0
        self.lock = threading.Lock()

    def request_done(self, path: str, status: int, seconds: float) -> None:
        """Count an answered request. Called in the event loop only."""
        self.requests[path, status] += 1
        self.latency.add(seconds)

    def batch_done(self, requests: int, tokens: int) -> None:
        """Count a tagged batch. Called by the threads that tag."""
        with self.lock:
            self.batches.add(requests)
            self.tokens += tokens

    def text(self, gauges: Mapping[str, tuple[str, float]], taggers: Mapping[str, str]) -> str:
        """The exposition. gauges: by name, help and present value. taggers: versions by name."""
        lines = [
            "# HELP seqlab_requests_total Answered requests by path and status.",
            "# TYPE seqlab_requests_total counter",
        ]
        for (path, status), count in sorted(self.requests.items()):
            lines.append(f'seqlab_requests_total{{path="{path}",status="{status}"}} {count}')
        lines += self.latency.lines(
            "seqlab_request_seconds", "Time from the arrival of a request to its answer."
        )
        lines += self.batches.lines("seqlab_batch_requests", "Requests that were tagged together.")
        for name, meaning, count in (
            ("tokens", "Tagged tokens.", self.tokens),
            ("reloads", "Taggers that were loaded again.", self.reloads),
            ("failed_reloads", "Runs that changed but could not be loaded.", self.failed_reloads),
            ("missing_runs", "Runs that were missing for some seconds.", self.missing_runs),
            ("refused_connections", "Connections beyond the limit.", self.refused_connections),
        ):
            lines += counter_lines(f"seqlab_{name}_total", meaning, count)
        for name, (meaning, value) in gauges.items():
            lines += [f"# HELP {name} {meaning}", f"# TYPE {name} gauge", f"{name} {value:g}"]
        lines += ["# HELP seqlab_tagger_info Loaded taggers.", "# TYPE seqlab_tagger_info gauge"]
        for name, version in taggers.items():
            lines.append(f'seqlab_tagger_info{{name="{escaped(name)}",version="{version}"}} 1')
        return "\n".join(lines) + "\n"


def counter_lines(name: str, help: str, count: int) -> list[str]:
    """The lines of a counter without labels."""
    return [f"# HELP {name} {help}", f"# TYPE {name} counter", f"{name} {count}"]


def escaped(value: str) -> str:
    r"""The value of a label as the format has it.

    >>> print(escaped('a"b\\'))
    a\"b\\
    """
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def resident_bytes() -> float:
    """The memory of this process; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    except OSError:
        return 0
    import resource

    return pages * resource.getpagesize()
