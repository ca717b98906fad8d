"""How a token is read: its vocabulary entry and its cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.text.words import cut, normalise
from tests.strategies import texts


@pytest.mark.parametrize(
    ("token", "entry"),
    [
        ("Paris", "paris"),
        ("1984", "0000"),
        ("A-380b", "a-000b"),
        ("ÉCOLE", "école"),
        ("٣", "0"),  # an Arabic-Indic digit is a digit
        ("²", "²"),  # a superscript is none
        ("...", "..."),
    ],
)
def test_case_and_digits_are_folded(token, entry):
    assert normalise(token) == entry


@given(texts)
def test_an_entry_is_its_own_entry(token):
    assert normalise(normalise(token)) == normalise(token)
    assert normalise(entry := normalise(token)) is entry


@given(texts.map(lambda text: text * 5), st.integers(1, 20))
def test_a_cut_keeps_head_and_tail(token, most):
    shown = cut(token, most)
    assert len(shown) == min(len(token), most)
    if len(token) <= most:
        assert shown == token
    else:
        heads = [index - index // 2 for index in range(most + 1)]  # rounded up
        assert token.startswith(shown[: heads[most]])
        assert token.endswith(shown[heads[most] :])


def test_cuts_by_hand():
    assert cut("abcdefgh", 5) == "abcgh"
    assert cut("abcdefgh", 2) == "ah"
    assert cut("abcdefgh", 1) == "a"
