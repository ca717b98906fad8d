import numpy as np

from seqlab.reporting.split import WIDEST, confusion_text, split_text
from seqlab.scoring.confusion import ConfusionMatrix
from tests.reporting.records import figures


def test_the_text_of_a_split():
    found = figures(strict=True, accuracy=0.875, PER=(3, 4, 6), LAW=(0, 0, 2))
    assert split_text("test", found).splitlines() == [
        "test: micro F1 0.500  macro F1 0.300  token accuracy 0.875  strict: micro 0.500, macro 0.300",
        "  classes never found: LAW",
        "  class  gold  predicted  precision  recall     F1",
        "  PER       6          4      0.750   0.500  0.600",
        "  LAW       2          0          –   0.000  0.000",
    ]


def test_plain_tags_have_no_strict_figures():
    lines = split_text("test", figures(X=(1, 1, 1))).splitlines()
    assert lines[0] == "test: micro F1 1.000  macro F1 1.000  token accuracy 0.500"
    assert lines[1] == "  classes never found: none"


def test_undefined_averages_are_dashes():
    text = split_text("test", figures(accuracy=None, PER=(0, 0, 0)))
    assert text.startswith("test: micro F1 –  macro F1 –  token accuracy –\n")


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
    size = WIDEST + 1
    counts = np.eye(size, dtype=np.int64)
    counts[0, 1] = 7
    found = matrix([f"c{number}" for number in range(size)], counts)
    assert confusion_text(found).splitlines() == [
        "confusion by token (rows: gold, columns: predicted)",
        "  13 classes are too many for a table here; --json has it",
        "  7 tokens of c0 tagged c1",
    ]
