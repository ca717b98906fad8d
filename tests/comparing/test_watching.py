import io

from rich.console import Console

from seqlab.comparing import watching
from seqlab.comparing.running import CellStates
from tests.comparing.hand import made_up


def test_the_live_table_shows_every_cell(tmp_path, monkeypatch):
    plan, cells, _ = made_up()
    monkeypatch.setattr(watching, "read_cell", lambda path: cells["none"][1])
    states = CellStates(dict.fromkeys(plan.cells, "waiting"))
    first, second, third, fourth = plan.cells[:4]
    states.states |= {first: "done", second: "running", third: "failed", fourth: "kept"}
    states.epochs[second] = 1
    console = Console(file=io.StringIO(), force_terminal=True, width=80)
    with watching.live_watch(plan, tmp_path, console) as watch:
        watch(states, first)
        watch(states, None)
    drawn = console.file.getvalue()
    for text in ("better-one", "seed 3", "0.5", "epoch 2/2", "failed", "kept", "waiting"):
        assert text in drawn


def test_a_finished_cell_that_cannot_be_read_is_said(tmp_path):
    plan, _, _ = made_up()
    cell, lines = plan.cells[0], []
    watching.line_watch(tmp_path, lines.append)(CellStates({cell: "done"}), cell)
    assert lines[0].startswith("none, seed 1: done, but ")
    assert watching.macro_f1_text(cell, tmp_path) == "damaged"
