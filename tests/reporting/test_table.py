import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from seqlab.reporting.table import class_table, figure, text_table, visible
from seqlab.scoring.figures import Sums, summarise
from seqlab.training.epoch_record import Losses


def summary(**sums):
    """`name=(correct, predicted, support)`."""
    return summarise({name: Sums(*counts) for name, counts in sums.items()})


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


def test_class_table_shows_what_is_undefined_as_a_dash():
    table = class_table(summary(PER=(3, 4, 6), LAW=(0, 0, 2), GPE=(0, 1, 0), NIL=(0, 0, 0)))
    assert table.splitlines() == [
        "  class  gold  predicted  precision  recall     F1",
        "  PER       6          4      0.750   0.500  0.600",
        "  LAW       2          0          –   0.000  0.000",
        "  GPE       0          1      0.000       –  0.000",
        "  NIL       0          0          –       –      –",
    ]


def test_class_table_with_weights_and_a_row_for_what_is_no_span():
    table = class_table(
        summary(PER=(1, 1, 1), LAW=(0, 0, 0)),
        train=Losses(
            weighted=1.0,
            unweighted=1.0,
            weights={"O": 0.5, "PER": 2.25},
            shares={"O": 0.125, "PER": 0.875},
            tokens={"O": 950, "PER": 4},
        ),
    )
    assert table.splitlines() == [
        "  class  gold  predicted  precision  recall     F1  weight  loss share  train tokens",
        "  PER       1          1      1.000   1.000  1.000   2.250       87.5%             4",
        "  LAW       0          0          –       –      –       –           –             0",
        "  O                                                  0.500       12.5%           950",
    ]


def test_the_share_of_a_loss_that_is_no_number_is_a_dash():
    losses = Losses(
        weighted=float("nan"),
        unweighted=float("nan"),
        weights={"PER": 1.0},
        shares={"PER": float("nan")},
        tokens={"PER": 4},
    )
    row = class_table(summary(PER=(1, 1, 1)), train=losses).splitlines()[1]
    assert row.split()[-2:] == ["–", "4"]


def test_a_hostile_class_name_stays_in_its_row():
    table = class_table(summary(**{"A\n\x1b[2JB": (1, 1, 1)}))
    assert len(table.splitlines()) == 2
    assert table.splitlines()[1].startswith("  A\\u{a}\\u{1b}[2JB     1")
