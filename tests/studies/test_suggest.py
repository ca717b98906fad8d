"""The simulated labelling loop at a tiny size."""

import sys
from pathlib import Path

import pytest

from seqlab.corpus.reading import read_corpus
from seqlab.corpus.sentence import Sentence
from tests import tiny

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts" / "studies"))
import suggest as study

pytestmark = tiny.KERAS_NOISE


def spans(*labels: str) -> Sentence:
    return Sentence(tokens=("x",) * len(labels), tags=tuple(f"B-{label}" for label in labels))


def test_the_rarer_half_of_the_known_classes_is_rare():
    pool = [spans("A", "A", "A", "B", "B", "C"), spans("D")]
    assert study.rare_classes(pool, [spans("A", "B", "C", "E")]) == ["C"]
    assert study.rare_classes(pool, [spans("A", "B", "C", "D")]) == ["C", "D"]


@pytest.mark.slow
def test_both_orders_start_alike_and_label_the_same_number(tmp_path, tmp_path_factory, monkeypatch):
    paths = tiny.corpus(tmp_path_factory)
    data = [list(read_corpus(paths[part])) for part in ("train", "test")]
    monkeypatch.setattr(study, "SETTINGS", tiny.CHEAP | {"valid_share": 0.2})
    sizes = study.Sizes(start=12, step=6, rounds=1, epochs=1)
    starts: dict[tuple[str, int], object] = {}
    points = {
        order: study.loop("tiny", order, 1, (data[0], data[1]), sizes, tmp_path, starts=starts)
        for order in study.ORDERS
    }
    first, second = zip(*points.values(), strict=True)
    assert first[0].rare_f1 == first[1].rare_f1
    assert first[0].tokens == first[1].tokens
    assert [point.sentences for point in (*first, *second)] == [12, 12, 18, 18]


def test_the_table_has_the_differences_by_seed():
    def point(order: str, seed: int, f1: float) -> study.Point:
        return study.Point("tiny", order, seed, 10, 100, f1, 0.5)

    points = [
        point("random", 1, 0.1),
        point("suggested", 1, 0.3),
        point("random", 2, 0.2),
        point("suggested", 2, 0.1),
    ]
    table = study.tables(points)
    assert "## tiny" in table
    row = table.splitlines()[-1]
    assert row == (
        "| 10 | 0.150 (0.100 to 0.200) | 0.200 (0.100 to 0.300) | +0.200, -0.100 | +0.050 | 100 | 100 |"
    )


def test_finished_loops_are_not_run_again(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "x").write_text("Ada B-PER\n")
    monkeypatch.setattr(study, "folder", lambda: tmp_path / "data")
    monkeypatch.setattr(study, "CORPORA", {"tiny": ("x", "x")})
    runs: list[str] = []

    def loop(corpus, order, seed, *rest, starts):
        runs.append(order)
        return [study.Point(corpus, order, seed, 1, 1, 0.0, 0.0)]

    monkeypatch.setattr(study, "loop", loop)
    first = study.study(["tiny"], [1], study.Sizes(), tmp_path)
    assert study.study(["tiny"], [1], study.Sizes(), tmp_path) == first
    assert runs == ["random", "suggested"]


@pytest.mark.parametrize("value", [[0.25], [0.1, 0.4]])
def test_spread(value):
    assert study.mean_and_spread(value).startswith("0.250 (")
