"""`seqlab report`: the page of a run from its files, and several runs side by side."""

import json
import re
import shutil
from hashlib import sha256
from pathlib import Path

import pytest

from seqlab import report
from seqlab.errors import RunError
from seqlab.storing.run_files import open_run
from tests import tiny
from tests.reporting.page_values import run_values

pytestmark = tiny.KERAS_NOISE
NOTES = re.compile(r'<section id="audit".*?</section>|<li><a href="#audit">.*?</li>')


@pytest.fixture
def run(span_run, tmp_path):
    """A copy of a trained run."""
    return shutil.copytree(span_run.path, tmp_path / "one")


def test_the_page_is_that_of_train(run, capsys):
    page = run / "report.html"
    before = page.read_text("utf-8")
    page.write_text("old", "utf-8")
    assert report.main([str(run)]) == 0
    assert NOTES.sub("", page.read_text("utf-8")) == NOTES.sub("", before)
    with open_run(run).open("report.html") as file:  # compares it with the manifest
        assert file.read().decode() == page.read_text("utf-8")
    assert capsys.readouterr().out.startswith("report: ")


def test_a_run_of_an_older_version_has_a_page(run):
    (run / "report.json").unlink()
    manifest = json.loads((run / "manifest.json").read_text())
    del manifest["files"]["report.json"]
    (run / "manifest.json").write_text(json.dumps(manifest))
    report.write_report([run])
    assert "<title>train.conll</title>" in (run / "report.html").read_text("utf-8")


def span_classes(run):
    """The classes that a run tracks."""
    return json.loads((run / "history.jsonl").read_text().splitlines()[0])["classes"]


def test_runs_stand_side_by_side(run, tmp_path):
    other = shutil.copytree(run, tmp_path / "deep" / "one")
    out = tmp_path / "both.html"
    assert report.main([str(run), str(other), "--out", str(out)]) == 0
    html = out.read_text("utf-8")
    names = [f"{tmp_path.name}/one", "deep/one"]
    assert [re.sub("<.*?>", "", h) for h in re.findall(r"<h3>[^<]*</h3>", html)][:2] == names
    assert re.findall(r'<section id="(\w+)"', html) == ["verdict", "epochs", "classes", "settings"]
    assert html.count('data-class="deep/one"') == 1 + len(span_classes(other))
    assert "The runs have the same settings." in html


def test_a_file_is_never_overwritten_unasked(run, tmp_path, capsys):
    out = tmp_path / "page.html"
    out.write_text("mine", "utf-8")
    assert report.main([str(run), "--out", str(out)]) == 2
    told = f"error: {out}: exists already; give another --out, or --overwrite for a file\n"
    assert capsys.readouterr().err == told
    assert out.read_text("utf-8") == "mine"
    assert report.main([str(run), "--out", str(out), "--overwrite"]) == 0
    assert out.read_text("utf-8").startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("argv", "fact"),
    [
        ([], "no run is given: give at least one run directory"),
        (["{run}", "{run}"], "a report of 2 runs needs --out FILE"),
        (["{run}", "{run}", "--out", "{run}/both.html"], "a run is given twice: give different runs"),
        (["{run}", "{run}/../one", "--out", "{run}/b.html"], "a run is given twice: give different runs"),
        (["{run}x"], "{run}x: no run of seqlab here; nearest: 'one'"),
        (["{run}", "--out", "{run}/no/page.html"], "{run}/no/page.html: its directory does not exist"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line(run, capsys, argv, fact):
    assert report.main([word.format(run=run) for word in argv]) == 2
    assert capsys.readouterr().err == f"error: {fact.format(run=run)}\n"


def test_a_comparison_is_not_laid_beside_a_run(run, tmp_path, capsys):
    (tmp_path / "cmp").mkdir()
    (tmp_path / "cmp" / "results.json").write_text("{}")
    assert report.main([str(run), str(tmp_path / "cmp"), "--out", str(tmp_path / "x.html")]) == 2
    fact = "is a comparison: give it alone, or only runs"
    assert capsys.readouterr().err == f"error: {tmp_path / 'cmp'}: {fact}\n"


def test_a_tagger_without_figures_has_no_page(run):
    shutil.rmtree(run / "checkpoints", ignore_errors=True)
    manifest = json.loads((run / "manifest.json").read_text())
    del manifest["files"]["metrics.json"]
    (run / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(RunError) as caught:
        report.write_report([run])
    assert str(caught.value) == (
        f"{run}: holds no figures of a training, which a report needs; an exported or saved tagger has none"
    )


def test_figures_that_cannot_be_shown_are_one_line(run):
    manifest = json.loads((run / "manifest.json").read_text())
    content = json.loads((run / "metrics.json").read_text())
    del content["splits"]["valid"]["macro_f1"], content["splits"]["test"]
    text = json.dumps(content).encode()
    (run / "metrics.json").write_bytes(text)
    manifest["files"]["metrics.json"] = {
        "bytes": len(text),
        "sha256": sha256(text).hexdigest(),
    }
    (run / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(RunError) as caught:
        report.write_report([run])
    assert str(caught.value) == (
        f"{run}: damaged: its figures cannot be shown (KeyError: 'macro_f1'); copy or train the run again"
    )


def test_a_training_in_progress_has_a_page(run):
    manifest = json.loads((run / "manifest.json").read_text())
    (run / "checkpoints").mkdir(exist_ok=True)
    metrics = json.loads((run / "metrics.json").read_text()) | {"end_reason": None}
    (run / "checkpoints" / "metrics.json").write_text(json.dumps(metrics))
    for name in ("metrics.json", "history.jsonl", "report.html", "report.json"):
        del manifest["files"][name]
    (run / "manifest.json").write_text(json.dumps(manifest | {"status": "training"}))
    with (run / "history.jsonl").open("a") as file:
        file.write('{"epoch": 3, "tr')  # a line that is being written
    before = (run / "manifest.json").read_bytes()
    report.write_report([run])
    assert "Training is not finished: 2 epochs so far." in (run / "report.html").read_text("utf-8")
    assert (run / "manifest.json").read_bytes() == before


def test_names_of_runs_differ():
    values = run_values()
    assert list(report.named({Path("/a/x"): values, Path("/a/y"): values})) == ["x", "y"]
