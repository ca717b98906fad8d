"""How far a comparison is: a live table on a terminal, one plain line an event in a log."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.live import Live
from rich.table import Table

from seqlab.comparing.plan import Cell, Plan
from seqlab.comparing.running import Progress, Watch
from seqlab.comparing.store import cell_path, log_path, read_cell
from seqlab.errors import RunError
from seqlab.reporting.log import Say
from seqlab.reporting.table import figure, visible


def plain(out: Path, say: Say) -> Watch:
    """A line when a cell starts and when it ends."""

    def watch(progress: Progress, cell: Cell | None) -> None:
        if cell is not None:
            state = progress.states[cell]
            begun = f"started; its epochs: {log_path(out, cell)}"
            text = begun if state == "running" else ended(progress, cell, out)
            say(f"{cell.title}: {text}")

    return watch


def ended(progress: Progress, cell: Cell, out: Path) -> str:
    """How a cell ended, in words and figures."""
    if progress.states[cell] == "failed":
        return f"failed: {progress.reasons[cell]}"
    try:
        found = read_cell(cell_path(out, cell))
    except RunError as error:
        return f"done, but {error}"
    macro, micro = (figure(found.metrics[name]) for name in ("macro_f1", "micro_f1"))
    return f"done: macro F1 {macro}, micro F1 {micro} ({found.split}), {found.seconds:.1f} s"


@contextmanager
def live(plan: Plan, out: Path, console: Console) -> Iterator[Watch]:
    """A table of settings and seeds, drawn anew every moment while the block runs."""
    texts: dict[Cell, str] = {}
    with Live(console=console, transient=True, auto_refresh=False) as screen:

        def watch(progress: Progress, cell: Cell | None) -> None:
            if cell is not None and progress.states[cell] == "done":
                texts[cell] = brief(cell, out)
            screen.update(live_table(plan, progress, texts), refresh=True)

        yield watch


def brief(cell: Cell, out: Path) -> str:
    """The figure that a cell of the table shows."""
    try:
        return figure(read_cell(cell_path(out, cell)).metrics["macro_f1"])
    except RunError:
        return "damaged"


def live_table(plan: Plan, progress: Progress, texts: dict[Cell, str]) -> Table:
    """A row for each setting, a column for each seed."""
    table = Table(title="macro F1, as cells finish")
    table.add_column("setting")
    for seed in plan.seeds:
        table.add_column(f"seed {seed}", justify="right")
    for name in plan.names:
        cells = [cell for cell in plan.cells if cell.name == name]
        table.add_row(visible(name), *(shown(progress, cell, texts) for cell in cells))
    return table


def shown(progress: Progress, cell: Cell, texts: dict[Cell, str]) -> str:
    """What the table says of a cell."""
    state = progress.states[cell]
    if state == "running":
        return f"epoch {progress.epochs.get(cell, 0) + 1}/{cell.settings.epochs}"
    return texts.get(cell, state)
