import json

import pytest

from seqlab.reporting.epoch_legend import legend_parts, legend_text
from seqlab.reporting.figures_text import epoch_text
from seqlab.reporting.log import Log
from tests.reporting.records import record


class Directory:
    """A run directory that this process holds, until `fault` says that it does not."""

    fault = None

    def __init__(self, work):
        self.work = work

    def check_ours(self):
        if self.fault is not None:
            raise self.fault


def test_every_text_is_said_and_written_at_once(tmp_path):
    said = []
    log = Log(said.append, Directory(tmp_path))
    log("first")
    assert (tmp_path / "log.txt").read_text(encoding="utf-8") == "first\n"
    log("second\nwith two lines –")
    assert said == ["first", "second\nwith two lines –"]
    assert (tmp_path / "log.txt").read_text("utf-8") == "first\nsecond\nwith two lines –\n"


def test_an_epoch_is_a_text_and_a_line_of_json(tmp_path):
    said = []
    log = Log(said.append, Directory(tmp_path))
    for number in (1, 2):
        log.epoch(record(number), epochs=9)
    lines = (tmp_path / "history.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [record(n).to_json() for n in (1, 2)]
    legend = legend_text(legend_parts(record(), "worst"))
    assert said == [legend, *(epoch_text(record(n), epochs=9) for n in (1, 2))]


def test_without_a_directory_it_only_speaks(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = []
    Log(said.append, None).epoch(record(), epochs=9)
    assert len(said) == 2
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_no_utf8_does_not_stop_the_log(tmp_path):
    Log(lambda text: None, Directory(tmp_path))("reading caf\udce9.conll")
    assert (tmp_path / "log.txt").read_text(encoding="utf-8") == "reading caf\\u{dce9}.conll\n"


def test_a_class_that_holds_escapes_does_not_reach_the_terminal_of_whoever_reads_the_log(tmp_path):
    Log(lambda text: None, Directory(tmp_path))("share of tokens: \x1b[31mRED\n  next")
    text = (tmp_path / "log.txt").read_text(encoding="utf-8")
    assert text == "share of tokens: \\u{1b}[31mRED\n  next\n"


@pytest.mark.parametrize("loss", [None, float("nan"), float("inf")])
def test_a_loss_that_is_no_number_is_null(tmp_path, loss):
    Log(lambda text: None, Directory(tmp_path)).epoch(record(loss=loss), epochs=1)
    line = (tmp_path / "history.jsonl").read_text(encoding="utf-8")
    assert json.loads(line, parse_constant=pytest.fail)["train_loss"] is None


def test_a_directory_that_has_vanished_is_noted_once_and_not_written(tmp_path):
    said, directory = [], Directory(tmp_path)
    directory.fault = FileNotFoundError(2, "the directory has vanished")
    log = Log(said.append, directory)
    log("first")
    log("second")
    note = "note: the log is no longer written: the directory has vanished"
    assert said == ["first", note, "second"]
    assert list(tmp_path.iterdir()) == []


def test_the_history_begins_again_with_the_epochs_of_a_checkpoint(tmp_path):
    log = Log(lambda text: None, Directory(tmp_path))
    for number in (1, 2, 3):
        log.epoch(record(number), epochs=9)
    log.restart_history([record(1), record(2)])
    lines = (tmp_path / "history.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["epoch"] for line in lines] == [1, 2]
