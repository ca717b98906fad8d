"""What a comparison says before it trains, and how it gathers cells with folds."""

from dataclasses import replace

import pytest

from seqlab.comparing import comparison
from seqlab.comparing.budget import Budget
from seqlab.comparing.comparison import collect_cells, describe_plan, power_note
from seqlab.comparing.plan import make_plan
from seqlab.comparing.running import CellStates
from tests.comparing.hand import finished, gold_tags, guesses

GOLD = gold_tags(60)
TWO = {"none": {}, "focal": {"loss": "focal"}}


@pytest.fixture
def stored(monkeypatch):
    """Every cell, as if it were read from its directory; each fold has 20 sentences."""

    def read(path):
        fold = int(path.name[-1])
        part = slice(20 * fold - 20, 20 * fold)
        return finished(GOLD[part], guesses(GOLD[part], right=0.6, seed=fold))

    monkeypatch.setattr(comparison.store, "read_cell", read)


def test_folds_are_pooled_and_a_failed_fold_fails_its_seed(stored, tmp_path):
    plan = make_plan(TWO, {"folds": 3}, seeds=2)
    states = CellStates(dict.fromkeys(plan.cells, "done"))
    broken = next(c for c in plan.cells if (c.name, c.seed, c.fold) == ("focal", 2, 3))
    states.states[broken] = "failed"
    states.reasons[broken] = "no memory"
    cells, failed = collect_cells(plan, states, tmp_path)
    assert {name: list(by_seed) for name, by_seed in cells.items()} == {
        "none": [1, 2],
        "focal": [1],
    }
    assert failed == {"none": {}, "focal": {2: "fold 3: no memory"}}
    assert len(cells["none"][1].sums.counts) == 60


def test_the_plan_is_told_with_its_folds():
    plan, budget = make_plan(TWO, {"folds": 3}, seeds=2), Budget(processes=2, threads=1, memory=4)
    assert describe_plan(plan, 12, budget).startswith(
        "2 settings x 2 seeds x 3 folds: 12 trainings; "
    )


def cell(macro_f1):
    some = finished(GOLD, GOLD)
    return replace(some, metrics={**some.metrics, "macro_f1": macro_f1})


def test_without_finished_cells_a_typical_deviation_is_taken():
    plan = make_plan(TWO, {}, seeds=2)
    line = power_note(plan, {"none": {}, "focal": {}})
    assert line == (
        "2 seeds can decide differences of macro F1 above 0.33; 5 above 0.048, 10 above 0.028 "
        "(standard deviation over seeds: 0.02, as is typical; power 80%)"
    )
    two = {name: {1: cell(0.4), 2: cell(0.6)} for name in TWO}
    assert power_note(plan, two) == line  # too few to replace it


def test_enough_finished_cells_replace_the_typical_deviation():
    plan = make_plan(TWO, {}, seeds=5)
    base, ours = [0.5, 0.6, 0.7, 0.5], [0.6, 0.6, 0.8, 0.7]
    finished_cells = {
        name: {seed: cell(value) for seed, value in enumerate(values, 1)}
        for name, values in (("none", base), ("focal", ours))
    }
    line = power_note(plan, finished_cells)
    # The deviation of 0.1, 0, 0.1, 0.2 is 0.0816.
    assert line.startswith(
        "5 seeds can decide differences of macro F1 above 0.14; 2 above 0.94, 10"
    )
    assert "(standard deviation of differences over finished seeds: 0.082; power 80%)" in line
