"""Trains cells in processes: starts them while the budget has room, watches them, and ends them together."""

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
from seqlab.comparing.plan import Cell
from seqlab.comparing.store import cell_path, log_path
from seqlab.experiment.identity import Identity
from seqlab.storing.run_directory import HISTORY
from seqlab.storing.run_files import RunFiles

POLL_SECONDS = 0.2

# -P: a cell imports nothing from the working directory.
CELL_COMMAND = (sys.executable, "-P", "-m", "seqlab.comparing.cell")


@dataclass
class CellStates:
    """How far each cell is.

    states: 'waiting', 'running', 'done', 'failed', or 'kept' for a cell of an earlier start.
    epochs: finished epochs of running cells. reasons: the last output line of failed cells.
    """

    states: dict[Cell, str]
    epochs: dict[Cell, int] = field(default_factory=dict)
    reasons: dict[Cell, str] = field(default_factory=dict)


Watch = Callable[[CellStates, Cell | None], None]
"""Called with a cell when its state has changed, and with None at every poll, to show new epochs."""


@dataclass(frozen=True)
class RunningCell:
    """A training in progress. history: the file to which it appends one line per epoch."""

    process: "subprocess.Popen[bytes]"
    history: Path

    def epochs(self) -> int:
        """How many epochs are finished."""
        try:
            return self.history.read_bytes().count(b"\n")
        except OSError:
            return 0

    def close(self) -> None:
        """Wait for the end of the process, and free what it held."""
        self.process.wait()
        if self.process.stdin is not None:
            self.process.stdin.close()


def run_cells(
    cells: Sequence[Cell],
    identities: Mapping[Cell, Identity],
    out: Path,
    *,
    budget: Budget,
    states: CellStates,
    watch: Watch,
) -> None:
    """Train all cells. A cell that fails is recorded in `states`; the others go on.

    However this function ends, it ends its processes.
    """
    waiting, running = list(cells), dict[Cell, RunningCell]()
    peak_gb: float | None = None
    try:
        while waiting or running:
            while waiting and budget.has_room(len(running), peak_gb):
                cell = waiting.pop(0)
                running[cell] = start_cell(cell, identities[cell], out, budget)
                states.states[cell] = "running"
                watch(states, cell)
            time.sleep(POLL_SECONDS)
            for cell, training in list(running.items()):
                states.epochs[cell] = training.epochs()
                if training.process.poll() is not None:
                    training.close()
                    del running[cell]
                    record_end(cell, training.process.returncode, out, states)
                    peak_gb = max((gb for gb in (peak_gb, used_gb(out, cell)) if gb), default=None)
                    watch(states, cell)
            watch(states, None)
    finally:
        for training in running.values():
            training.process.kill()
            training.close()


def start_cell(cell: Cell, identity: Identity, out: Path, budget: Budget) -> RunningCell:
    """Start the process that trains a cell."""
    path, log = cell_path(out, cell), log_path(out, cell)
    path.parent.mkdir(parents=True, exist_ok=True)
    log.parent.mkdir(parents=True, exist_ok=True)
    values = dict(cell.settings.items()) | {"out": str(path), "overwrite": True}
    with log.open("wb") as file:
        process = subprocess.Popen(  # noqa: S603, our own module
            CELL_COMMAND,
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=file,
            stderr=subprocess.STDOUT,
            env={**environ, **budget.environment()},
            start_new_session=True,  # Ctrl-C reaches this process alone, which then ends the cells
        )
    if process.stdin is not None:
        name = f"{cell.name}/seed-{cell.seed}"
        order = json.dumps({"settings": values, "identity": identity, "name": name})
        with suppress(BrokenPipeError):  # it has died already; its log says why
            process.stdin.write(order.encode() + b"\n")
    return RunningCell(process, path / HISTORY)


def record_end(cell: Cell, exit_code: int, out: Path, states: CellStates) -> None:
    """Record whether a cell succeeded, and if it failed, why."""
    if exit_code == 0 and (cell_path(out, cell) / CELL).is_file():
        states.states[cell] = "done"
        return
    states.states[cell] = "failed"
    lines = log_path(out, cell).read_text(encoding="utf-8", errors="replace").split("\n")
    last = next((line.strip() for line in reversed(lines) if line.strip()), "no output")
    signal = f"ended by signal {-exit_code}; " if exit_code < 0 else ""
    states.reasons[cell] = signal + last.removeprefix("error: ")


def used_gb(out: Path, cell: Cell) -> float | None:
    """The memory that a finished cell used; None if it is not known."""
    try:
        facts = RunFiles(directory=cell_path(out, cell)).read_json(CELL)
        return float(facts["peak_gb"]) if facts["peak_gb"] else None
    except (ValueError, KeyError, TypeError):
        return None
