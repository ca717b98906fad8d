"""Splitting by documents: documents stay whole, classes are on both sides, and when sentences are split instead."""

from collections import Counter
from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from seqlab.corpus.document_split import (
    FEWEST_DOCUMENTS,
    CorpusCut,
    count_documents,
    far_off,
    one_sided_classes,
    sentences_by_class,
    split_off,
)
from seqlab.corpus.reading import read_corpus
from seqlab.corpus.schemes import Scheme, class_of_tag, detect_scheme
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.stratify import stratified_split

Documents = list[list[str]]  # of each document the classes of its sentences, one a sentence


def corpus(documents: Documents) -> list[Sentence]:
    return [
        Sentence(tokens=(f"w{number}-{place}",), tags=(kind,), document=number)
        for number, kinds in enumerate(documents)
        for place, kind in enumerate(kinds)
    ]


def cut(sentences: list[Sentence], share: float = 0.3, seed: int = 1) -> CorpusCut:
    return split_off(sentences, share, scheme=Scheme.PLAIN, seed=seed)


def drawn(seed: int, documents: int = 12) -> Documents:
    generator = np.random.default_rng(seed)
    return [
        generator.choice(["A", "A", "A", "B", "C"], size=generator.integers(2, 9)).tolist()
        for _ in range(documents)
    ]


@given(
    st.lists(st.lists(st.sampled_from("AABC"), min_size=1, max_size=6), min_size=2, max_size=30),
    st.floats(0.1, 0.9),
    st.integers(0, 5),
)
def test_documents_are_whole_or_the_cut_is_that_of_sentences(documents, share, seed):
    sentences = corpus(documents)
    found = cut(sentences, share, seed)
    sides = (found.rest, found.part)
    assert [len({s.tokens for s in side}) for side in sides] == [len(side) for side in sides]
    if found.divided:
        assert sides == stratified_split(sentences, share, scheme=Scheme.PLAIN, seed=seed)
        assert (found.documents, found.one_sided) == (0, ())
        return
    assert len(documents) >= FEWEST_DOCUMENTS
    here, there = ({s.document for s in side} for side in sides)
    assert not here & there
    assert here | there == set(range(len(documents)))
    assert found.documents == len(there) > 0
    for side in sides:
        assert [s.tokens for s in sentences if s.document in {t.document for t in side}] == [
            s.tokens for s in side
        ]
    lacking = {
        kind
        for kind in "ABC"
        if sum(kind in kinds for kinds in documents) > 0
        and not all(any(s.tags == (kind,) for s in side) for side in sides)
    }
    sizes = Counter(kind for kinds in documents for kind in kinds)
    assert set(found.one_sided) <= {kind for kind in lacking if sizes[kind] > 1}
    assert all(sizes[kind] < 10 for kind in found.one_sided)


def distance(documents: Documents, picked: set[int], share: float) -> float:
    """Mean distance of the classes of some documents from their share, in sentences."""
    whole = Counter(kind for kinds in documents for kind in kinds)
    part = Counter(kind for number in picked for kind in documents[number])
    return sum(abs(part[kind] / whole[kind] - share) for kind in whole) / len(whole)


def test_few_of_all_cuts_are_better():
    for seed in range(5):
        documents = drawn(seed)
        found = cut(corpus(documents), 0.3, seed)
        ours = distance(documents, {s.document for s in found.part}, 0.3)
        every = [
            distance(documents, set(picked), 0.3)
            for size in range(1, len(documents))
            for picked in combinations(range(len(documents)), size)
        ]
        assert np.mean(np.array(every) < ours) < 0.02


@given(
    st.lists(st.integers(2, 5), min_size=3, max_size=6), st.floats(0.15, 0.85), st.integers(0, 5)
)
def test_a_class_of_two_documents_is_on_both_sides(sizes, share, seed):
    documents = [[f"K{kind}"] * 3 for kind, size in enumerate(sizes) for _ in range(size)]
    sentences = corpus(documents)
    units = [s.document for s in sentences]
    sides = stratified_split(sentences, share, scheme=Scheme.PLAIN, seed=seed, units=units)
    for side in sides:
        assert {s.tags[0] for s in side} == {f"K{kind}" for kind in range(len(sizes))}


def test_short_documents_are_not_gathered_on_one_side():
    documents = [["A", "B"] * size for size in (1, 1, 1, 2, 3, 5, 8, 20) * 10]
    found = cut(corpus(documents), 0.25)
    assert abs(found.documents - 20) <= 1
    assert abs(len(found.part) / len(corpus(documents)) - 0.25) < 0.02


def test_no_documents_are_not_remarked_on():
    told = corpus(drawn(1))
    for sentences in (
        [Sentence(tokens=s.tokens, tags=s.tags) for s in told],
        [Sentence(tokens=s.tokens, tags=s.tags, document=7) for s in told],
    ):
        found = cut(sentences)
        assert (found.rest, found.part) == stratified_split(
            sentences, 0.3, scheme=Scheme.PLAIN, seed=1
        )
        assert (found.manner(1), found.remarks("valid")) == ("", [])


def test_sentences_before_the_first_marker_are_a_document():
    sentences = [Sentence(tokens=(str(n),), tags=("A",)) for n in range(5)]
    sentences += corpus([["A"] * 5 for _ in range(11)])
    assert count_documents(sentences) == 12
    for seed in range(10):
        found = cut(sentences, seed=seed)
        assert {s.document for s in found.rest}.isdisjoint({s.document for s in found.part})


def test_too_few_documents():
    found = cut(corpus(drawn(1, documents=9)))
    assert found.manner(9) == ", sentence by sentence because 9 documents are too few"
    assert cut(corpus(drawn(1, documents=10))).manner(10) == ", 3 of 10 documents whole"


def test_one_document_that_is_nearly_all():
    found = cut(corpus([*drawn(1), ["A", "B"] * 500]))
    assert found.divided == "the 13 documents are too unequal in length"
    assert abs(len(found.part) / (len(found.rest) + len(found.part)) - 0.3) < 0.01


def test_a_class_of_one_document_divides_them_only_when_it_is_no_tiny_one():
    documents = drawn(1, documents=20)
    big = cut(corpus([*documents, ["A", *["RARE"] * 10]]))
    assert big.manner(21) == ", sentence by sentence because too few documents hold 'RARE'"
    for side in (big.rest, big.part):
        assert any(s.tags == ("RARE",) for s in side)
    tiny = cut(corpus([*documents, ["A", *["RARE"] * 9], ["A", "ONCE"]]))
    assert tiny.one_sided == ("RARE",)
    assert not any(s.tags == ("RARE",) for s in tiny.part)
    assert tiny.remarks("valid") == [
        "valid: classes on one side only, as too few documents hold them: 'RARE'"
    ]
    many = CorpusCut(rest=(), part=(), one_sided=("a", "b", "c", "d", "e"))
    assert many.remarks("test") == [
        "test: classes on one side only, as too few documents hold them: 'a', 'b', 'c' and 2 more"
    ]


def test_the_same_sentence_of_two_documents_may_be_on_both_sides():
    sentences = [
        Sentence(tokens=("Thanks", "."), tags=("A", "B"), document=number) for number in range(20)
    ]
    found = split_off(sentences, 0.3, scheme=Scheme.PLAIN, seed=1)
    assert (len(found.part), found.documents) == (6, 6)


def test_far_off():
    assert not far_off(0.08, 0.15)
    assert far_off(0.07, 0.15)
    assert far_off(0.23, 0.15)
    assert far_off(0.99, 0.9)
    assert not far_off(0.25, 0.5)
    assert far_off(0.24, 0.5)


def test_classes_of_one_side_by_hand():
    def tagged(*texts: str) -> list[Sentence]:
        return [Sentence(tokens=("w",) * len(t.split()), tags=tuple(t.split())) for t in texts]

    rest = tagged("B-A I-A B-A O", "O B-B", "B-A")
    part = tagged("B-B B-C", "O", "I-C")
    assert sentences_by_class(rest, Scheme.IOB2) == {"A": 2, "B": 1}
    assert sentences_by_class(rest, Scheme.PLAIN) == {"B-A": 2, "I-A": 1, "O": 2, "B-B": 1}
    assert one_sided_classes(rest, part, Scheme.IOB2) == {"A": 2, "C": 2}
    assert one_sided_classes(rest, rest, Scheme.IOB2) == {}


def test_wikigold_by_documents(shared_data):
    path = shared_data / "wikigold/CONLL-format/data/wikigold.conll.txt"
    sentences = read_corpus(path).sentences
    assert count_documents(sentences) == 145 == path.read_text().count("-DOCSTART-")
    scheme = detect_scheme(s.tags for s in sentences)
    for seed in range(3):
        found = split_off(sentences, 0.15, scheme=scheme, seed=seed)
        assert {s.document for s in found.rest}.isdisjoint({s.document for s in found.part})
        assert abs(found.documents - 0.15 * 145) < 2
        assert abs(len(found.part) / len(sentences) - 0.15) < 0.015
        whole, part = (
            Counter(kind for s in side for kind in {class_of_tag(t, scheme) for t in s.tags})
            for side in (sentences, found.part)
        )
        assert all(abs(part[kind] / whole[kind] - 0.15) < 0.015 for kind in whole)
