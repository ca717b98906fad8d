"""Sentence weights: each formula compared with a loop and an example by hand, and each error."""

import math
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.corpus.sentence import Sentence
from seqlab.errors import WeightsError
from seqlab.weighting.sentence_weights import (
    confidence_weights,
    field_weights,
    length_weights,
    parse_date,
    recency_weights,
    sentence_dates,
)


def said(*values, field="x"):
    """Sentences with these metadata values; None means no field."""
    return [
        Sentence(
            tokens=("a",),
            metadata={} if value is None else {field: value},
            source=f"t.conll:{number}",
        )
        for number, value in enumerate(values, 1)
    ]


def refused(read, *values):
    with pytest.raises(WeightsError) as caught:
        read(said(*values), "x")
    return str(caught.value)


@given(st.lists(st.integers(1, 500), min_size=1, max_size=20))
def test_length_is_the_share_of_the_longest_of_all(lengths):
    longest = 0
    for length in lengths:
        longest = max(longest, length)
    assert length_weights(lengths).tolist() == [length / longest for length in lengths]


@given(st.lists(st.integers(1, 500), min_size=2, max_size=20), st.randoms())
def test_length_weights_do_not_depend_on_the_order(lengths, dice):
    """Dividing by the longest length so far would fail this."""
    order = list(range(len(lengths)))
    dice.shuffle(order)
    shuffled = length_weights([lengths[index] for index in order])
    assert shuffled.tolist() == length_weights(lengths)[order].tolist()


def test_dividing_inside_the_loop_is_another_number():
    longest, wrong = 0, []
    for length in (2, 8, 4):
        longest = max(longest, length)
        wrong.append(length / longest)
    assert wrong == [1.0, 1.0, 0.5]
    assert length_weights([2, 8, 4]).tolist() == [0.25, 1.0, 0.5]


def test_length_beside_the_longest_of_another_split():
    assert length_weights([5, 20], longest=10).tolist() == [0.5, 2.0]


@given(st.lists(st.floats(-1e5, 1e5), max_size=9), st.floats(0.01, 1e5))
def test_recency_halves_with_every_half_life(days, half_life):
    found = recency_weights(days, half_life)
    for age, weight in zip(days, found.tolist(), strict=True):
        halvings = min(age / half_life, 100) if age > 0 else 0
        assert weight == pytest.approx(math.exp(-math.log(2) * halvings))
        assert 0 < np.float32(weight) <= 1


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("1970-01-01", 0),
        ("1970-01-02T00:00:00", 1),
        ("1970-01-02T00:00:00Z", 1),
        ("1970-01-02T02:00:00+02:00", 1),
        (" 2024-03-01 ", (date(2024, 3, 1) - date(1970, 1, 1)).days),
        ("1969-12-31", -1),
    ],
)
def test_dates_are_days(text, days):
    assert parse_date(text, "here") == days
    assert sentence_dates(said(text), "x").tolist() == [days]


def test_numbers_come_from_text_and_from_json():
    assert confidence_weights(said("0.8", 1, 0.25), "x").tolist() == [0.8, 1.0, 0.25]
    assert field_weights(said("12", 0, 2.5), "x").tolist() == [12.0, 0.0, 2.5]


def test_a_missing_field_is_reported_with_source_and_nearest_name():
    for read in (confidence_weights, field_weights, sentence_dates):
        assert refused(read, None) == "t.conll:1: this sentence has no field 'x'"
    with pytest.raises(WeightsError, match=r"t.conll:1: .*'confidence'; nearest: 'confidance'"):
        confidence_weights(said(1, field="confidance"), "confidence")


@pytest.mark.parametrize("value", ["high", 1.5, -0.1, "nan", "inf", True, [1], {}, "", 10**400])
def test_a_malformed_confidence_is_reported_with_its_source(value):
    expected = f"t.conll:2: 'x' is {value!r}; expected a number from 0 to 1"
    assert refused(confidence_weights, 1, value) == expected


@pytest.mark.parametrize("value", ["heavy", -1, "nan", "inf", False])
def test_a_malformed_weight_is_reported_with_its_source(value):
    expected = f"t.conll:2: 'x' is {value!r}; expected a number from 0 to 1e+09"
    assert refused(field_weights, 1, value) == expected


@pytest.mark.parametrize("value", ["yesterday", "2024-13-01", "01.03.2024", ""])
def test_a_malformed_date_is_reported_with_its_source(value):
    assert refused(sentence_dates, "2024-01-01", value) == (
        f"t.conll:2: 'x' is {value!r}; expected an ISO 8601 date, for example '2024-03-01'"
    )


def test_a_date_that_is_a_number():
    assert refused(sentence_dates, 12.5).startswith(
        "t.conll:1: 'x' is '12.5'; expected an ISO 8601 date"
    )


WRONG_LENGTHS = "expected lengths of 0 or more and a divisor above 0"


@pytest.mark.parametrize(
    ("lengths", "longest", "fact"),
    [
        ([-1, 2], None, "lengths range from -1 to 2, the divisor is 2"),
        ([0, 0], None, "lengths range from 0 to 0, the divisor is 0"),
        ([1, 3], 0, "lengths range from 1 to 3, the divisor is 0"),
        ([1, 3], -2, "lengths range from 1 to 3, the divisor is -2"),
    ],
)
def test_lengths_that_give_no_weights(lengths, longest, fact):
    with pytest.raises(WeightsError) as caught:
        length_weights(lengths, longest=longest)
    assert str(caught.value) == f"{fact}; {WRONG_LENGTHS}"


def test_lengths_of_0_and_no_lengths():
    assert length_weights([0, 4]).tolist() == [0.0, 1.0]
    assert length_weights([]).tolist() == []


def test_the_smallest_weight_is_that_of_100_half_lives():
    assert recency_weights([99.0, 100.0, 1e9], 1.0).tolist() == [2.0**-99, 2.0**-100, 2.0**-100]


@pytest.mark.parametrize("half_life", [0, -1, math.nan])
def test_a_half_life_of_no_days(half_life):
    with pytest.raises(WeightsError) as caught:
        recency_weights([1.0], half_life)
    assert str(caught.value) == f"half_life is {half_life}; expected days above 0"


def test_the_largest_numbers_of_a_field():
    assert field_weights(said(1e9), "x").tolist() == [1e9]
    assert refused(field_weights, 1.1e9) == (
        "t.conll:1: 'x' is 1100000000.0; expected a number from 0 to 1e+09"
    )


def test_no_sentences_have_no_weights():
    for read in (confidence_weights, field_weights, sentence_dates):
        assert (read([], "x").dtype, read([], "x").tolist()) == (np.float64, [])
