"""The programs in examples/ run, on small runs."""

import runpy

import pytest

from tests import tiny
from tests.conftest import ROOT

pytestmark = tiny.KERAS_NOISE
EXAMPLES = ROOT / "examples"


def printed(name, capsys, *words):
    """What an example prints."""
    runpy.run_path(str(EXAMPLES / f"{name}.py"))["main"](*words)
    return capsys.readouterr().out


def test_a_table_is_tagged(span_run, capsys):
    pytest.importorskip("pandas")
    lines = printed("tag_table", capsys, str(span_run.path)).splitlines()
    assert lines[0].split() == ["start", "end", "label", "text", "score", "stars"]
    assert lines[1] == "id" + " " * (len(lines[1]) - 2)
    assert {line.split()[0] for line in lines[2:] if line.startswith("r")} <= {"r7", "r9"}


def test_a_dataset_is_tagged(span_run, capsys):
    datasets = pytest.importorskip("datasets")
    datasets.disable_progress_bars()
    lines = printed("map_dataset", capsys, str(span_run.path)).splitlines()
    assert [line.split(" [")[0] for line in lines] == [
        "The ferry Saint Alban left Port Ardmore.",
        "It rained.",
        "Captain Pellgate came back.",
    ]


@pytest.mark.slow
def test_settings_are_searched(capsys):
    *candidates, result = printed("grid_search", capsys, 80, 1).splitlines()
    assert len(candidates) == 4
    assert all(0 <= float(line.split()[0]) <= 1 for line in candidates)
    assert result.startswith("test: macro F1 ")


def test_a_pipeline_is_saved_and_used(span_run, capsys, tmp_path):
    pytest.importorskip("spacy")
    folder = tmp_path / "pipeline"
    lines = printed("spacy_pipeline", capsys, str(span_run.path), str(folder)).splitlines()
    assert [line.split(" -> ")[0] for line in lines][1] == "It rained."
    assert (folder / "seqlab" / "tagger.json").is_file()
