"""The confusion matrix as text: cells and mistakes."""

import numpy as np

from seqlab.reporting.confusion import WIDEST_TEXT, confusion_text
from seqlab.scoring.confusion import ConfusionMatrix


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
