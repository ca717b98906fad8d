"""Figures of a run: what they draw, how they are shown and saved."""

import json
import shutil
from hashlib import sha256
from xml.etree import ElementTree

import pytest

import seqlab
from seqlab import plot
from seqlab.errors import RunError, SettingsError, UserError
from tests import tiny
from tests.reporting.page_values import run_values

pytestmark = tiny.KERAS_NOISE


class InMemory:
    """A run without a directory."""

    path, metrics, history = None, {}, ()

    def values(self):
        return run_values()


def texts(figure):
    root = ElementTree.fromstring(figure.svg)  # noqa: S314, our own text
    return [one.text for one in root.iter("{http://www.w3.org/2000/svg}text")]


def test_a_run_of_a_directory_has_every_figure(span_run, tmp_path):
    for make in (plot.class_f1, plot.losses, plot.confusion, plot.reliability, plot.thresholds):
        figure = make(span_run.path)
        assert make(span_run) == figure
        assert "var(" not in figure.svg
        path = figure.save(tmp_path / f"{make.__name__}.png")
        assert path.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
        assert (
            figure.save(tmp_path / "x.svg").read_text("utf-8") == figure._repr_svg_() == figure.svg
        )


def test_classes_are_those_asked_for():
    figure = plot.class_f1(InMemory(), classes=["PER"])
    assert [text for text in texts(figure) if "gold" in text] == ["PER  6 gold"]
    with pytest.raises(SettingsError) as caught:
        plot.class_f1(InMemory(), classes=["PRE"])
    assert str(caught.value) == "the run has no class 'PRE' to show; nearest: 'PER'"


def test_a_class_without_gold_has_no_panel():
    empty = [
        line | {"classes": line["classes"] | {"LAW": line["classes"]["LAW"] | {"support": 0}}}
        for line in run_values().history
    ]

    class Run(InMemory):
        def values(self):
            return run_values(history=empty)

    assert [text for text in texts(plot.class_f1(Run())) if "gold" in text] == ["PER  6 gold"]
    both = [text for text in texts(plot.class_f1(InMemory())) if "gold" in text]
    assert both == ["LAW  2 gold", "PER  6 gold"]


def test_the_confusion_is_of_the_split_asked_for():
    assert texts(plot.confusion(InMemory()))[0] == "Confusion by token, valid split, train.conll"
    with pytest.raises(SettingsError) as caught:
        plot.confusion(InMemory(), split="vaild")
    assert str(caught.value) == "the run has no split 'vaild'; nearest: 'valid'"


@pytest.mark.parametrize(
    ("make", "fact"),
    [
        (plot.thresholds, "train.conll: has no thresholds: its report.json is missing"),
        (plot.reliability, "train.conll: has no reliability diagrams: its report.json is missing"),
    ],
)
def test_an_older_run_has_no_curves(make, fact):
    with pytest.raises(RunError) as caught:
        make(InMemory())
    assert str(caught.value) == fact


@pytest.mark.parametrize(
    ("path", "fact"),
    [
        ("figure.pdf", "{path}: a figure is written as .svg or .png"),
        ("no/figure.svg", "{path}: cannot be written: No such file or directory"),
    ],
)
def test_a_path_that_cannot_be_written_is_one_line(tmp_path, path, fact):
    with pytest.raises(UserError) as caught:
        plot.losses(InMemory()).save(tmp_path / path)
    assert str(caught.value) == fact.format(path=tmp_path / path)


def test_png_without_its_extra_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "resvg_py", None)
    with pytest.raises(SettingsError) as caught:
        plot.losses(InMemory()).save(tmp_path / "x.png")
    assert str(caught.value) == "PNG needs an extra: pip install 'seqlab[plot]'; SVG needs none"


def test_what_is_no_run_is_one_line():
    with pytest.raises(SettingsError) as caught:
        plot.losses(3)
    assert str(caught.value) == "a run or the path of its directory is expected, not int"


def test_runs_and_taggers_are_shown_in_notebooks(span_run):
    assert seqlab.plot is plot
    shown = span_run._repr_html_()
    assert shown.startswith("<p>train.conll: macro F1 ")
    assert "<svg" in shown
    told = span_run.tagger._repr_html_()
    assert told.startswith("<p>Tagger of ")
    assert "PER" in told


@pytest.fixture
def damaged(span_run, tmp_path):
    """Puts values into a file of a copy of the run, whose manifest fits. Returns its path."""

    def put(name, values):
        run = tmp_path / "damaged"
        shutil.copytree(span_run.path, run)
        content = json.dumps(values).encode() + b"\n"
        (run / name).write_bytes(content)
        manifest = json.loads((run / "manifest.json").read_text())
        entry = {"bytes": len(content), "sha256": sha256(content).hexdigest()}
        manifest["files"][name] = entry
        (run / "manifest.json").write_text(json.dumps(manifest))
        return run

    return put


@pytest.mark.parametrize(
    ("name", "values", "fact"),
    [
        ("metrics.json", {}, "KeyError: 'best_epoch'"),
        ("metrics.json", {"best_epoch": "x"}, "ValueError: invalid literal for int() with base 10"),
        ("metrics.json", {"best_epoch": 7}, "ValueError: history.jsonl has no epoch 7"),
        ("history.jsonl", [], "TypeError: list indices must be integers or slices, not str"),
    ],
)
def test_figures_that_cannot_be_shown_are_one_line(damaged, name, values, fact):
    run = damaged(name, values)
    with pytest.raises(RunError) as caught:
        plot.class_f1(run)
    start = f"{run}: damaged: its figures cannot be shown ({fact}"
    assert str(caught.value).startswith(start)
    assert str(caught.value).endswith("; copy or train the run again")


def test_a_wrong_option_is_no_damage(span_run):
    with pytest.raises(TypeError, match="got an unexpected keyword argument 'clases'"):
        plot.class_f1(span_run.path, clases=["PER"])
