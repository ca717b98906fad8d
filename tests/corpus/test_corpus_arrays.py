"""Corpora as arrays: nothing but metadata is lost, and the counts are right."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.corpus import corpus_arrays as module
from seqlab.corpus.corpus_arrays import CorpusArraysBuilder, LazySentences, corpus_arrays, count_ids
from seqlab.corpus.sentence import Sentence
from seqlab.errors import UserError
from tests.strategies import corpora, texts

anything = corpora(tokens=texts, weighted=True)


@given(anything)
def test_every_sentence_comes_back(corpus):
    found = LazySentences(corpus_arrays(corpus))
    assert len(found) == len(corpus)
    for before, after in zip(corpus, found, strict=True):
        assert (after.tokens, after.tags, after.weight) == (
            before.tokens,
            before.tags,
            before.weight,
        )
    weighed = any(s.token_weights is not None for s in corpus)
    for before, after in zip(corpus, found, strict=True):
        ones = (1.0,) * len(before)
        assert (after.token_weights or ones) == (before.token_weights or ones)
        assert (after.token_weights is not None) == weighed


@given(anything)
def test_counts_are_those_of_a_count_in_its_order(corpus):
    found = corpus_arrays(corpus)
    tokens = Counter(token for s in corpus for token in s.tokens)
    assert list(found.counts_by_spelling().items()) == list(tokens.items())
    assert found.counts_by_tag() == Counter(tag for s in corpus for tag in s.tags)
    assert found.lengths.tolist() == [len(s) for s in corpus]


@pytest.mark.bits("copied")
@given(anything, st.integers(1, 5))
def test_parts_are_numbered_as_the_whole(corpus, size):
    numbering = CorpusArraysBuilder()
    parts = [numbering.take(corpus[i : i + size]) for i in range(0, len(corpus), size)]
    whole = corpus_arrays(corpus)
    for name in ("spelling_ids", "tag_ids", "weights"):
        flat = np.concatenate([part[name] for part in parts]) if parts else []
        np.testing.assert_array_equal(flat, getattr(whole, name))
    assert tuple(numbering.spellings) == whole.spellings


@pytest.mark.parametrize(
    ("source", "place"), [("", "sentence 1"), ("train.conll:7", "train.conll:7")]
)
def test_tags_never_run_into_the_next_sentence(source, place):
    short = Sentence(tokens=("a", "b"), tags=("X",), source=source)
    with pytest.raises(UserError) as caught:
        corpus_arrays([short, Sentence(tokens=("c",), tags=("X", "Y"))])
    assert str(caught.value) == f"{place}: 1 tag for 2 tokens; expected one per token"


def test_numbered_sentences_are_not_numbered_again():
    found = LazySentences(corpus_arrays([Sentence(tokens=("a",), tags=("X",))]))
    assert corpus_arrays(found) is found.arrays


def test_untagged_sentences_have_no_tags_and_count_none():
    corpus = [Sentence(tokens=("a", "b")), Sentence(tokens=("a",), tags=("X",))]
    found = LazySentences(corpus_arrays(corpus))
    assert [s.tags for s in found] == [None, ("X",)]
    assert found.arrays.counts_by_tag() == {"X": 1}


def test_indices_are_those_of_a_sequence():
    found = LazySentences(
        corpus_arrays([Sentence(tokens=(token,), tags=("X",)) for token in "abc"])
    )
    assert [s.tokens for s in found[1:]] == [("b",), ("c",)]
    assert found[-1].tokens == ("c",)
    with pytest.raises(IndexError):
        found[3]


def test_columns_are_measured_while_there_is_metadata():
    corpus = [Sentence(tokens=("a",), metadata={"votes": votes}) for votes in (3, 5)]
    measures = {"votes": lambda some: np.array([s.metadata["votes"] for s in some], np.float64)}
    builder = CorpusArraysBuilder(measures)
    assert builder.take(corpus)[builder.measure_arrays["votes"]].tolist() == [3.0, 5.0]


def test_counting_goes_block_by_block(monkeypatch):
    monkeypatch.setattr(module, "BLOCK", 3)
    ids = np.array([1, 1, 0, 4, 1, 4, 2], np.uint8)
    assert count_ids(ids, 6).tolist() == np.bincount(ids, minlength=6).tolist()


def featured(*values):
    return [
        Sentence(tokens=("a",) * len(pos), features={"pos": tuple(pos), "x": ("1",) * len(pos)})
        for pos in values
    ]


def test_features_are_numbered_and_come_back():
    corpus = featured("NVN", "", "NX")
    found = corpus_arrays(corpus, features=("pos",))
    assert found.features["pos"].values == ("N", "V", "X")
    assert found.features["pos"].ids.tolist() == [0, 1, 0, 0, 2]
    assert found.features["pos"].counts() == {"N": 3, "V": 1, "X": 1}
    again = list(LazySentences(found))
    assert [s.features for s in again] == [{"pos": s.features["pos"]} for s in corpus]
    assert corpus_arrays(corpus).features == {}


def test_a_missing_feature_is_told_with_its_place():
    fact = "feature 'pos': expected one value per token, found"
    corpus = [*featured("N"), Sentence(tokens=("a",), source="x.conll:7")]
    with pytest.raises(UserError) as caught:
        corpus_arrays(corpus, features=("pos",))
    assert str(caught.value) == f"x.conll:7: {fact} none"
    short = Sentence(tokens=("a", "b"), features={"pos": ("N",)})
    with pytest.raises(UserError) as caught:
        corpus_arrays([short], features=("pos",))
    assert str(caught.value) == f"{fact} 1 value for 2 tokens"
    with pytest.raises(UserError, match=r"^feature 'chunk': expected"):
        corpus_arrays(
            LazySentences(corpus_arrays(corpus[:1], features=("pos",))), features=("chunk",)
        )


def test_lines_are_kept_if_all_sentences_are_of_one_file():
    def arrays_of(*sources):
        return corpus_arrays([Sentence(tokens=("a",), tags=("O",), source=s) for s in sources])

    one = arrays_of("dir:1/a.conll:3", "dir:1/a.conll:17")
    assert (one.place, one.lines.tolist()) == ("dir:1/a.conll:", [3, 17])
    assert [s.source for s in LazySentences(one)] == ["dir:1/a.conll:3", "dir:1/a.conll:17"]
    for sources in (("a:1", "b:2"), ("", ""), ("a:1", ""), ("a:x",)):
        found = arrays_of(*sources)
        assert (found.place, found.lines) == ("", None)
