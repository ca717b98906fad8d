"""Charts over epochs: figures lie between y 84 and 8, losses between 124 and 98, epochs between x 24 and 252."""

from xml.etree import ElementTree

import pytest

from seqlab.reporting.epoch_chart import EpochLines, epoch_chart


def drawn(figures, **values):
    lines = EpochLines(label="F1", figures=[("line", figures)], epochs=len(figures), **values)
    return ElementTree.fromstring(epoch_chart(lines))  # noqa: S314, our own text


def paths(chart):
    return [path.get("d") for path in chart.iter("path")]


def texts(chart):
    return [text.text for text in chart.iter("text")]


def test_coordinates_by_hand():
    assert paths(drawn([0.0, 0.5, 1.0])) == ["M24 84L138 46L252 8"]


def test_a_missing_value_is_a_gap_and_a_lonely_one_a_dot():
    assert paths(drawn([None, 0.5, None, 1.0, 0.0])) == ["M81 46h.01M195 8L252 84"]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), None])
def test_a_loss_that_is_no_number_is_a_gap_and_moves_no_axis(value):
    chart = drawn([0.0] * 3, losses=[("loss", [4.0, value, 2.0])])
    assert paths(chart)[1] == "M24 98h.01M252 111h.01"


@pytest.mark.parametrize("line", [[], [None], [None, None]])
def test_a_line_without_values_draws_nothing(line):
    assert paths(drawn(line)) == []


def test_losses_of_nothing_draw_no_axis():
    assert "loss" not in texts(drawn([0.5], losses=[("loss", [None])]))
    assert "loss" not in texts(drawn([0.5], losses=[("loss", [0.0])]))


def test_a_single_epoch_stands_at_the_left_and_is_numbered_once():
    chart = drawn([1.0])
    assert paths(chart) == ["M24 8h.01"]
    assert texts(chart) == ["0", ".5", "1", "1"]


def test_many_epochs_are_numbered_three_times():
    assert texts(drawn([0.5] * 95))[3:] == ["1", "48", "95"]


def test_the_kept_epoch_has_a_line_and_a_dot():
    chart = drawn([0.0, 0.5, 1.0], kept=2)
    (line,) = [one for one in chart.iter("line") if one.get("class") == "kept"]
    (dot,) = chart.iter("circle")
    assert (line.get("x1"), dot.get("cx"), dot.get("cy")) == ("138", "138", "46")
    assert not list(drawn([None, None], kept=2).iter("circle"))


def test_a_collapse_is_a_band_that_ends_half_way_to_its_neighbours():
    (band,) = drawn([0.5] * 5, bands=[(2, 3)]).iter("rect")
    assert (band.get("x"), band.get("width")) == ("52.5", "114")  # epochs are 57 apart


def test_hostile_labels_are_text():
    label = "<script>\"&'</script>"
    chart = epoch_chart(EpochLines(label=label, figures=[("line", [0.5])]))
    assert ElementTree.fromstring(chart).get("aria-label") == label  # noqa: S314, our own text
