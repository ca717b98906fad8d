"""Sentences that are sent to a worker arrive unchanged, whatever they hold."""

import math

import pytest
from hypothesis import given

from seqlab.annotations.annotated_text import AnnotatedText
from seqlab.corpus.sentence import Sentence
from seqlab.streaming.worker_pool import packed_items, unpacked_items
from seqlab.text.cutting import TokenOffsets
from tests.strategies import corpora


@given(corpora())
def test_sentences_come_back_without_their_tags(given_):
    found = unpacked_items(packed_items(given_))
    assert [(s.tokens, s.weight, s.token_weights, s.source) for s in found] == [
        (s.tokens, s.weight, s.token_weights, s.source) for s in given_
    ]
    assert all(s.tags is None for s in found)
    assert [dict(s.metadata) for s in found] == [dict(s.metadata) for s in given_]


def test_unusual_values_come_back():
    metadata = {"half": "\ud800", "none": None, "big": 10**400, "deep": [[[{"a": [1.5, True]}]]]}
    sentence = Sentence(
        tokens=("a\0b", "\n", "\u2028", "👩‍👩‍👧", "e\u0301"),
        features={"pos": ("", "\t", "x", "y", "z")},
        metadata=metadata,
    )
    assert unpacked_items(packed_items([sentence])) == [sentence]
    (other,) = unpacked_items(packed_items([Sentence(tokens=(), metadata={"a": math.nan})]))
    assert math.isnan(other.metadata["a"])


def test_metadata_that_is_nested_too_deeply_is_refused():
    deep: list = []
    for _ in range(5000):
        deep = [deep]
    with pytest.raises(ValueError, match="nested"):
        packed_items([Sentence(tokens=("a",), metadata={"deep": deep})])


@pytest.mark.parametrize("cut", [None, (TokenOffsets((0, 4), (3, 5)), TokenOffsets((6,), (9,)))])
def test_raw_texts_come_back(cut):
    document = AnnotatedText(
        text="Ada\r\n\u2028 é😀",
        sentences=cut,
        metadata={"a": [1, None]},
        source="in:3",
        name="d1",
    )
    plain = AnnotatedText(text="")
    sentence = Sentence(tokens=("a",), source="in:4")
    found = unpacked_items(packed_items([document, sentence, plain]))
    assert found == [document, sentence, plain]
    assert found[0].sentences == cut
