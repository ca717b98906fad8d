import re
from xml.etree import ElementTree

import pytest

from seqlab.reporting.chart import (
    COLOURS,
    DASHES,
    IntervalRow,
    epoch_x,
    interval_chart,
    line_chart,
    line_path,
    line_style,
    value_y,
)


def parsed(svg):
    """The chart and its legend as one tree; fails for text that is not well-formed."""
    return ElementTree.fromstring(f"<div>{svg}</div>")  # noqa: S314, our own text


def lines_of(svg):
    chart = parsed(svg)[0]
    return [element.get("d") for element in chart.iter("path")]


def test_coordinates_by_hand():
    """The chart is 640 by 260, with margins of 44, 10, 12 and 28: the area is 586 wide and 220 high."""
    assert lines_of(line_chart({"PER": [0.0, 0.5, 1.0]}, label="F1", top=1.0)) == [
        "M44.0 232.0h0.01L337.0 122.0L630.0 12.0"
    ]


def test_a_missing_value_is_a_gap_and_a_lonely_one_a_dot():
    line = [None, 0.5, None, 1.0, 0.0]
    assert lines_of(line_chart({"PER": line}, label="F1", top=1.0)) == [
        "M190.5 122.0h0.01M483.5 12.0h0.01L630.0 232.0"
    ]


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_a_loss_that_is_no_number_is_a_gap_and_moves_no_axis(number):
    assert lines_of(line_chart({"loss": [4.0, number, 2.0]}, label="loss")) == [
        "M44.0 12.0h0.01M630.0 122.0h0.01"
    ]


@pytest.mark.parametrize("line", [[], [None], [None, None]])
def test_a_line_without_values_draws_nothing(line):
    assert lines_of(line_chart({"PER": line}, label="F1")) == [""]


def test_one_epoch_stands_at_the_left():
    assert lines_of(line_chart({"PER": [1.0]}, label="F1", top=1.0)) == ["M44.0 12.0h0.01"]


def test_the_axis_ends_at_the_largest_value_unless_told():
    svg = line_chart({"a": [2.0, 4.0], "b": [None, 8.0]}, label="loss")
    assert lines_of(svg) == ["M44.0 177.0h0.01L630.0 122.0", "M630.0 12.0h0.01"]
    texts = [element.text for element in parsed(svg)[0].iter("text")]
    assert texts == ["0", "2", "4", "6", "8", "1", "2"]


def test_values_above_the_axis_are_drawn_at_its_end():
    assert value_y(7.0, 1.0) == value_y(1.0, 1.0) == 12


def test_all_zero_is_no_division_by_zero():
    assert lines_of(line_chart({"a": [0.0, 0.0]}, label="loss")) == ["M44.0 232.0h0.01L630.0 232.0"]


def test_no_series_at_all():
    assert lines_of(line_chart({}, label="nothing")) == []


def test_many_epochs_get_at_most_eleven_numbers():
    svg = line_chart({"a": [0.5] * 95}, label="F1")
    numbers = [e.text for e in parsed(svg)[0].iter("text") if e.get("text-anchor") == "middle"]
    assert numbers == ["1", "11", "21", "31", "41", "51", "61", "71", "81", "91"]


def test_the_mark_stands_at_its_epoch():
    chart = parsed(line_chart({"a": [0.5] * 5}, label="F1", mark=3))[0]
    (mark,) = [line for line in chart.iter("line") if line.get("class") == "mark"]
    assert mark.get("x1") == mark.get("x2") == "337.0" == f"{epoch_x(3, 5):.1f}"
    plain = parsed(line_chart({"a": [0.5] * 5}, label="F1"))[0]
    assert not [line for line in plain.iter("line") if line.get("class") == "mark"]


def test_every_line_looks_different():
    count = len(COLOURS) * len(DASHES)
    assert len({line_style(index) for index in range(count)}) == count
    assert line_style(count) == line_style(0)


def test_a_line_looks_as_its_key_in_the_legend():
    svg = line_chart({name: [0.5] for name in "abcdefghij"}, label="F1")
    chart, legend = parsed(svg)
    looks = [(p.get("stroke"), p.get("stroke-dasharray")) for p in chart.iter("path")]
    keys = [(p.get("stroke"), p.get("stroke-dasharray")) for p in legend.iter("path")]
    assert looks == keys
    assert ["".join(item.itertext()) for item in legend] == list("abcdefghij")


def test_hostile_names_are_text():
    name = "<script>\"&'</script>"
    svg = line_chart({name: [0.5]}, label=name)
    chart, legend = parsed(svg)
    assert chart.get("aria-label") == name
    assert "".join(legend[0].itertext()) == name
    assert not re.search("<script", svg)


def test_path_is_drawn_in_its_style():
    drawn = line_path([1.0], 1, 1.0, line_style(1))
    assert drawn.startswith('<path d="M44.0 12.0h0.01" fill="none"')
    assert f'stroke="{COLOURS[1]}"' in drawn


def test_an_interval_chart_by_hand():
    rows = [
        IntervalRow(values=[0.4, 0.6], mean=0.5, low=0.1, high=0.9),
        IntervalRow(values=[], mean=None, low=None, high=None),
    ]
    svg = interval_chart(["a<b", "x" * 40], {"F1": rows}, label="F1", reference=0)
    root = ElementTree.fromstring(svg)  # noqa: S314, our own text
    texts = [element.text for element in root if element.tag.endswith("text")]
    assert texts[:3] == ["a<b", "x" * 25 + "…", "F1"]
    # The axis goes from 0.4 - 0.1 to 0.6 + 0.1, where the interval is cut off.
    assert texts[3:] == ["0.30", "0.40", "0.50", "0.60", "0.70"]
    circles = [element.get("cx") for element in root if element.tag.endswith("circle")]
    assert circles == ["265.0", "415.0", "340.0"]
    (interval,) = [e.get("d") for e in root if "H" in (e.get("d") or "")]
    assert interval == "M190.0 47.0H490.0"
