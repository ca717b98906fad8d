import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import seqlab
from seqlab.comparing.cell import PREDICTIONS
from seqlab.comparing.store import locked_directory
from seqlab.corpus.reading import read_corpus
from seqlab.corpus.writing import write_corpus
from seqlab.errors import RunError
from seqlab.storing.run_directory import run_status
from tests import tiny

pytestmark = tiny.KERAS_NOISE

SMALL = {"hidden_units": 8, "char_encoder": "none", "epochs": 1, "batch_sentences": 8}
SETTINGS = {"none": {"class_weights": "none"}, "twin": {}, "broken": {"select": "f1:NOPE"}}


def options(corpus, out, **changed):
    return {**corpus, **SMALL, "class_weights": "none", "out": out, "seeds": 1, **changed}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """A copy of the corpus, because a test changes a file."""
    folder = tmp_path_factory.mktemp("compared")
    return {part: shutil.copy(path, folder) for part, path in tiny.corpus(tmp_path_factory).items()}


@pytest.fixture(scope="module")
def compared(corpus, tmp_path_factory):
    lines = []
    out = tmp_path_factory.mktemp("comparisons") / "c"
    found = seqlab.compare_settings(
        SETTINGS, **options(corpus, out), resamples=50, say=lines.append
    )
    return found, lines


def stamps(out):
    return {p: p.stat().st_mtime_ns for p in Path(out).glob("cells/*/seed-*/*")}


def test_every_cell_is_a_run_with_predictions(compared):
    found, lines = compared
    cell = found.path / "cells" / "none" / "seed-1"
    assert seqlab.load(cell).tag(["Ada", "Stone"])
    assert len((cell / PREDICTIONS).read_text(encoding="utf-8").splitlines()) == 12
    assert lines[0].startswith("3 settings x 1 seeds: 3 trainings; up to ")
    log = found.path / "logs" / "none" / "seed-1.txt"
    assert f"none, seed 1: started; its log: {log}" in lines
    assert log.exists()
    assert {"results.md", "results.json", "results.csv", "results.svg"} <= {
        path.name for path in found.path.iterdir()
    }


def test_a_failing_cell_is_reported_and_stops_no_other(compared):
    found, lines = compared
    assert found.failed == 1
    broken = found.results.settings[2]
    assert "NOPE" in broken.failed[1]
    assert any(line.startswith("broken, seed 1: failed: ") and "NOPE" in line for line in lines)
    assert "## Failed" in (found.path / "results.md").read_text(encoding="utf-8")


@pytest.mark.bits("repeated")
def test_the_same_settings_are_not_told_apart(compared):
    twin = compared[0].results.settings[1]
    assert {d.verdict for d in twin.differences.values()} == {"not distinguishable"}
    assert {d.sentences.p for d in twin.differences.values()} == {1.0}


def test_finished_cells_are_not_run_again(compared, corpus):
    found, _ = compared
    before, lines = stamps(found.path), []
    again = seqlab.compare_settings(
        SETTINGS, **options(corpus, found.path), resamples=50, say=lines.append
    )
    assert stamps(found.path) == before
    assert "2 of them finished before" in lines[0]
    assert again.results == found.results


def test_changed_settings_and_changed_corpora_are_refused(compared, corpus):
    found, _ = compared
    before = stamps(found.path)
    with pytest.raises(RunError, match=r"seed-1: epochs was 1 and is 2; give --overwrite"):
        seqlab.compare_settings(SETTINGS, **options(corpus, found.path, epochs=2))
    other = Path(corpus["train"]).with_name("other.conll")
    other.write_text(Path(corpus["train"]).read_text() + "Oslo\tB-LOC\n\n")
    with pytest.raises(RunError, match=r"seed-1: the file of train has changed; give --overwrite"):
        seqlab.compare_settings(SETTINGS, **options(corpus | {"train": str(other)}, found.path))
    assert stamps(found.path) == before


def test_two_comparisons_do_not_share_a_directory(compared, corpus):
    with (
        locked_directory(compared[0].path),
        pytest.raises(RunError, match="another comparison is running here"),
    ):
        seqlab.compare_settings(SETTINGS, **options(corpus, compared[0].path))


def test_a_directory_that_holds_something_else_is_refused(tmp_path, corpus):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(RunError, match=r"exists and is not a comparison; choose another --out"):
        seqlab.compare_settings(SETTINGS, **options(corpus, tmp_path))


@pytest.mark.slow
def test_with_overwrite_changed_cells_alone_are_trained_again(compared, corpus):
    path = compared[0].path
    before, lines = stamps(path), []
    settings = {"none": SETTINGS["none"], "twin": {"layers": 2}}
    asked = options(corpus, path, overwrite=True, baseline="twin")
    found = seqlab.compare_settings(settings, **asked, resamples=20, say=lines.append)
    assert [line.partition(";")[0] for line in lines if "started" in line] == [
        "twin, seed 1: started"
    ]
    changed = {file.parts[-3] for file, stamp in stamps(path).items() if before.get(file) != stamp}
    assert changed == {"twin"}
    assert list(found.results.settings[0].differences) == ["micro_f1", "macro_f1"]


def command(corpus, out):
    words = [sys.executable, "-m", "seqlab.compare", "--vary", "class_weights=none,balanced"]
    words += ["--seeds", "1", "--processes", "1", "--resamples", "20", "--out", str(out)]
    for name, value in (corpus | SMALL).items():
        words += [f"--{name.replace('_', '-')}", str(value)]
    return words


def wait_for(happened, *, seconds=120):
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.1)


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_a_killed_comparison_goes_on_where_it_was(tmp_path, corpus):
    out = tmp_path / "c"
    first, second = (out / "cells" / name / "seed-1" for name in ("none", "balanced"))
    process = subprocess.Popen(command(corpus, out), stdout=subprocess.DEVNULL)
    # The cell's directory is there while it trains, and its lock names the process.
    wait_for((second / "manifest.json").is_file)
    child = int((second / "run.lock").read_text(encoding="utf-8").split()[1])
    process.send_signal(signal.SIGKILL)
    process.wait()
    wait_for(lambda: not alive(child))
    before = {path: path.stat().st_mtime_ns for path in first.iterdir()}
    assert run_status(first) == "finished"
    assert run_status(second) == "training"
    done = subprocess.run(command(corpus, out), capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "2 trainings, 1 of them finished before" in done.stdout
    assert "none, seed 1: started" not in done.stdout
    assert run_status(second) == "finished"
    assert {path: path.stat().st_mtime_ns for path in first.iterdir()} == before
    assert not list(out.glob("cells/*/.*"))
    assert not (second / "run.lock").exists()


def alive(pid):
    """Whether a process still runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.slow
def test_every_sentence_is_tested_once_in_folds(tmp_path):
    corpus = tmp_path / "all.conll"
    dice = random.Random(3)  # noqa: S311, no secret
    write_corpus([tiny.sentence(dice) for _ in range(40)], corpus, format="conll")
    asked = options({"train": str(corpus)}, tmp_path / "c", folds=2)
    settings = {"none": {}, "twin": {}}
    lines = []
    found = seqlab.compare_settings(settings, **asked, resamples=20, say=lines.append)
    assert lines[0].startswith("2 settings x 1 seeds x 2 folds: 4 trainings; up to ")
    assert lines[1].startswith("1 seed decides no difference; 2 above 0.33, ")
    assert (found.results.folds, found.results.sentences) == (2, 40)
    cells = sorted(path.name for path in (found.path / "cells" / "none").iterdir())
    assert cells == ["seed-1-fold-1", "seed-1-fold-2"]
    gold = [
        json.loads(line)["gold"]
        for path in (found.path / "cells" / "none").iterdir()
        for line in (path / PREDICTIONS).read_text(encoding="utf-8").splitlines()
    ]
    assert sorted(gold) == sorted(list(s.tags) for s in read_corpus(corpus))
    before = stamps(found.path)
    again = seqlab.compare_settings(settings, **asked, resamples=20)
    assert stamps(found.path) == before
    assert again.results == found.results
