"""The page of goals: tools are scored as settings, and the tables follow hand-made cells."""

import importlib
import json
import sys
from pathlib import Path

import pytest

from seqlab.corpus.schemes import Scheme
from seqlab.errors import RunError
from tests import tiny
from tests.comparing.hand import finished, gold_tags, guesses

pytestmark = tiny.KERAS_NOISE
FOLDER = Path(__file__).resolve().parents[2] / "scripts" / "studies"
TABLE = """
baseline = "no-vectors"
[corpora.wnut17]
seeds = 3
[corpora.wnut17.settings.glove]
layers = 2
[settings.no-vectors]
[settings.glove]
epochs = 4
[goals.wnut17]
no-vectors = [0.5, 0.99]
glove = [0.6, 0.6]
tried = "Longer training gains nothing."
"""
GOLD = gold_tags(80)


@pytest.fixture
def modules(monkeypatch, tmp_path):
    """The modules of the study by name."""
    monkeypatch.setenv("SEQLAB_SHARED_DATA", str(tmp_path))
    monkeypatch.syspath_prepend(str(FOLDER))
    monkeypatch.syspath_prepend(str(FOLDER.parent))
    known = set(sys.modules)
    yield {
        n: importlib.import_module(n) for n in ("study", "goal_results", "goal_page", "goal_figure")
    }
    for name in set(sys.modules) - known:
        if name.split(".")[0] in {"bench", "corpora", *(path.stem for path in FOLDER.glob("*.py"))}:
            sys.modules.pop(name)


@pytest.fixture
def study(modules, tmp_path):
    (tmp_path / "table.toml").write_text(TABLE)
    return modules["study"].Study(tmp_path / "table.toml")


def seeds_of(right):
    """Made-up cells of three seeds, right in this share of tags."""
    return {
        seed: finished(GOLD, guesses(GOLD, right=right, seed=seed), seconds=9.0)
        for seed in (1, 2, 3)
    }


def write_tool(folder, tool, predicted, *, gold=GOLD):
    """Results of a tool as its script writes them."""
    (folder / tool).mkdir(parents=True)
    lines = [
        "".join(f"word {one} {other}\n" for one, other in zip(*pair, strict=True)) + "\n"
        for pair in zip(gold, predicted, strict=True)
    ]
    (folder / tool / "pred.txt").write_text("".join(lines))
    (folder / tool / "result.json").write_text(json.dumps({"train": {"train_s": 7.5}}))


@pytest.fixture
def beside(modules, study, monkeypatch, tmp_path):
    """Each setting beside two tools."""
    results = modules["goal_results"]
    write_tool(tmp_path, "crfsuite", guesses(GOLD, right=0.5, seed=8))
    write_tool(tmp_path, "spacy", guesses(GOLD, right=0.3, seed=9, never="LAW"))
    cells = {"no-vectors": seeds_of(0.8), "glove": seeds_of(0.5)}
    path = type("Path", (), {"exists": lambda self: True})
    monkeypatch.setattr(
        results, "cell_path", lambda out, cell: type("P", (path,), {"cell": cell})()
    )
    monkeypatch.setattr(results, "read_cell", lambda p: cells[p.cell.name][p.cell.seed])
    tools = dict(results.tool_cells(tmp_path, cells["glove"][1], Scheme.IOB2))
    return {name: results.with_tools(study, "wnut17", name, tools, tmp_path, 200) for name in cells}


def test_a_table_of_a_corpus_changes_one_setting(study):
    settings = {cell.name: cell.settings for cell in study.plan("wnut17").cells}
    assert (settings["glove"].epochs, settings["glove"].layers) == (4, 2)
    assert settings["no-vectors"].layers == 1
    assert study.plan("wnut17", seeds=[3]).seeds == (3,)


def test_the_tags_of_a_tool_are_scored_as_seqeval_scores_them(modules, tmp_path):
    from seqeval.metrics import f1_score

    predicted = guesses(GOLD, right=0.7, seed=4)
    write_tool(tmp_path, "spacy", predicted)
    ours = finished(GOLD, GOLD)
    ((tool, cell),) = modules["goal_results"].tool_cells(tmp_path, ours, Scheme.IOB2)
    assert (tool, cell.seconds) == ("spacy", 7.5)
    assert cell.metrics["micro_f1"] == pytest.approx(f1_score(GOLD, predicted))
    macro = f1_score(GOLD, predicted, average="macro")
    assert cell.metrics["macro_f1"] == pytest.approx(macro)


def test_tags_of_other_sentences_are_refused(modules, tmp_path):
    write_tool(tmp_path, "spacy", GOLD[1:], gold=GOLD[1:])
    with pytest.raises(RunError) as caught:
        list(modules["goal_results"].tool_cells(tmp_path, finished(GOLD, GOLD), Scheme.IOB2))
    assert str(caught.value) == f"{tmp_path / 'spacy' / 'pred.txt'}: 79 sentences: expected 80"


def test_a_setting_is_judged_against_the_best_tool(modules, beside):
    duel = modules["goal_results"].duel
    ours, theirs = (
        {name: each.figures["micro_f1"].mean for name, each in settings.items()}
        for settings in (
            {s.name: s for s in beside["no-vectors"].settings},
            {s.name: s for s in beside["glove"].settings},
        )
    )
    found = duel(beside["no-vectors"], "micro_f1")
    assert (found.tool, found.verdict) == ("feature CRF", "better")
    assert found.difference == pytest.approx(ours["no-vectors"] - ours["crfsuite"])
    assert found.theirs == theirs["crfsuite"]
    assert duel(beside["glove"], "micro_f1").verdict == "not distinguishable"
    assert modules["goal_results"].fewest_lost(beside["glove"]) == 0


def test_the_page_says_what_is_reached_and_what_is_missing(modules, study, beside):
    page, results = modules["goal_page"], modules["goal_results"]
    goals = results.read_goals(importlib.import_module("tomllib").loads(TABLE))
    assert [(goal.setting, goal.micro, goal.macro) for goal in goals] == [
        ("no-vectors", 0.5, 0.99),
        ("glove", 0.6, 0.6),
    ]
    corpora = [page.Corpus(name="wnut17", gains=None, beside=beside, speeds={})]
    text = page.page_text(corpora, goals, common="")
    best, other = (results.baseline_of(beside[name]).figures for name in ("no-vectors", "glove"))
    assert f"| `wnut17` | `no-vectors` | 0.500 | **{best['micro_f1'].mean:.3f}**" in text
    gaps = [0.6 - other[key].mean for key in ("micro_f1", "macro_f1")]
    assert (
        f"- `wnut17`, `glove`: micro F1 is {gaps[0]:.3f} and macro F1 is {gaps[1]:.3f} below the goal. "
        "Longer training gains nothing.\n"
    ) in text
    assert f"- `wnut17`, `no-vectors`: macro F1 is {0.99 - best['macro_f1'].mean:.3f} below" in text
    assert "- `no-vectors` has the best micro F1 on 1 of 1 corpora" in text


def test_the_figure_has_a_dot_for_what_has_finished_on_every_corpus(modules, beside):
    figure = modules["goal_figure"]
    one_setting = {"no-vectors": beside["no-vectors"]}
    points = {point.name: point for point in figure.points_of([beside, one_setting])}
    assert set(points) == {"no-vectors", "feature CRF", "spaCy"}
    assert (points["no-vectors"].seconds, points["spaCy"].seconds) == pytest.approx((9.0, 7.5))
    macro = {s.name: s.figures["macro_f1"].mean for s in beside["no-vectors"].settings}
    assert points["feature CRF"].macro == pytest.approx(macro["crfsuite"])
    svg = figure.figure_svg(list(points.values()))
    assert svg.count("<circle") == 3
    assert ">feature CRF</text>" in svg
