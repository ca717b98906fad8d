"""The attacks on a server find nothing, and what they look for is found."""

import importlib
import sys
from collections import Counter
from pathlib import Path

import pytest

import seqlab
from tests.exporting.random_taggers import random_tagger

FOLDER = Path(__file__).resolve().parents[2] / "scripts" / "chaos"


@pytest.fixture
def chaos(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    yield importlib.import_module("break_server")
    sys.modules.pop("break_server", None)


def test_a_wrong_answer_is_seen(chaos):
    fine = {"error": {"code": "invalid", "message": "text is 1: expected a string"}}
    tally = Counter()
    chaos.check_refused((422, fine), 400, 422, tally=tally)
    chaos.check_refused((0, None), 0, tally=tally)
    assert tally == {"422": 1, "closed": 1}
    for answer in (
        (500, fine),
        (422, {"error": {"code": "invalid", "message": "Traceback (most recent call last)"}}),
        (422, {"error": {"code": "invalid", "message": "two\nlines"}}),
        (422, {"error": {"message": "no code"}}),
    ):
        with pytest.raises(chaos.Wrong):
            chaos.check_refused(answer, 400, 422, tally=tally)


@pytest.mark.parametrize(
    ("line", "fact"),
    [
        ('{"event": "defect", "error": "ValueError"}', "the log has a defect"),
        ("Traceback (most recent call last):", "a line of the log is not JSON"),
        ('{"path": "/Oslo"}', "the log holds a text"),
    ],
)
def test_a_wrong_log_is_seen(chaos, tmp_path, line, fact):
    log = tmp_path / "log"
    log.write_text('{"event": "start"}\n')
    chaos.check_log(log)
    log.write_text(f'{{"event": "start"}}\n{line}\n')
    with pytest.raises(chaos.Wrong, match=fact):
        chaos.check_log(log)


@pytest.mark.slow  # half a minute: slow clients wait to be cut
def test_the_attacks_find_nothing(chaos, tmp_path, monkeypatch, capsys):
    run = seqlab.save(random_tagger(columns=False), tmp_path / "run")
    monkeypatch.setenv("PYTHONPATH", str(FOLDER.parents[1]))
    monkeypatch.setattr(sys, "argv", ["break_server.py", str(run), "--rounds", "1"])
    assert chaos.main() == 0, capsys.readouterr().out
