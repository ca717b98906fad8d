"""First occurrences, in arrays and in plain sentences, against a dictionary."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from seqlab.corpus import first_occurrences as module
from seqlab.corpus.corpus_arrays import LazySentences, corpus_arrays
from seqlab.corpus.first_occurrences import checksums, first_occurrences
from seqlab.corpus.sentence import Sentence

# Few words, so that sentences repeat, and lists of the same words in another order are common.
lists = st.lists(st.lists(st.sampled_from("abc"), max_size=4).map(tuple), max_size=12)


def sentences(tokens):
    return [Sentence(tokens=t, tags=("X",) * len(t), weight=n + 1.0) for n, t in enumerate(tokens)]


@given(lists, lists)
def test_the_first_place_is_that_of_a_dictionary(corpus, wanted):
    plain = sentences(corpus)
    first = {s.tokens: s.weight for s in reversed(plain) if s.tokens in set(wanted)}
    for found in (plain, LazySentences(corpus_arrays(plain))):
        places = first_occurrences(found, set(wanted))
        assert {tokens: s.weight for tokens, s in places.items()} == first


def test_blocks_make_no_difference(monkeypatch):
    monkeypatch.setattr(module, "SENTENCES", 2)
    plain = sentences([("a", "b"), ("b", "a"), ("c",), ("b", "a"), ("c", "c")])
    places = first_occurrences(
        LazySentences(corpus_arrays(plain)), {("b", "a"), ("c", "c"), ("d",)}
    )
    assert {tokens: s.weight for tokens, s in places.items()} == {("b", "a"): 2, ("c", "c"): 5}


def test_sentences_of_one_checksum_are_told_apart(monkeypatch):
    monkeypatch.setattr(module, "checksums", lambda ids, offsets: np.zeros(len(offsets) - 1, "u8"))
    plain = sentences([("a",), ("b",)])
    places = first_occurrences(LazySentences(corpus_arrays(plain)), {("b",)})
    assert [s.weight for s in places.values()] == [2]


def test_order_and_length_change_a_checksum():
    lists = [[0], [0, 0], [0, 1], [1, 0], [1], [0, 1, 2], [2, 1, 0], [1, 0, 2]]
    offsets = np.cumsum([0, *map(len, lists)])
    found = checksums(np.concatenate(lists).astype(np.int32), offsets)
    assert len(set(found.tolist())) == len(lists)
