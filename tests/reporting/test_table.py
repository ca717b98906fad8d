import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from seqlab.machine.terminal import visible
from seqlab.reporting.table import HtmlCell, figure, html_table, markdown_table, text_table


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(0.5, 3, "0.500"), (2 / 3, 3, "0.667"), (0.0, 3, "0.000"), (1.23456, 4, "1.2346"), (1.0, 1, "1.0")],
)  # fmt: skip
def test_figure(value, digits, text):
    assert figure(value, digits) == text


def test_an_undefined_figure_is_a_dash_and_no_zero():
    assert figure(None) == figure(None, 4) == "–"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("PER", "PER"),
        ("Zürich 東京 😀", "Zürich 東京 😀"),
        ("a\nb", "a\\u{a}b"),
        ("\x1b[31m", "\\u{1b}[31m"),
        ("\u202eREP", "\\u{202e}REP"),
        ("a\u200bb", "a\\u{200b}b"),
        ("\ud800", "\\u{d800}"),
        ("\x00", "\\u{0}"),
    ],
)
def test_visible(text, shown):
    assert visible(text) == shown


@given(st.text())
def test_what_is_visible_is_one_printable_line(text):
    assert visible(text).isprintable()
    assert visible(text) == text or not text.isprintable()


def test_text_table_by_hand():
    table = text_table(["class", "gold"], [["PER", "7"], ["location", "12345"]])
    assert table == "  class      gold\n  PER           7\n  location  12345"


def test_wide_characters_take_two_columns():
    assert (
        text_table(["", "n"], [["東京", "1"], ["abcd", "2"]], indent=0)
        == "      n\n東京  1\nabcd  2"
    )


def test_empty_cells_leave_no_white_space_at_the_end():
    assert text_table(["a", "b"], [["x", ""]], indent=0) == "a  b\nx"


def test_a_table_without_rows_is_its_header():
    assert text_table(["class", "F1"], [], indent=0) == "class  F1"


@given(st.lists(st.tuples(*[st.text("ab東é", max_size=6)] * 3), min_size=1, max_size=5))
def test_columns_end_at_the_same_place(rows):
    header = ("class", "gold", "F1")
    lines = text_table(header, [[*row[:2], row[2] + "|"] for row in rows], indent=0).splitlines()
    assert len({cell_len(line) for line in lines[1:]}) == 1
    assert all(line.endswith("|") for line in lines[1:])


def test_markdown_escapes_a_bar_once():
    table = markdown_table(["class", "F1"], [["a|b", "1"], [r"`c\|d`", "2"]])
    assert table == "| class | F1 |\n| --- | ---: |\n| a\\|b | 1 |\n| `c\\|d` | 2 |"


def test_html_escapes_texts_and_attributes():
    cell = HtmlCell("<b>\n", {"title": 'a"b'}, after="<i>")
    assert html_table(["class"], [[cell]]) == (
        "<table><tr><th>class</th></tr>"
        '<tr><td title="a&#34;b">&lt;b&gt;\\u{a}&lt;i&gt;</td></tr></table>'
    )
