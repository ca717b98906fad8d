"""The sentence weights of a run: products of factors, the scale of train, and the notes."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given

from seqlab.corpus.corpus_arrays import corpus_arrays
from seqlab.corpus.schemes import Scheme
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.splits import Splits
from seqlab.errors import WeightsError
from seqlab.experiment.sentence_weights import weigh_splits
from seqlab.settings.training import make_settings
from tests.strategies import corpora


def sentence(length, weight=1.0, **metadata):
    return Sentence(tokens=("a",) * length, weight=weight, metadata=metadata, source="t:1")


TRAIN = (
    sentence(2, confidence="0.5", date="2024-01-01", votes=3),
    sentence(4, weight=2.0, confidence="1", date="2024-01-11", votes=1),
)
VALID = (sentence(8, confidence="0.25", date="2024-02-01", votes=2),)


def splits_of(train, valid):
    arrays = {"train": corpus_arrays(train), "valid": corpus_arrays(valid)}
    return Splits(train=train, valid=valid, test=None, scheme=Scheme.PLAIN, notes=(), arrays=arrays)


def weighed(train=TRAIN, valid=VALID, **settings):
    """The weights of train and valid, and the notes."""
    splits, notes = weigh_splits(make_settings(**settings), splits_of(train, valid))
    for name, sentences in (("train", splits.train), ("valid", splits.valid)):
        assert splits.arrays[name].weights.tolist() == [s.weight for s in sentences]
    return [s.weight for s in splits.train], [s.weight for s in splits.valid], notes


def test_each_factor_by_hand():
    assert weighed(sentence_weights="length")[:2] == ([0.5, 2.0], [2.0])
    assert weighed(sentence_weights="confidence")[:2] == ([0.5, 2.0], [0.25])
    assert weighed(sentence_weights="field", weight_field="votes")[:2] == ([3.0, 2.0], [2.0])
    # Age counts from the newest training sentence; newer sentences, as in validation, weigh 1.
    recent = weighed(sentence_weights="recency", half_life=10)[:2]
    assert recent == ([0.5, 2.0], [1.0])
    stated = weighed(sentence_weights="recency", half_life=10, newest_date="2024-01-21")[:2]
    assert stated == ([0.25, 1.0], [1.0])


def test_factors_multiply_in_any_order():
    options = {"half_life": 10.0, "weight_field": "votes"}
    ways = ["length", "confidence", "recency", "field"]
    train, valid, notes = weighed(sentence_weights=ways, **options)
    assert train == [0.5 * 0.5 * 0.5 * 3, 2.0]  # the second one's stated weight of 2 stays
    assert valid == [2 * 0.25 * 1 * 2]
    assert weighed(sentence_weights=ways[::-1], **options)[:2] == (train, valid)
    assert len(notes) == 6
    assert notes[5].startswith("sentence weights, all factors together; smallest 0.375, ")


def test_the_spread_is_noted():
    notes = weighed(sentence_weights="length")[2]
    assert notes == (
        "sentence weights: the corpus's own (weight); smallest 1, mean 1.5, largest 2; "
        "the heaviest tenth carries 67 %",
        "sentence weights: length; smallest 0.5, mean 0.75, largest 1; "
        "the heaviest tenth carries 67 %",
        "sentence weights, all factors together; smallest 0.5, mean 1.25, largest 2; "
        "the heaviest tenth carries 80 %",
    )
    assert weighed()[2] == notes[:1]
    plain = tuple(replace(sentence, weight=1.0) for sentence in TRAIN)
    assert weighed(plain, sentence_weights="length")[2] == notes[1:2]
    assert weighed(plain)[2] == ()


def test_token_weights_are_noted():
    train = (Sentence(tokens=("a", "b"), token_weights=(0.5, 1.5)), Sentence(tokens=("c",)))
    assert weighed(train)[2] == (
        "token weights; smallest 0.5, mean 1, largest 1.5; the heaviest tenth carries 50 %",
    )


def test_a_validation_split_without_the_field_is_not_weighted():
    plain = (sentence(3, weight=0.5),)
    _, valid, notes = weighed(valid=plain, sentence_weights="confidence")
    assert valid == [0.5]
    assert notes[2] == "valid: no sentence has a field 'confidence'; confidence is not used there"


def test_a_validation_split_with_the_field_in_some_sentences_is_refused():
    with pytest.raises(WeightsError, match="this sentence has no field 'confidence'"):
        weighed(valid=(*VALID, sentence(3)), sentence_weights="confidence")


def test_the_field_may_have_another_name():
    train = (sentence(1, sure="0.5"), sentence(1, sure="1"))
    found = weighed(train, train, sentence_weights="confidence", confidence_field="sure")
    assert found[0] == found[1] == [0.5, 1.0]


def test_a_malformed_newest_date_is_refused():
    with pytest.raises(WeightsError, match=r"^newest_date is 'now'; expected an ISO 8601 date"):
        weighed(sentence_weights="recency", half_life=1, newest_date="now")


def test_weights_that_are_all_zero_are_refused():
    with pytest.raises(WeightsError, match=r"^the weights of all 1 training sentences are 0$"):
        weighed((sentence(1, confidence=0),), VALID, sentence_weights="confidence")


@given(corpora(weighted=True))
def test_nothing_but_weights_changes(corpus):
    train = (*corpus, sentence(1))
    splits, _ = weigh_splits(make_settings(sentence_weights="length"), splits_of(train, train))
    first = splits.train
    assert [s.weight for s in first] == [s.weight for s in splits.valid]
    longest = max(map(len, train))
    for before, after in zip(train, first, strict=True):
        ones = (1.0,) * len(before)  # where others have weights
        assert (before.tokens, before.tags) == (after.tokens, after.tags)
        assert (before.token_weights or ones) == (after.token_weights or ones)
        np.testing.assert_allclose(after.weight, before.weight * len(before) / longest)
