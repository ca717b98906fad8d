"""Vocabulary entries of tokens."""

import pytest
from hypothesis import given

from seqlab.text.spelling import normalise
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
