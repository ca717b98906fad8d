import json
import subprocess
import sys

import pytest

from seqlab.comparing import running
from seqlab.comparing.budget import Budget
from seqlab.comparing.plan import make_plan
from seqlab.comparing.running import CELL_COMMAND, CellStates, RunningCell, run_cells
from seqlab.comparing.store import log_path

PLAN = make_plan({"a": {}, "b": {}, "c": {}}, {}, seeds=1)
TWO_AT_ONCE = Budget(processes=2, threads=1, memory=99.0)


@pytest.fixture
def started(monkeypatch):
    """Let cells run a line of Python instead of a training; collects their processes."""
    made = []

    def use(code):
        def start_cell(cell, identity, out, budget):
            log = log_path(out, cell)
            log.parent.mkdir(parents=True)
            with log.open("wb") as file:
                words = [sys.executable, "-c", code]
                made.append(
                    subprocess.Popen(words, stdin=subprocess.PIPE, stdout=file, stderr=file)
                )
            return RunningCell(made[-1], out / "history.jsonl")

        monkeypatch.setattr(running, "start_cell", start_cell)
        return made

    return use


def run(out, watch):
    states = CellStates(dict.fromkeys(PLAN.cells, "waiting"))
    wanted = {cell: {} for cell in PLAN.cells}
    run_cells(PLAN.cells, wanted, out, budget=TWO_AT_ONCE, states=states, watch=watch)
    return states


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("print('error: no such tag'); raise SystemExit(2)", "no such tag"),
        ("import os; print('so far'); os.kill(os.getpid(), 9)", "ended by signal 9; "),
        ("pass", "no output"),
    ],
)
def test_how_a_cell_failed_is_told(tmp_path, started, code, reason):
    started(code)
    states = run(tmp_path, lambda states, cell: None)
    assert set(states.states.values()) == {"failed"}
    assert all(text.startswith(reason) for text in states.reasons.values())


def test_the_budget_is_kept_and_an_interruption_ends_all(tmp_path, started):
    processes = started("import time; time.sleep(60)")

    def watch(states, cell):
        if cell is None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, watch)
    assert [process.poll() for process in processes] == [-9, -9]


def test_a_cell_imports_nothing_from_the_working_directory(tmp_path):
    (tmp_path / "tomli_w.py").write_text("raise SystemExit('planted')\n", "utf-8")
    order = json.dumps({"settings": {"epohcs": 1}, "identity": {}}) + "\n"
    pipe = subprocess.PIPE
    with subprocess.Popen(
        CELL_COMMAND, cwd=tmp_path, stdin=pipe, stdout=pipe, stderr=pipe, text=True
    ) as cell:
        cell.stdin.write(order)
        cell.stdin.flush()  # and stays open: a cell ends when its standard input does
        assert cell.wait(timeout=60) == 2
        assert cell.stderr.read() == "error: unknown setting 'epohcs'; nearest: 'epochs'\n"
