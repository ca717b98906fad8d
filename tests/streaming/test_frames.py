"""What is sent arrives as it was, whatever it holds; what is cut off is no frame."""

import math
import os
from io import FileIO
from threading import Thread

import pytest
from hypothesis import given

from seqlab.corpus.sentence import Sentence
from seqlab.streaming.frames import (
    packed_sentences,
    receive,
    receive_value,
    send,
    send_value,
    unpacked_sentences,
)
from tests.strategies import corpora


@pytest.fixture
def pipe():
    reading, writing = os.pipe()
    ends = FileIO(reading), FileIO(writing, "w")
    yield ends
    for end in ends:
        end.close()


@given(corpora())
def test_sentences_come_back_without_their_tags(given_):
    found = unpacked_sentences(packed_sentences(given_))
    assert [(s.tokens, s.weight, s.token_weights, s.source) for s in found] == [
        (s.tokens, s.weight, s.token_weights, s.source) for s in given_
    ]
    assert all(s.tags is None for s in found)
    assert [dict(s.metadata) for s in found] == [dict(s.metadata) for s in given_]


def test_hostile_values_come_back():
    metadata = {"half": "\ud800", "none": None, "big": 10**400, "deep": [[[{"a": [1.5, True]}]]]}
    sentence = Sentence(
        tokens=("a\0b", "\n", "\u2028", "👩‍👩‍👧", "e\u0301"),
        features={"pos": ("", "\t", "x", "y", "z")},
        metadata=metadata,
    )
    assert unpacked_sentences(packed_sentences([sentence])) == [sentence]
    (other,) = unpacked_sentences(packed_sentences([Sentence(tokens=(), metadata={"a": math.nan})]))
    assert math.isnan(other.metadata["a"])


def test_what_is_nested_too_deeply_is_refused_before_anything_is_sent():
    deep: list = []
    for _ in range(5000):
        deep = [deep]
    with pytest.raises(ValueError, match="nested"):
        packed_sentences([Sentence(tokens=("a",), metadata={"deep": deep})])


@pytest.mark.parametrize("size", [0, 1, 300_000])
def test_a_frame_is_whole_beyond_what_a_pipe_holds(pipe, size):
    reading, writing = pipe
    body = os.urandom(size)
    sender = Thread(target=send, args=(writing, body))
    sender.start()
    assert receive(reading) == body
    sender.join()


@pytest.mark.parametrize("sent", [b"", b"\x05", b"\x05" + b"\0" * 7 + b"abcd"])
def test_a_frame_that_is_cut_off_is_none(pipe, sent):
    reading, writing = pipe
    writing.write(sent)
    writing.close()
    assert receive(reading) is None
    with pytest.raises(EOFError):
        receive_value(reading)


def test_values(pipe):
    reading, writing = pipe
    send_value(writing, {"a": (1, None, b"\0")})
    assert receive_value(reading) == {"a": (1, None, b"\0")}
