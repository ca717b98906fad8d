"""The page of remedies: its words follow its figures, and its cells those of the comparisons."""

import importlib
import sys
from pathlib import Path

import pytest

from seqlab.comparing.plan import make_plan
from seqlab.comparing.results import make_results
from tests import tiny
from tests.comparing.hand import finished, gold_tags, guesses

pytestmark = tiny.KERAS_NOISE
FOLDER = Path(__file__).resolve().parents[2] / "scripts" / "imbalance"


@pytest.fixture
def page(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    yield importlib.import_module("page")
    sys.modules.pop("page")


def results(right, *, never=None):
    """Three seeds of made-up taggers. right: by remedy, the share of gold tags it says."""
    plan = make_plan({name: {} for name in right}, {}, seeds=3, baseline="none")
    gold = gold_tags(150)
    cells = {
        name: {
            seed: finished(
                gold,
                guesses(gold, right=share, seed=seed, never=(never or {}).get(name, "")),
                seconds=10.0 if name == "none" else 25.0,
            )
            for seed in plan.seeds
        }
        for name, share in right.items()
    }
    return make_results(plan, cells, {}, resamples=300)


def test_a_remedy_comes_under_what_it_did(page):
    first = results({"none": 0.5, "balanced": 0.9, "focal": 0.1, "dice": 0.5})
    second = results({"none": 0.5, "balanced": 0.5, "focal": 0.5, "dice": 0.5})
    found = {"a": first, "b": second}
    assert page.groups_of(found, "balanced") == [page.HELPED]
    assert page.groups_of(found, "focal") == [page.HARMED]
    assert page.groups_of(found, "dice") == [page.NOTHING]
    assert page.groups_of(found, "none") == []
    words = page.words(found, ["none", "balanced", "focal", "dice"])
    assert f"- {page.HELPED}: `balanced`." in words
    assert f"- {page.HARMED}: `focal`." in words
    assert "`balanced` has the best macro F1" in words


def test_words_turn_when_the_figures_do(page):
    turned = {"a": results({"none": 0.5, "balanced": 0.1, "focal": 0.9})}
    words = page.words(turned, ["none", "balanced", "focal"])
    assert f"- {page.HELPED}: `focal`." in words
    assert f"- {page.HARMED}: `balanced`." in words
    assert "`none` has the best macro F1" in words


def test_the_tables_hold_the_figures_of_the_comparison(page):
    found = results({"none": 0.5, "balanced": 0.9}, never={"balanced": "LAW"})
    text = page.page(
        {"corpus-a": found, "corpus-b": results({"none": 0.6, "dice": 0.6})}, common="epochs = 3"
    )
    by_name = {setting.name: setting for setting in found.settings}
    mean = by_name["balanced"].differences["micro_f1"].seeds.mean
    lines = text.split("\n")
    start = lines.index("## Micro F1, less that of `none`")
    row = next(line for line in lines[start:] if line.startswith("| `balanced`"))
    mark = page.MARKS[by_name["balanced"].differences["micro_f1"].verdict]
    assert row == f"| `balanced` | {mean:+.3f} {mark} |".replace("  |", " |")[:-1] + "| – |"
    lost = lines.index("## Classes lost")
    assert "| `balanced` | 1.0 | – |" in lines[lost:]
    cost = next(index for index, line in enumerate(lines) if line.startswith("## Seconds"))
    assert "| `balanced` | 2.5 | – |" in lines[cost:]
    assert "| `none`, seconds | 10 | 10 |" in lines[cost:]
    assert "3 on `corpus-a`, 3 on `corpus-b`" in text
    assert "epochs = 3" in text
