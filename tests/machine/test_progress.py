"""Work tells how far it is; without a display it costs nothing and changes nothing."""

import pytest

from seqlab.machine import progress
from seqlab.machine.progress import clearing, hidden_progress, shown_on, watched


class Display:
    """Notes what is shown."""

    def __init__(self):
        self.events = []

    def begin(self, name, total):
        self.events.append(("begin", name, total))
        return self

    def at(self, done):
        self.events.append(("at", done))

    def end(self):
        self.events.append("end")

    def hide(self):
        self.events.append("hide")

    def show(self):
        self.events.append("show")


@pytest.fixture
def clock(monkeypatch):
    """A clock that each reading moves by 0.25 s."""
    times = (0.25 * n for n in range(1000))
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(times))


def test_without_a_display_the_items_come_as_they_are():
    items = iter("abc")
    assert watched(items, "reading") is items


def test_work_is_shown_after_half_a_second_until_it_ends(clock):
    display = Display()
    with shown_on(display):
        assert list(watched("abc", "reading x", total=3)) == ["a", "b", "c"]
    assert display.events == [("begin", "reading x", 3), ("at", 2), ("at", 3), "end", "hide"]


def test_short_work_is_not_shown(clock):
    display = Display()
    with shown_on(display):
        assert list(watched("a", "reading")) == ["a"]
    assert display.events == ["hide"]


def test_slow_work_is_shown_before_its_first_item(clock):
    display = Display()
    with shown_on(display):
        assert list(watched("a", "folds", total=1, slow=True)) == ["a"]
    assert display.events == [("begin", "folds", 1), ("at", 1), "end", "hide"]


def test_a_position_replaces_the_number_of_items(clock):
    display = Display()
    with shown_on(display):
        list(watched("abc", "reading", total=900, position=lambda: 300))
    assert [event for event in display.events if event[0] == "at"] == [("at", 300), ("at", 300)]


def test_work_that_is_left_is_shown_no_more(clock):
    display = Display()
    with shown_on(display):
        shown = watched([3, 2, 1], "dividing")
        assert [next(shown), next(shown), next(shown)] == [3, 2, 1]
        shown.close()
    assert display.events == [("begin", "dividing", None), ("at", 2), "end", "hide"]


def test_what_is_printed_hides_the_display():
    display = Display()
    with shown_on(display), hidden_progress():
        display.events.append("printed")
    assert display.events == ["hide", "printed", "show", "hide"]
    with hidden_progress():
        pass
    assert len(display.events) == 4


def test_none_shows_nothing():
    with shown_on(None):
        items = iter("abc")
        assert watched(items, "reading") is items


def test_a_signal_clears_the_line_of_a_bar_only():
    assert clearing() == b""
    with shown_on(Display()):
        assert clearing() == b"\r\x1b[2K"
