"""Cells as processes: started while the budget has room, watched, and ended with the comparison."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from os import environ
from pathlib import Path

from seqlab.comparing.budget import Budget
from seqlab.comparing.cell import CELL
from seqlab.comparing.identity import Identity
from seqlab.comparing.plan import Cell
from seqlab.comparing.store import cell_path, log_path
from seqlab.machine.atomic import temporary_path

POLL_SECONDS = 0.2


@dataclass
class Progress:
    """How far the cells are, by cell: 'waiting', 'running', 'done', 'kept' or 'failed'.

    epochs: of running cells, those that are over. reasons: of failed cells, the last line they said.
    """

    states: dict[Cell, str]
    epochs: dict[Cell, int] = field(default_factory=dict)
    reasons: dict[Cell, str] = field(default_factory=dict)


Watch = Callable[[Progress, Cell | None], None]
"""Is told of the cell whose state has changed, and every moment (None) so that epochs can be shown."""


def run_cells(
    cells: Sequence[Cell],
    identities: Mapping[Cell, Identity],
    out: Path,
    *,
    budget: Budget,
    progress: Progress,
    watch: Watch,
) -> None:
    """Train cells until none is left. A failing one is noted, and stops no other.

    Whatever ends this function ends its processes.
    """
    waiting, running = list(cells), dict[Cell, "subprocess.Popen[bytes]"]()
    peak: float | None = None
    try:
        while waiting or running:
            while waiting and budget.room(len(running), peak):
                cell = waiting.pop(0)
                running[cell] = start(cell, identities[cell], out, budget)
                progress.states[cell] = "running"
                watch(progress, cell)
            time.sleep(POLL_SECONDS)
            for cell, process in list(running.items()):
                progress.epochs[cell] = epochs_done(cell_path(out, cell), process.pid)
                if process.poll() is not None:
                    close(process)
                    del running[cell]
                    settle(cell, process.returncode, out, progress)
                    peak = max((p for p in (peak, measured(out, cell)) if p), default=None)
                    watch(progress, cell)
            watch(progress, None)
    finally:
        for process in running.values():
            process.kill()
            close(process)


def start(cell: Cell, identity: Identity, out: Path, budget: Budget) -> "subprocess.Popen[bytes]":
    """A process that trains a cell; in a session of its own, for Ctrl-C is answered by us."""
    path, log = cell_path(out, cell), log_path(out, cell)
    path.parent.mkdir(parents=True, exist_ok=True)
    log.parent.mkdir(parents=True, exist_ok=True)
    values = dict(cell.settings.items()) | {"out": str(path), "overwrite": True}
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "seqlab.comparing.cell"],
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=file,
            stderr=subprocess.STDOUT,
            env={**environ, **budget.environment()},
            start_new_session=True,
        )
    if process.stdin is not None:
        order = json.dumps({"settings": values, "identity": identity})
        with suppress(BrokenPipeError):  # it has died: its log says why
            process.stdin.write(order.encode() + b"\n")
    return process


def close(process: "subprocess.Popen[bytes]") -> None:
    """Take leave of a process that has ended or was killed."""
    process.wait()
    if process.stdin is not None:
        process.stdin.close()


def settle(cell: Cell, code: int, out: Path, progress: Progress) -> None:
    """Note how a cell ended."""
    if code == 0 and (cell_path(out, cell) / CELL).is_file():
        progress.states[cell] = "done"
        return
    progress.states[cell] = "failed"
    lines = log_path(out, cell).read_text(encoding="utf-8", errors="replace").split("\n")
    last = next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")
    ended = f"ended by signal {-code}; " if code < 0 else ""
    progress.reasons[cell] = ended + last.removeprefix("error: ")


def epochs_done(path: Path, pid: int) -> int:
    """How many epochs a running cell has written down."""
    history = temporary_path(path, pid=pid) / "history.jsonl"
    try:
        return history.read_bytes().count(b"\n")
    except OSError:
        return 0


def measured(out: Path, cell: Cell) -> float | None:
    """The memory that a finished cell took, in GB."""
    try:
        found = json.loads((cell_path(out, cell) / CELL).read_text(encoding="ascii"))["peak_gb"]
    except (OSError, ValueError, KeyError):
        return None
    return float(found) if found else None
