"""The epoch's table of classes: golden texts, and the rules for what it shows."""

from dataclasses import replace

import pytest
from rich.cells import cell_len

from seqlab.reporting.epoch_legend import legend_parts, legend_text
from seqlab.reporting.epoch_table import epoch_table, risky_classes
from seqlab.training.split_losses import Losses
from tests.reporting.records import alarm, figures, record

UPOS = {
    "NOUN": (3700, 4100, 4196), "PUNCT": (3080, 3090, 3083), "VERB": (2500, 2700, 2759),
    "PRON": (2100, 2150, 2221), "ADP": (1900, 2000, 2031), "DET": (1850, 1890, 1898),
    "PROPN": (1500, 1900, 1785), "ADJ": (1600, 1800, 1873), "AUX": (1540, 1570, 1568),
    "ADV": (1100, 1200, 1230), "CCONJ": (770, 775, 779), "PART": (625, 640, 630),
    "NUM": (360, 380, 378), "SCONJ": (320, 360, 384), "X": (0, 12, 155), "INTJ": (90, 110, 115),
    "SYM": (60, 70, 81),
}  # fmt: skip
WNUT = {
    "person": (150, 300, 470), "group": (0, 0, 39), "location": (30, 90, 74),
    "product": (2, 10, 114), "creative-work": (0, 3, 104), "corporation": (0, 0, 34),
}  # fmt: skip


def losses(counts, *, plain):
    names = [*counts, *([] if plain else ["O"])]
    return Losses(
        weighted=0.5,
        unweighted=0.25,
        weights=dict.fromkeys(names, 12.345),
        shares=dict.fromkeys(names, 0.1234),
        tokens=dict.fromkeys(names, 123_456),
    )


def epoch(counts, *, plain=False, alarms=()):
    return replace(
        record(3, found=figures(**counts), alarms=alarms), train=losses(counts, plain=plain)
    )


def text(counts, table="worst", **options):
    return "\n".join(epoch_table(epoch(counts, **options), table))


def test_golden_wnut17():
    assert (
        text(WNUT)
        == """\
  class          gold  predicted  precision  recall     F1  weight  loss share
! corporation      34          0          –   0.000  0.000  12.345       12.3%
! group            39          0          –   0.000  0.000  12.345       12.3%
  location         74         90      0.333   0.405  0.366  12.345       12.3%
! creative-work   104          3      0.000   0.000  0.000  12.345       12.3%
! product         114         10      0.200   0.018  0.032  12.345       12.3%
  person          470        300      0.500   0.319  0.390  12.345       12.3%
  O                                                         12.345       12.3%"""
    )


def test_the_legend_explains_the_columns_that_are_shown_and_names_the_others():
    assert (
        legend_text(legend_parts(epoch(WNUT), "worst"))
        == """\
each epoch: F1 in validation, seconds of training + evaluation, * for the best
so far; losses with class weights, and in brackets without; each class, rarest
first: gold items in validation, predicted ones, its weight in the scale of
--class-weight, its share of the training loss; ! marks an alarm or an F1 below
0.1, for classes with 5 gold items or more; left out to fit 80 columns: tokens
(history.jsonl has it)"""
    )


def test_the_legend_is_silent_on_what_no_line_has():
    same = Losses(weighted=0.5, unweighted=0.5, weights={}, shares={}, tokens={})
    without = replace(epoch(UPOS, plain=True), train=same, valid=same)
    assert legend_parts(without, "none") == [
        "each epoch: F1 in validation, seconds of training + evaluation, * for the best so far"
    ]
    parts = legend_parts(without, "worst")
    assert parts[1].endswith(", its tokens in training")
    assert not any("class weights" in part or "left out" in part for part in parts)


def test_golden_ewt_shows_the_worst_ten_of_seventeen():
    assert (
        text(UPOS, plain=True)
        == """\
  class  gold  predicted  precision  recall     F1  weight  loss share  tokens
  SYM      81         70      0.857   0.741  0.795  12.345       12.3%  123456
  INTJ    115        110      0.818   0.783  0.800  12.345       12.3%  123456
! X       155         12      0.000   0.000  0.000  12.345       12.3%  123456
  SCONJ   384        360      0.889   0.833  0.860  12.345       12.3%  123456
  ADV    1230       1200      0.917   0.894  0.905  12.345       12.3%  123456
  PROPN  1785       1900      0.789   0.840  0.814  12.345       12.3%  123456
  ADJ    1873       1800      0.889   0.854  0.871  12.345       12.3%  123456
  ADP    2031       2000      0.950   0.935  0.943  12.345       12.3%  123456
  VERB   2759       2700      0.926   0.906  0.916  12.345       12.3%  123456
  NOUN   4196       4100      0.902   0.882  0.892  12.345       12.3%  123456
  and 7 more: 7 with F1 from 0.950 to 0.998 (--table all)"""
    )


def test_all_shows_every_class_and_none_none():
    assert len(epoch_table(epoch(UPOS, plain=True), "all")) == 1 + 17
    assert epoch_table(epoch(UPOS), "none") == []


def test_of_equal_classes_the_worst_are_those_with_the_most_gold():
    counts = {f"slot{n}": (0, 0, n) for n in range(1, 81)} | {"known": (5, 5, 5), "x": (0, 0, 0)}
    lines = epoch_table(epoch(counts), "worst")
    assert [line.split()[1] for line in lines[1:11]] == [f"slot{n}" for n in range(71, 81)]
    assert lines[11].split()[0] == "O"
    assert (
        lines[12] == "  and 72 more: 71 with F1 from 0.000 to 1.000, 1 without gold (--table all)"
    )
    assert len(lines) == 13


@pytest.mark.parametrize(
    ("counts", "alarms", "expected"),
    [
        ({"PER": (1, 2, 4)}, [], set()),
        ({"PER": (1, 2, 4)}, [alarm("PER")], {"PER"}),
        ({"PER": (1, 40, 5)}, [], {"PER"}),  # F1 2/45
        ({"PER": (1, 15, 4)}, [], set()),  # F1 2/19
        ({"PER": (0, 9, 4)}, [], set()),  # too little gold to judge
        ({"PER": (0, 0, 0)}, [], set()),
        ({"PER": (0, 0, 5)}, [alarm("of the old data")], {"PER"}),
    ],
)
def test_a_class_at_risk_has_an_alarm_or_hardly_any_f1(counts, alarms, expected):
    assert risky_classes(epoch(counts, alarms=alarms)) == expected


@pytest.mark.parametrize("name", ["x" * 200, "東" * 200, "B-" + "ab-" * 30, "a\x1b[31mb"])
def test_no_name_makes_the_table_wider_than_80_columns(name):
    lines = epoch_table(epoch({name: (99_999, 99_999, 99_999), "LAW": (0, 0, 12)}), "all")
    assert max(map(cell_len, lines)) <= 80
    assert "\x1b" not in "".join(lines)
