"""The confusion table of the report: cells, shading and mistakes by hand."""

import re

from seqlab.reporting.confusion import MOST, WIDEST, confusion_section

THREE = {"names": ["O", "PER", "LAW", "LOC"], "counts": [[90, 9, 0, 1], [3, 6, 0, 1], [2, 0, 0, 0], [0] * 4]}  # fmt: skip


def cells(html):
    """The table as rows of texts."""
    rows = re.findall(r"<tr>(.*?)</tr>", html)
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in rows]


def test_a_row_for_each_class_with_gold_tokens_a_column_for_each_class():
    assert cells(confusion_section(THREE)) == [
        ["", "O", "PER", "LAW", "LOC"],
        ["O", "90", "9", "", "1"],
        ["PER", "3", "6", "", "1"],
        ["LAW", "2", "", "", ""],
    ]


def test_a_cell_is_shaded_by_its_share_of_the_row_right_and_wrong_apart():
    html = confusion_section(THREE)
    assert 'style="background: rgb(0 114 178 / 0.540)" title="90.0% of its tokens">90<' in html
    assert 'style="background: rgb(213 94 0 / 0.180)" title="30.0% of its tokens">3<' in html
    assert 'style="background: rgb(213 94 0 / 0.600)" title="100.0% of its tokens">2<' in html


def test_the_most_frequent_mistakes_come_first():
    found = re.findall(r"<li>(.*?)</li>", confusion_section(THREE))
    assert found[:2] == ["9 tokens of O tagged PER", "3 tokens of PER tagged O"]
    assert len(found) == 5
    assert "No mistake." in confusion_section({"names": ["O"], "counts": [[5]]})


def test_of_many_classes_the_mistakes_alone():
    names = [f"T{number}" for number in range(WIDEST + 1)]
    counts = [[1000] * len(names) for _ in names]
    html = confusion_section({"names": names, "counts": counts})
    assert "<table" not in html
    assert html.count("<li>") == MOST
    assert "1000 tokens of T0 tagged T1<" in html


def test_names_are_harmless():
    html = confusion_section({"names": ["O", "<b>\u202e"], "counts": [[1, 1], [0, 1]]})
    assert "<b>" not in html
    assert "\u202e" not in html
    assert "&lt;b&gt;" in html
