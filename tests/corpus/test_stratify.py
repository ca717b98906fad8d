"""The stratified split: classes on both sides, and shares no worse than those of `iterative-stratification`."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from iterstrat.ml_stratifiers import MultilabelStratifiedShuffleSplit

from seqlab.corpus.reading import read_corpus
from seqlab.corpus.schemes import Scheme, class_of_tag, detect_scheme
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.stratify import stratified_split
from seqlab.errors import SettingsError, UserError
from tests import strategies

shares = st.floats(0.02, 0.98)


@given(st.lists(st.integers(1, 12), min_size=1, max_size=6), shares, st.integers(0, 9))
def test_single_classes_are_on_both_sides(sizes, share, seed):
    sentences = [
        Sentence(tokens=(f"{kind}-{n}",), tags=(f"K{kind}",))
        for kind, size in enumerate(sizes)
        for n in range(size)
    ]
    if len(sentences) < 2:
        return
    sides = stratified_split(sentences, share, scheme=Scheme.PLAIN, seed=seed)
    for kind, size in enumerate(sizes):
        found = [sum(s.tags == (f"K{kind}",) for s in side) for side in sides]
        assert min(found) >= (size > 1)
        assert abs(found[1] - share * size) <= 1.5


@given(strategies.corpora(max_sentences=12), shares, st.integers(0, 9))
def test_sides_are_parts_in_order_and_share_no_sentence(corpus, share, seed):
    if len({s.tokens for s in corpus}) < 2:
        with pytest.raises(UserError, match="expected at least 2 different ones"):
            stratified_split(corpus, share, scheme=Scheme.PLAIN, seed=seed)
        return
    rest, part = stratified_split(corpus, share, scheme=Scheme.PLAIN, seed=seed)
    assert rest
    assert part
    assert not {s.tokens for s in rest} & {s.tokens for s in part}
    for side in (rest, part):
        wanted = {id(s) for s in side}
        assert [id(s) for s in corpus if id(s) in wanted] == [id(s) for s in side]
    assert len(rest) + len(part) == len(corpus)
    assert (rest, part) == stratified_split(corpus, share, scheme=Scheme.PLAIN, seed=seed)


def test_seeds_differ_and_sentences_without_spans_are_shared_out():
    sentences = [Sentence(tokens=(str(n),), tags=("O",)) for n in range(100)]
    parts = [stratified_split(sentences, 0.2, scheme=Scheme.IOB2, seed=s)[1] for s in range(3)]
    assert len({tuple(s.tokens for s in part) for part in parts}) == 3
    assert {len(part) for part in parts} == {20}


def test_repeated_sentences_count_as_often_as_they_stand():
    generator = np.random.default_rng(1)
    sentences = [
        Sentence(tokens=(f"w{int(generator.exponential(20))}",), tags=("X",)) for _ in range(2000)
    ]
    _, part = stratified_split(sentences, 0.25, scheme=Scheme.PLAIN, seed=1)
    assert abs(len(part) / 2000 - 0.25) < 0.01


def test_classes_that_cannot_all_be_on_both_sides():
    pairs = ("A B", "A C", "B C")
    sentences = [Sentence(tokens=tuple(p.split()), tags=tuple(p.split())) for p in pairs]
    for seed in range(5):
        rest, part = stratified_split(sentences, 0.3, scheme=Scheme.PLAIN, seed=seed)
        assert (len(rest), len(part)) == (2, 1)


def test_refusals():
    two = [Sentence(tokens=("a",), tags=("O",)), Sentence(tokens=("b",))]
    with pytest.raises(SettingsError, match=r"share = 1\.5; expected a fraction between 0 and 1"):
        stratified_split(two, 1.5, scheme=Scheme.IOB2, seed=1)
    with pytest.raises(UserError, match="without tags can't be stratified"):
        stratified_split(two, 0.5, scheme=Scheme.IOB2, seed=1)
    with pytest.raises(UserError, match="can't split 0 sentences, 0 of them different"):
        stratified_split([], 0.5, scheme=Scheme.IOB2, seed=1)


def deviations(counts: np.ndarray, chosen: np.ndarray, share: float) -> np.ndarray:
    """Distance of the part from its share: the mean over classes, by sentences and by tokens."""
    holds = counts > 0
    by_sentences = holds[chosen].sum(0) / holds.sum(0)
    by_tokens = counts[chosen].sum(0) / counts.sum(0)
    return np.array([np.abs(by_sentences - share).mean(), np.abs(by_tokens - share).mean()])


@pytest.mark.parametrize("share", [0.15, 0.3])
@pytest.mark.parametrize(
    "file",
    ["gum_ner/CONLL-format/data/train/gum-train.conll",
     "wikigold/CONLL-format/data/wikigold.conll.txt"],
)  # fmt: skip
def test_no_worse_than_iterative_stratification(shared_data, file, share):
    sentences = read_corpus(shared_data / file).sentences
    scheme = detect_scheme(s.tags for s in sentences)
    rows = [Counter(class_of_tag(tag, scheme) for tag in s.tags) for s in sentences]
    classes = sorted({kind for row in rows for kind in row} - {"O"})
    counts = np.array([[row[kind] for kind in classes] for row in rows])
    ours, theirs = np.zeros(2), np.zeros(2)
    for seed in range(3):
        _, part = stratified_split(sentences, share, scheme=scheme, seed=seed)
        picked = {id(s) for s in part}
        chosen = np.array([id(s) in picked for s in sentences])
        ours += deviations(counts, chosen, share)
        splitter = MultilabelStratifiedShuffleSplit(n_splits=1, test_size=share, random_state=seed)
        (_, index), *_ = splitter.split(counts, counts > 0)
        theirs += deviations(counts, np.isin(np.arange(len(counts)), index), share)
        assert (counts[chosen].sum(0) > 0).all()
        assert (counts[~chosen].sum(0) > 0).all()
    assert ours[0] <= theirs[0] * 1.1
    assert ours[1] <= theirs[1] * 0.6
