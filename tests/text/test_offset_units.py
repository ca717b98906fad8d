import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from seqlab.text.offset_units import offset_table


@given(st.text())
@example("")
@example("a\u0301\r\n\x00\ufeff👩‍👩‍👧 שלום 東京")
def test_entries_are_the_lengths_of_what_is_encoded(text):
    places = range(len(text) + 1)
    assert list(offset_table(text, "codepoints")) == list(places)
    assert list(offset_table(text, "bytes")) == [len(text[:i].encode("utf-8")) for i in places]
    utf16 = [len(text[:i].encode("utf-16-le")) // 2 for i in places]
    assert list(offset_table(text, "utf16")) == utf16


def test_half_a_surrogate_pair_is_counted():
    text = "a\ud83d😀"
    assert list(offset_table(text, "utf16")) == [0, 1, 2, 4]
    assert list(offset_table(text, "bytes")) == [0, 1, 4, 8]


@pytest.mark.parametrize(
    ("text", "unit"), [("Ada", "bytes"), ("Zoë", "utf16"), ("😀", "codepoints")]
)
def test_equal_offsets_need_no_table(text, unit):
    assert offset_table(text, unit) == range(len(text) + 1)


def test_entries_go_into_json():
    assert json.dumps(offset_table("😀a", "bytes")[1]) == "4"


def test_an_offset_outside_the_text_is_an_error():
    for text in ("Ada", "😀"):
        with pytest.raises(IndexError):
            offset_table(text, "bytes")[len(text) + 1]
