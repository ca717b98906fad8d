"""Joined arrays are the arrays of the joined sentences; renamed tags are the arrays of renamed sentences."""

from dataclasses import replace

import numpy as np
import pytest

from seqlab.corpus.corpus_arrays import LazySentences, corpus_arrays
from seqlab.corpus.joined_arrays import join_arrays, rename_tags
from seqlab.corpus.sentence import Sentence


def sentences(*texts, tag="B-PER", weights=None):
    """Each word has the tag if it is in capitals; its features are its letter and its length."""
    return [
        Sentence(
            tokens=tuple(text.split()),
            tags=tuple(tag if word.isupper() else "O" for word in text.split()),
            weight=0.5 if text.islower() else 1.0,
            token_weights=weights and tuple(weights for _ in text.split()),
            features={"letter": tuple(word[0] for word in text.split())},
            numbers={"length": tuple(float(len(word)) for word in text.split())},
        )
        for text in texts
    ]


NEW = sentences("ADA saw it", "it rains", "")
OLD = sentences("it fell", "BOB and ADA ran", tag="B-LOC")


@pytest.mark.parametrize("weights", [(None, None), (None, 2.0), (0.5, None), (0.5, 2.0)])
def test_joined_arrays_hold_the_sentences_of_both(weights):
    new, old = (
        [replace(s, token_weights=w and (w,) * len(s)) for s in part]
        for w, part in zip(weights, (NEW, OLD), strict=True)
    )
    parts = (corpus_arrays(part, ("letter",), ("length",)) for part in (new, old))
    joined = join_arrays(*parts)
    whole = corpus_arrays([*new, *old], ("letter",), ("length",))
    assert list(LazySentences(joined)) == list(LazySentences(whole))
    assert joined.counts_by_spelling() == whole.counts_by_spelling()
    assert joined.counts_by_tag() == whole.counts_by_tag()
    assert joined.features["letter"].counts() == whole.features["letter"].counts()
    assert joined.tag_ids.dtype == np.uint8


def test_more_than_256_tags_need_a_larger_type():
    parts = [
        [Sentence(tokens=(f"w{n}",), tags=(f"t{n}",)) for n in range(first, first + 200)]
        for first in (0, 200)
    ]
    joined = join_arrays(*map(corpus_arrays, parts))
    assert joined.tag_ids.dtype == np.uint16
    assert [s.tags for s in LazySentences(joined)] == [s.tags for part in parts for s in part]


def test_renamed_tags_are_merged():
    arrays = corpus_arrays([*NEW, *OLD], ("letter",))
    renamed = rename_tags(arrays, lambda tag: "O" if tag == "B-LOC" else tag)
    assert renamed.counts_by_tag() == {"B-PER": 1, "O": 10}
    assert [s.tags for s in LazySentences(renamed)][3:] == [("O",) * 2, ("O",) * 4]
    assert rename_tags(arrays, str) is arrays
