import io

import pytest
from rich.console import Console

from seqlab.reporting.progress import TerminalProgress
from seqlab.reporting.reading_progress import ReadingProgress


@pytest.mark.parametrize("terminal", [True, False])
def test_a_line_a_pass_and_a_bar_on_a_terminal_alone(terminal):
    screen, lines, seconds = io.StringIO(), [], iter([0.0, 0.0, 1.0, 2.0, 10.0, 10.0, 14.0])
    progress = ReadingProgress(
        3,
        say=lines.append,
        progress=TerminalProgress(Console(file=screen, force_terminal=True, width=80))
        if terminal
        else None,
        clock=lambda: next(seconds),
    )
    progress(0, 10, False)
    progress(0, 500, False)
    progress(0, 1000, True)
    progress(1, 10, False)
    progress(1, 1000, True)
    progress.clear()
    assert lines == [
        "counting words: 1,000 words in 2.0 s, 500 words/s",
        "epoch 1/3: 1,000 words in 4.0 s, 250 words/s",
    ]
    assert ("epoch 1/3" in screen.getvalue()) == terminal
