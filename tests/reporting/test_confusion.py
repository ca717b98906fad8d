"""The confusion matrix as text and as a table of the report: cells, shading and mistakes."""

import re

import numpy as np

from seqlab.reporting.confusion import (
    MOST_MISTAKES,
    WIDEST_HTML,
    WIDEST_TEXT,
    confusion_html,
    confusion_text,
)
from seqlab.scoring.confusion import ConfusionMatrix

THREE = {"names": ["O", "PER", "LAW", "LOC"], "counts": [[90, 9, 0, 1], [3, 6, 0, 1], [2, 0, 0, 0], [0] * 4]}  # fmt: skip


def cells(html):
    """The texts of the cells, by row."""
    rows = re.findall(r"<tr>(.*?)</tr>", html)
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in rows]


def test_a_row_for_each_class_with_gold_tokens_a_column_for_each_class():
    assert cells(confusion_html(THREE)["table"]) == [
        ["", "O", "PER", "LAW", "LOC"],
        ["O", "90", "9", "", "1"],
        ["PER", "3", "6", "", "1"],
        ["LAW", "2", "", "", ""],
    ]


def test_a_cell_is_shaded_by_its_share_of_the_row_right_and_wrong_apart():
    html = confusion_html(THREE)["table"]
    assert 'style="background: rgb(0 114 178 / 0.540)" title="90.0% of its tokens">90<' in html
    assert 'style="background: rgb(213 94 0 / 0.180)" title="30.0% of its tokens">3<' in html
    assert 'style="background: rgb(213 94 0 / 0.600)" title="100.0% of its tokens">2<' in html


def test_the_most_frequent_mistakes_come_first():
    mistakes = confusion_html(THREE)["mistakes"]
    assert mistakes[:2] == ["9 tokens of O tagged PER", "3 tokens of PER tagged O"]
    assert len(mistakes) == 5
    assert confusion_html({"names": ["O"], "counts": [[5]]})["mistakes"] == []


def test_of_many_classes_the_mistakes_alone():
    names = [f"T{number}" for number in range(WIDEST_HTML + 1)]
    counts = [[1000] * len(names) for _ in names]
    found = confusion_html({"names": names, "counts": counts})
    assert found["table"] is None
    assert len(found["mistakes"]) == MOST_MISTAKES
    assert found["mistakes"][0] == "1000 tokens of T0 tagged T1"


def test_names_are_harmless():
    html = confusion_html({"names": ["O", "<b>\u202e"], "counts": [[1, 1], [0, 1]]})["table"]
    assert "<b>" not in html
    assert "\u202e" not in html
    assert "&lt;b&gt;" in html


def matrix(names, counts):
    return ConfusionMatrix(names=tuple(names), counts=np.array(counts, np.int64))


def test_confusion_by_hand():
    found = matrix(["O", "PER", "L\nOC"], [[90, 2, 0], [5, 4, 1], [1, 0, 0]])
    assert confusion_text(found).splitlines() == [
        "confusion by token (rows: gold, columns: predicted)",
        "             O  PER  L\\u{a}OC",
        "  O         90    2         0",
        "  PER        5    4         1",
        "  L\\u{a}OC   1    0         0",
        "  5 tokens of PER tagged O",
        "  2 tokens of O tagged PER",
        "  1 token of L\\u{a}OC tagged O",
        "  1 token of PER tagged L\\u{a}OC",
    ]


def test_only_the_most_frequent_mistakes_are_listed():
    found = matrix(["a", "b", "c"], [[1, 5, 3], [2, 1, 0], [0, 0, 1]])
    lines = confusion_text(found, most=2).splitlines()
    assert lines[5:] == ["  5 tokens of a tagged b", "  3 tokens of a tagged c"]


def test_a_matrix_too_wide_for_a_terminal_is_told_by_its_mistakes():
    size = WIDEST_TEXT + 1
    counts = np.eye(size, dtype=np.int64)
    counts[0, 1] = 7
    found = matrix([f"c{number}" for number in range(size)], counts)
    assert confusion_text(found).splitlines() == [
        "confusion by token (rows: gold, columns: predicted)",
        "  13 classes are too many for a table here; --json has it",
        "  7 tokens of c0 tagged c1",
    ]
