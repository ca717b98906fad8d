import re
from io import StringIO

import keras
import pytest
from rich.console import Console

from seqlab.reporting.progress import TerminalProgress, UnbreakableOutput
from seqlab.reporting.training_progress import LiveProgress

SHOW_CURSOR = "\x1b[?25h"
HIDE_CURSOR = "\x1b[?25l"


@pytest.fixture
def screen():
    return StringIO()


@pytest.fixture
def bar(screen):
    console = Console(file=screen, force_terminal=True, width=100, color_system=None)
    made = LiveProgress(TerminalProgress(console))
    made.set_params({"epochs": 2, "steps": 3})
    yield made
    made.clear()


def words(screen):
    """The drawn text, without control sequences."""
    return re.sub(r"\x1b\[[?0-9;]*[a-zA-Z]", "", screen.getvalue())


def test_it_is_a_keras_callback(bar):
    assert isinstance(bar, keras.callbacks.Callback)


def test_it_draws_epoch_steps_and_loss(bar, screen):
    bar.on_epoch_begin(0)
    bar.on_train_batch_end(0, {"loss": 1.25})
    bar.progress.bars.refresh()
    assert re.search(r"epoch 1/2 .* 1/3 loss 1\.2500", words(screen))
    bar.on_train_batch_end(1, {"loss": 0.5})
    bar.progress.bars.refresh()
    assert re.search(r"epoch 1/2 .* 2/3 loss 0\.5000", words(screen))


def test_it_goes_away_with_the_last_step_before_the_epoch_is_reported(bar, screen):
    bar.on_epoch_begin(0)
    for step in range(3):
        bar.on_train_batch_end(step, {"loss": 1.0})
    assert bar.progress.bars.tasks == []
    drawn = screen.getvalue()
    assert drawn.rindex(SHOW_CURSOR) > drawn.rindex(HIDE_CURSOR)
    assert drawn.endswith("\r\x1b[1A\x1b[2K")  # the line of the bar is wiped
    bar.on_epoch_end(0)
    assert screen.getvalue() == drawn


def test_each_epoch_has_a_bar_of_its_own(bar, screen):
    for epoch in range(2):
        bar.on_epoch_begin(epoch)
        assert len(bar.progress.bars.tasks) == 1
        for step in range(3):
            bar.on_train_batch_end(step, {"loss": 1.0})
    assert "epoch 1/2" in words(screen)
    assert "epoch 2/2" in words(screen)
    assert screen.getvalue().count(HIDE_CURSOR) == 2
    assert screen.getvalue().rindex(SHOW_CURSOR) > screen.getvalue().rindex(HIDE_CURSOR)


def test_a_training_that_ends_early_leaves_the_cursor_on(bar, screen):
    bar.on_epoch_begin(0)
    bar.on_train_batch_end(0)
    bar.on_train_end()
    assert bar.progress.bars.tasks == []
    assert screen.getvalue().rindex(SHOW_CURSOR) > screen.getvalue().rindex(HIDE_CURSOR)
    bar.on_train_end()  # twice is no error


class ClosedTerminal(StringIO):
    def write(self, text):
        raise OSError(5, "Input/output error")


def test_a_terminal_that_has_been_closed_does_not_end_training():
    console = Console(file=UnbreakableOutput(ClosedTerminal()), force_terminal=True)
    bar = LiveProgress(TerminalProgress(console))
    bar.set_params({"epochs": 2, "steps": 1})
    for epoch in range(2):
        bar.on_epoch_begin(epoch)
        bar.on_train_batch_end(0, {"loss": 1.0})
    bar.on_train_end()
    assert bar.bar is None
