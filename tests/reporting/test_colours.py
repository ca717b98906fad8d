"""Colours are for terminals; the text without them is the same."""

import re
from io import StringIO

import pytest

from seqlab.reporting.colours import coloured, painter
from seqlab.reporting.figures_text import epoch_text
from tests.reporting.records import alarm, figures, record


class Terminal(StringIO):
    def isatty(self):
        return True


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")


def without_escapes(text):
    return re.sub(r"\x1b\[[\d;]*m", "", text)


def test_lines_at_risk_alarms_and_the_best_epoch_are_coloured():
    text = epoch_text(
        record(2, best=True, found=figures(PER=(0, 0, 5)), alarms=[alarm()]), epochs=9
    )
    lines = coloured(text).split("\n")
    starts = [re.match(r"(?:\x1b\[[\d;]*m)?", line)[0] for line in lines]
    assert starts == ["\x1b[1m", "", "", "\x1b[31m", "", "\x1b[1;31m"]
    assert all(line.endswith("\x1b[0m") == line.startswith("\x1b") for line in lines)
    assert without_escapes(coloured(text)) == text


@pytest.mark.parametrize(
    ("output", "variables", "expected"),
    [
        (Terminal(), {}, True),
        (StringIO(), {}, False),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (StringIO(), {"FORCE_COLOR": "1"}, True),
        (StringIO(), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        (Terminal(), {"TERM": "dumb"}, False),
    ],
)
def test_where_colours_go(monkeypatch, output, variables, expected):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert (painter(output)("! PER") != "! PER") is expected
