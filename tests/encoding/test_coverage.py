import numpy as np

from seqlab.corpus.sentence import Sentence
from seqlab.encoding.coverage import Coverage, corpus_coverage, count_coverage, describe_coverage
from seqlab.encoding.vectors import WordVectors

VECTORS = WordVectors({"ada": 0, "saw": 1, "0000": 2}, np.ones((3, 2), np.float32))
TOKENS = ("Ada", "Stone", "saw", "saw", "1999")


BY_CASE = WordVectors({"the": 0, "Paris": 1, "paris": 2}, np.ones((3, 2), np.float32))


def of(*tags):
    return corpus_coverage([Sentence(tokens=TOKENS, tags=tags or None)], VECTORS)


def test_each_part_by_hand():
    found = of("B-PER", "I-PER", "O", "O", "B-DATE")
    assert found.tokens == Coverage(exact=2, lower=2, unknown=1)
    assert found.types == Coverage(exact=1, lower=2, unknown=1)
    assert found.entity_tokens == Coverage(exact=0, lower=2, unknown=1)


def test_plain_tags_and_no_tags_have_no_entities():
    assert of("NOUN", "NOUN", "VERB", "VERB", "NUM").entity_tokens is None
    assert of().entity_tokens is None
    assert of(*"OOOOO").entity_tokens == Coverage(exact=0, lower=0, unknown=0)


def test_coverage_by_hand():
    #        exact  exact    lower  lower  exact    none   none
    tokens = ["the", "Paris", "The", "THE", "paris", "dog", "1984", "the"]
    assert count_coverage(tokens, BY_CASE) == Coverage(exact=4, lower=2, unknown=2)
    assert count_coverage(set(tokens), BY_CASE) == Coverage(exact=3, lower=2, unknown=2)
    assert count_coverage(tokens, BY_CASE).total == 8
    assert str(count_coverage(tokens, BY_CASE)) == "50.0% exact, 25.0% lower-case, 25.0% unknown"
    assert str(count_coverage([], BY_CASE)) == "nothing to cover"


def test_a_normalised_spelling_counts_with_lower_case():
    years = WordVectors({"0000": 0}, np.ones((1, 2), np.float32))
    assert years.find("1984") == "0000"
    assert years.find("198") is None
    assert count_coverage(["1984", "0000"], years) == Coverage(exact=1, lower=1, unknown=0)


def test_coverage_of_a_split_in_one_line():
    split = [Sentence(tokens=("the", "the", "The", "dog")), Sentence(tokens=("dog",))]
    assert describe_coverage("valid", split, BY_CASE) == (
        "valid by token: 40.0% exact, 20.0% lower-case, 40.0% unknown; "
        "by type: 33.3% exact, 33.3% lower-case, 33.3% unknown"
    )
