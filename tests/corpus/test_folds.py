"""Folds: every sentence in one, documents whole, classes in equal shares, the same for every training."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.corpus.folds import fold_of_sentences
from seqlab.corpus.schemes import Scheme
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.splits import load_splits
from seqlab.errors import SettingsError


def sentences(classes, documents=()):
    return [
        Sentence(tokens=(f"w{n}",), tags=(name,), document=documents[n] if documents else None)
        for n, name in enumerate(classes)
    ]


def folds_of(corpus, folds):
    return fold_of_sentences(corpus, folds=folds, scheme=Scheme.PLAIN)


@given(st.lists(st.sampled_from("AAAAB"), min_size=8, max_size=60), st.integers(2, 8))
def test_every_sentence_is_in_one_fold_and_no_fold_is_empty(classes, folds):
    found = folds_of(sentences(classes), folds)
    assert set(found) == set(range(1, folds + 1))
    assert len(found) == len(classes)
    assert found == folds_of(sentences(classes), folds)


def test_classes_are_spread_evenly():
    classes = ["A"] * 80 + ["B"] * 15 + ["C"] * 5
    members = folds_of(sentences(classes), 5)
    for fold in range(1, 6):
        inside = Counter(c for c, each in zip(classes, members, strict=True) if each == fold)
        assert inside == {"A": 16, "B": 3, "C": 1}


def test_documents_stay_whole_and_repeated_sentences_together():
    documents = [n // 6 for n in range(72)]
    members = folds_of(sentences("ABAAAB" * 12, documents), 4)
    assert {
        len({m for m, d in zip(members, documents, strict=True) if d == k}) for k in range(12)
    } == {1}
    assert Counter(members) == dict.fromkeys(range(1, 5), 18)
    twice = sentences("AB" * 10)
    assert folds_of(twice + twice, 3)[:20] == folds_of(twice + twice, 3)[20:]


def test_impossible_folds_are_refused():
    with pytest.raises(SettingsError) as error:
        folds_of(sentences("A" * 36, [n // 3 for n in range(36)]), 13)
    assert str(error.value) == "folds is 13: expected at most 12, as the corpus has 12 documents"
    with pytest.raises(SettingsError) as error:
        folds_of(sentences("AAA"), 4)
    assert (
        str(error.value)
        == "folds is 4: expected at most 3, as the corpus has 3 different sentences"
    )


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    path = tmp_path / "all.conll"
    path.write_text("\n\n".join(f"w{n}\tB-A\no\tO" for n in range(60)) + "\n")
    return path


def test_a_fold_is_the_test_split_and_the_folds_make_up_the_corpus(corpus):
    splits = [load_splits(corpus, folds=3, fold=fold, seed=fold) for fold in (1, 2, 3)]
    tested = [sentence for each in splits for sentence in each.test]
    assert sorted(s.tokens for s in tested) == sorted((f"w{n}", "o") for n in range(60))
    for each in splits:
        parts = [{s.tokens for s in part} for part in (each.train, each.valid, each.test)]
        assert [len(part) for part in parts] == [34, 6, 20]
        assert len(set.union(*parts)) == 60
    assert splits[0].notes[0] == f"test: fold 1 of 3 of {corpus}: 20 sentences; 40 left"


def test_a_validation_file_leaves_the_rest_to_training(corpus, tmp_path):
    valid = tmp_path / "dev.conll"
    valid.write_text("v\tB-A\n")
    splits = load_splits(corpus, valid, folds=3, fold=2)
    assert (len(splits.train), len(splits.valid), len(splits.test)) == (40, 1, 20)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"folds": 3}, "folds is 3, but fold is not given: train tests one fold, compare tests all of them"),
        ({"folds": 3, "fold": 4}, "fold is 4: expected a number from 1 to 3, as folds is 3"),
        ({"folds": 3, "fold": 1, "test": "t.conll"}, "folds = 3 and test = 't.conll' contradict each other"),
        ({"folds": 3, "fold": 1, "test_share": 0.2}, "folds = 3 and test_share = 0.2 contradict each other"),
        ({"folds": 61, "fold": 1}, "folds is 61: expected at most 60, as the corpus has 60 different sentences"),
    ],
)  # fmt: skip
def test_mistakes(corpus, options, message):
    with pytest.raises(SettingsError) as error:
        load_splits(corpus, **options)
    assert str(error.value).removesuffix("; give one of them") == message
