"""A study's TOML file: the trainings on each corpus; every setting of the real files can be trained."""

import importlib
import sys
from pathlib import Path

import pytest

from tests import tiny

pytestmark = tiny.KERAS_NOISE
FOLDER = Path(__file__).resolve().parents[2] / "scripts" / "studies"
TABLE = """
epochs = 7
baseline = "none"
[corpora.wnut17]
seeds = 2
[corpora.ud_english_ewt]
seeds = 3
epochs = 2
without = ["o-third"]
[settings.none]
[settings.o-third]
class_weight = ["O=0.3"]
[settings.focal]
loss = "focal"
[settings.glove]
vectors = "$CORPORA/vectors/glove.txt"
"""


@pytest.fixture
def study(monkeypatch, tmp_path):
    monkeypatch.setenv("SEQLAB_SHARED_DATA", str(tmp_path))
    monkeypatch.syspath_prepend(str(FOLDER))
    table = tmp_path / "table.toml"
    table.write_text(TABLE, encoding="utf-8")
    yield importlib.import_module("study").Study(table)
    for path in FOLDER.glob("*.py"):
        sys.modules.pop(path.stem, None)


def test_every_option_has_a_help_text(study):
    assert [action.dest for action in study.make_parser("")._actions if not action.help] == []


def test_a_corpus_changes_its_own_settings_only(study):
    epochs = {
        name: {cell.settings.epochs for cell in study.plan(name).cells} for name in study.corpora
    }
    assert epochs == {"wnut17": {7}, "ud_english_ewt": {2}}
    seeds = {name: study.plan(name).seeds for name in study.corpora}
    assert seeds == {"wnut17": (1, 2), "ud_english_ewt": (1, 2, 3)}


def test_a_corpus_skips_settings(study):
    assert list(study.plan("wnut17").names) == ["none", "o-third", "focal", "glove"]
    assert list(study.plan("ud_english_ewt").names) == ["none", "focal", "glove"]


def test_the_baseline_is_added_to_named_settings(study):
    assert list(study.plan("wnut17", ["focal"]).names) == ["none", "focal"]


def test_the_files_are_those_of_the_folder(study, tmp_path):
    settings = study.plan("wnut17").cells[0].settings
    assert settings.train == str(tmp_path / "wnut17" / "wnut17train.conll")
    assert settings.test == str(tmp_path / "wnut17" / "emerging.test.annotated")


def test_a_path_may_lie_below_the_folder_of_corpora(study, tmp_path):
    (vectors,) = {cell.settings.vectors for cell in study.plan("wnut17", ["glove"]).cells} - {None}
    assert vectors == str(tmp_path / "vectors" / "glove.txt")


def test_shared_settings_as_toml(study):
    assert study.shared() == "epochs = 7\n\n[ud_english_ewt]\nepochs = 2\n"


@pytest.mark.parametrize("table", sorted(FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_every_setting_of_a_real_table_can_be_trained(study, table):
    real = type(study)(table)
    for name in real.corpora:
        plan = real.plan(name)  # raises for what no run could use
        assert plan.baseline in plan.names
        assert set(real.corpora[name].get("without", ())) <= set(real.parts[1])
