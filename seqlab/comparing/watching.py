"""The progress of a comparison: a live table on a terminal, or one line per event in a log."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.live import Live
from rich.table import Table

from seqlab.comparing.plan import Cell, Plan
from seqlab.comparing.running import CellStates, Watch
from seqlab.comparing.store import cell_path, log_path, read_cell
from seqlab.errors import RunError
from seqlab.machine.terminal import visible
from seqlab.reporting.log import Say
from seqlab.reporting.table import figure


def line_watch(out: Path, say: Say) -> Watch:
    """Says a line when a cell starts and when it ends."""

    def watch(states: CellStates, cell: Cell | None) -> None:
        if cell is not None:
            started = f"started; its log: {log_path(out, cell)}"
            running = states.states[cell] == "running"
            say(f"{cell.title}: {started if running else ending_text(states, cell, out)}")

    return watch


def ending_text(states: CellStates, cell: Cell, out: Path) -> str:
    """The figures of a finished cell, or why it failed."""
    if states.states[cell] == "failed":
        return f"failed: {states.reasons[cell]}"
    try:
        finished = read_cell(cell_path(out, cell))
    except RunError as error:
        return f"done, but {error}"
    macro, micro = (figure(finished.metrics[name]) for name in ("macro_f1", "micro_f1"))
    return f"done: macro F1 {macro}, micro F1 {micro} ({finished.split}), {figure(finished.seconds, 1)} s"


@contextmanager
def live_watch(plan: Plan, out: Path, console: Console) -> Iterator[Watch]:
    """A table of settings and seeds, redrawn at every poll while the block runs."""
    scores: dict[Cell, str] = {}
    with Live(console=console, transient=True, auto_refresh=False) as screen:

        def watch(states: CellStates, cell: Cell | None) -> None:
            if cell is not None and states.states[cell] == "done":
                scores[cell] = macro_f1_text(cell, out)
            screen.update(live_table(plan, states, scores), refresh=True)

        yield watch


def macro_f1_text(cell: Cell, out: Path) -> str:
    """The macro F1 of a finished cell."""
    try:
        return figure(read_cell(cell_path(out, cell)).metrics["macro_f1"])
    except RunError:
        return "damaged"


def live_table(plan: Plan, states: CellStates, scores: dict[Cell, str]) -> Table:
    """A row for each setting, and for each fold if there are folds; a column for each seed."""
    table = Table(title="macro F1, as cells finish")
    table.add_column("setting")
    for seed in plan.seeds:
        table.add_column(f"seed {seed}", justify="right")
    rows: dict[str, list[Cell]] = {}
    for cell in sorted(plan.cells, key=lambda cell: (plan.names.index(cell.name), cell.fold or 0)):
        fold = "" if cell.fold is None else f", fold {cell.fold}"
        rows.setdefault(f"{visible(cell.name)}{fold}", []).append(cell)
    for title, cells in rows.items():
        table.add_row(title, *(state_text(states, cell, scores) for cell in cells))
    return table


def state_text(states: CellStates, cell: Cell, scores: dict[Cell, str]) -> str:
    """The score of a finished cell, the epoch of a running one, or another state."""
    state = states.states[cell]
    if state == "running":
        return f"epoch {states.epochs.get(cell, 0) + 1}/{cell.settings.epochs}"
    return scores.get(cell, state)
