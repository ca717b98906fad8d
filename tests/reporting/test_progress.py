"""Progress bars: what they draw, that they leave nothing behind, and that no pipe gets them."""

import io
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from seqlab.machine import progress
from seqlab.machine.progress import shown_on, watched
from seqlab.reporting.progress import TerminalProgress, UnbreakableOutput, terminal_progress


def drawn(screen):
    """The text without control sequences."""
    return re.sub(r"\x1b\[[?0-9;]*[a-zA-Z]", "", screen.getvalue())


def progress_on(screen, **options):
    console = Console(file=screen, force_terminal=True, width=80, color_system=None)
    return TerminalProgress(console, **options)


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(progress, "DELAY", 0.0)
    monkeypatch.setattr(progress, "INTERVAL", 0.0)


def test_a_bar_has_the_name_the_share_and_the_time_left():
    screen = io.StringIO()
    shown = progress_on(screen)
    with shown_on(shown):
        for _ in watched(range(4), "reading x.conll", total=4):
            shown.bars.refresh()
    assert re.search(r"reading x\.conll .*  75% 0:00:\d\d", drawn(screen))
    assert "\x1b[2K" in screen.getvalue()[-40:]  # the line is wiped at the end


def test_work_of_unknown_length_shows_how_much_is_done():
    screen = io.StringIO()
    shown = progress_on(screen, renamed={"reading": "tagging"})
    with shown_on(shown):
        for _ in watched(range(3), "reading x"):
            shown.bars.refresh()
    assert re.search(r"tagging x .* 2 ", drawn(screen))


def test_a_name_with_markup_is_drawn_as_it_is():
    screen = io.StringIO()
    with shown_on(progress_on(screen)):
        list(watched(range(3), "reading [red]x", total=3))
    assert "reading [red]x" in drawn(screen)


def test_a_closed_terminal_does_not_end_the_work():
    class Closed(io.StringIO):
        def write(self, text):
            raise OSError(5, "Input/output error")

    with shown_on(progress_on(UnbreakableOutput(Closed()))):
        assert list(watched(range(3), "reading", total=3)) == [0, 1, 2]


@pytest.mark.parametrize("variables", [{}, {"FORCE_COLOR": "1"}])
def test_a_pipe_gets_no_bar(monkeypatch, variables):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert terminal_progress() is None


def test_a_terminal_gets_one_unless_it_is_dumb_or_to_be_quiet(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert terminal_progress() is not None
    assert terminal_progress(quiet=True) is None
    monkeypatch.setenv("TERM", "dumb")
    assert terminal_progress() is None


PROGRAM = """
import sys
from seqlab.machine import progress
from seqlab.machine.terminal import print_note, say
from seqlab.reporting.progress import terminal_progress
progress.DELAY = progress.INTERVAL = 0.0
with progress.shown_on(terminal_progress()):
    for number in progress.watched(range(3), "reading x", total=3):
        print_note(f"note {number}")
        say(f"line {number}")
"""


def test_on_a_real_terminal_bars_stay_off_standard_output():
    master, slave = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80"}
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=slave, env=environment, cwd=Path.cwd(), check=True
    )
    os.close(slave)
    seen = os.read(master, 100_000).decode()
    os.close(master)
    assert done.stdout == b"line 0\nline 1\nline 2\n"
    assert "reading x" in seen
    lines = re.sub(r"\x1b\[[?0-9;]*[a-zA-Z]", "", seen)
    for number in range(3):
        assert re.search(rf"(^|\r|\n)note: note {number}\r\n", lines)
    assert seen.rstrip().endswith("\x1b[2K") or seen.rindex("\x1b[?25h") > seen.rindex("\x1b[?25l")
