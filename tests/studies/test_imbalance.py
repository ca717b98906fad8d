"""The page of remedies: its conclusions follow its figures, and its tables hold those of the comparisons."""

import importlib
import json
import sys
from pathlib import Path

import pytest

from seqlab.comparing.judging import make_results
from seqlab.comparing.plan import make_plan
from tests import tiny
from tests.comparing.hand import finished, gold_tags, guesses

pytestmark = tiny.KERAS_NOISE
FOLDER = Path(__file__).resolve().parents[2] / "scripts" / "studies"


@pytest.fixture
def folder(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    yield FOLDER
    for path in FOLDER.glob("*.py"):
        sys.modules.pop(path.stem, None)


@pytest.fixture
def page(folder):
    return importlib.import_module("imbalance")


@pytest.fixture
def verdicts(folder):
    return importlib.import_module("verdicts")


@pytest.fixture
def tables(folder):
    return importlib.import_module("tables")


def results(right, *, never=None):
    """Three seeds of made-up taggers. right: by remedy, the share of gold tags it predicts."""
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


def test_the_conclusion_for_each_remedy(page, verdicts):
    first = results({"none": 0.5, "balanced": 0.9, "focal": 0.1, "dice": 0.5})
    second = results({"none": 0.5, "balanced": 0.5, "focal": 0.5, "dice": 0.5})
    found = {"a": first, "b": second}
    assert verdicts.groups_of(found, "balanced") == [verdicts.BETTER]
    assert verdicts.groups_of(found, "focal") == [verdicts.WORSE]
    assert verdicts.groups_of(found, "dice") == [verdicts.NO_DIFFERENCE]
    assert verdicts.groups_of(found, "none") == []
    words = page.words(found)
    assert f"- {verdicts.BETTER}: `balanced`." in words
    assert f"- {verdicts.WORSE}: `focal`." in words
    assert "`balanced` has the best mean macro F1" in words


def test_other_figures_change_the_conclusions(page, verdicts):
    turned = {"a": results({"none": 0.5, "balanced": 0.1, "focal": 0.9})}
    words = page.words(turned)
    assert f"- {verdicts.BETTER}: `focal`." in words
    assert f"- {verdicts.WORSE}: `balanced`." in words
    assert "`none` has the best mean macro F1" in words


def test_the_tables_hold_the_figures_of_the_comparison(page, tables, tmp_path):
    found = results({"none": 0.5, "balanced": 0.9}, never={"balanced": "LAW"})
    text = page.page(
        {"corpus-a": found, "corpus-b": results({"none": 0.6, "dice": 0.6})},
        common="epochs = 3",
        out=tmp_path,
    )
    by_name = {setting.name: setting for setting in found.settings}
    mean = by_name["balanced"].differences["micro_f1"].seeds.mean
    lines = text.split("\n")
    start = lines.index("## Micro F1 minus that of `none`")
    row = next(line for line in lines[start:] if line.startswith("| `balanced`"))
    mark = tables.MARKS[by_name["balanced"].differences["micro_f1"].verdict]
    assert row == f"| `balanced` | {mean:+.3f} {mark} |".replace("  |", " |")[:-1] + "| – |"
    lost = lines.index("## Classes lost")
    assert "| `balanced` | 1.0 | – |" in lines[lost:]
    cost = next(index for index, line in enumerate(lines) if line.startswith("## Seconds"))
    assert "| `balanced` | 2.5 | – |" in lines[cost:]
    assert "| `none`, seconds | 10 | 10 |" in lines[cost:]
    assert "3 on `corpus-a`, 3 on `corpus-b`" in text
    assert "epochs = 3" in text


def cells(folder, answers, predictions):
    """Cells of the page's two settings. answers: of the remedy, by seed, the classes raised in epoch 2."""
    for name in ("none", "reweight"):
        for seed in (1, 2, 3):
            cell = folder / "cells" / name / f"seed-{seed}"
            cell.mkdir(parents=True)
            raised = answers.get(seed, []) if name == "reweight" else []
            epochs = [[], [{"name": one} for one in raised]]
            lines = [json.dumps({"answers": found}) + "\n" for found in epochs]
            (cell / "history.jsonl").write_text("".join(lines), encoding="utf-8")
            (cell / "predictions.jsonl").write_text(predictions(name, seed), encoding="utf-8")


def test_saved_classes_and_unchanged_runs(page, tmp_path):
    saving = results({"none": 0.6, "reweight": 0.6}, never={"none": "LAW"})
    cells(tmp_path / "saving", {1: ["LAW"], 3: ["LAW", "ORG"]}, lambda name, seed: f"{name} {seed}")
    idle = results({"none": 0.6, "reweight": 0.6})
    cells(tmp_path / "idle", {}, lambda name, seed: f"{seed}")
    text = "\n".join(page.section({"saving": saving, "idle": idle}, tmp_path))
    assert "It saved a class on `saving`." in text
    assert "byte for byte, on `idle`." in text
    assert "| saving | 3 | 2 | 1.0 | `LAW` (3 → 0) | – |" in text
    assert "| idle | 3 | 0 | 0.0 | – | – |" in text


def test_a_class_that_reweighting_loses(page, tmp_path):
    found = results({"none": 0.6, "reweight": 0.6}, never={"reweight": "LAW"})
    cells(tmp_path / "a", {1: ["ORG"]}, lambda name, seed: f"{name}")
    text = "\n".join(page.section({"a": found}, tmp_path))
    assert "It saved a class on no corpus." in text
    assert "on no corpus." in text.split("changed nothing")[1]
    assert "| a | 3 | 1 | 0.3 | – | `LAW` (0 → 3) |" in text


def test_without_the_remedy_there_is_no_section(page, tmp_path):
    assert page.section({"a": results({"none": 0.5, "dice": 0.5})}, tmp_path) == []
