"""Standardising is compared with scikit-learn's StandardScaler."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.preprocessing import StandardScaler

from seqlab.corpus.sentence import Sentence
from seqlab.encoding import number_scaling
from seqlab.encoding.encoder import fit_encoder
from seqlab.encoding.number_scaling import FARTHEST, fit_scaling, scaled_inputs
from seqlab.errors import UserError

NAN = math.nan


def inputs(train, other, name="x"):
    """The inputs of `other`, scaled by `train`."""
    return scaled_inputs([np.array(other, float)], [fit_scaling(np.array(train, float), name)])


@given(
    st.lists(st.floats(-1e6, 1e6) | st.just(NAN), min_size=2, max_size=40),
    st.sampled_from([1e-9, 1.0, 1e9]),
    st.sampled_from([0.0, 1.0, -1e12]),
)
def test_standardised_as_scikit_learn_does(values, factor, shift):
    train = np.array(values) * factor + shift
    if np.isnan(train).all():
        return
    scaler = StandardScaler().fit(train[:, None])
    scaling = fit_scaling(train, "x")
    assert scaling.mean == pytest.approx(scaler.mean_[0], rel=1e-12, abs=1e-300)
    assert scaling.deviation == pytest.approx(scaler.scale_[0], rel=1e-6)
    expected = np.nan_to_num(scaler.transform(train[:, None])[:, 0], nan=0.0)
    # The two means may differ in their last bits, which count for much where the numbers hardly differ.
    bits = 8 * np.spacing(abs(scaler.mean_[0])) / scaler.scale_[0]
    found = inputs(train, train)[:, 0]
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4 + bits)


def test_blocks_change_nothing(monkeypatch):
    numbers = np.random.default_rng(1).normal(1e6, 3, 1000)
    numbers[::7] = NAN
    scaler = StandardScaler().fit(numbers[:, None])
    monkeypatch.setattr(number_scaling, "BLOCK", 13)
    scaling = fit_scaling(numbers, "x")
    assert scaling.mean == pytest.approx(scaler.mean_[0], rel=1e-14)
    assert scaling.deviation == pytest.approx(scaler.scale_[0], rel=1e-12)
    assert scaling.missing


@pytest.mark.parametrize("value", [0.0, 3.0, 0.1, -1e17])
def test_a_constant_column_has_scale_1_as_in_scikit_learn(value):
    train = [value] * 1000
    assert StandardScaler().fit(np.array(train)[:, None]).scale_[0] == 1.0
    assert fit_scaling(np.array(train), "x").deviation == 1.0
    assert inputs([value], [value, value + 1e20]).tolist() == [[0.0], [FARTHEST]]


def test_a_missing_number_is_the_mean_and_has_an_indicator_if_training_misses_any():
    assert inputs([1, 3], [1, NAN, 3]).tolist() == [[-1], [0], [1]]
    assert inputs([1, NAN, 3], [1, NAN, 3]).tolist() == [[-1, 0], [0, 1], [1, 0]]


def test_numbers_far_outside_training_stay_finite():
    far = inputs([0, 1e-100], [1e308, -1e308, 1.0])
    assert far[:, 0].tolist() == [FARTHEST, -FARTHEST, FARTHEST]


def test_a_column_without_numbers_and_numbers_too_large_are_refused():
    with pytest.raises(UserError) as caught:
        fit_scaling(np.array([NAN, NAN]), "size")
    expected = (
        "numeric column 'size' has no number in training: every token misses it; leave it out"
    )
    assert str(caught.value) == expected
    with pytest.raises(UserError) as caught:
        fit_scaling(np.array([1e200, -1e300]), "size")
    assert str(caught.value) == (
        "numeric column 'size' holds numbers too large to standardise: their mean is -5e+299; "
        "give their logarithms"
    )


def sentence(*numbers, name="size"):
    return Sentence(
        tokens=("a",) * len(numbers), tags=("O",) * len(numbers), numbers={name: numbers}
    )


def test_only_the_training_split_is_fitted():
    encoder = fit_encoder([sentence(1.0, 3.0)], numeric_columns=["size"])
    encoded = encoder.encode([sentence(100.0), sentence(5.0, NAN)])
    assert encoded.padded(max_tokens=2).numbers.tolist() == [[[98.0], [0.0]], [[3.0], [0.0]]]
    assert encoder.number_inputs == 1


def test_columns_stand_one_after_another_and_padding_is_0():
    sentences = [
        Sentence(tokens=("a", "b"), tags=("O", "O"), numbers={"x": (0.0, 2.0), "y": (NAN, 4.0)}),
        Sentence(tokens=("a",), tags=("O",), numbers={"x": (4.0,), "y": (6.0,)}),
    ]
    encoder = fit_encoder(sentences, numeric_columns=["y", "x"])
    numbers = encoder.encode(sentences).windows(1).padded(max_tokens=2).numbers
    deviation = math.sqrt(8 / 3)
    expected = [[0, 1, -2 / deviation], [-1, 0, 0], [1, 0, 2 / deviation]]
    np.testing.assert_allclose(numbers[:, 0], expected, rtol=1e-6)
    assert not numbers[:, 1].any()


def test_sentences_without_the_numbers_are_refused():
    encoder = fit_encoder([sentence(1.0, 3.0)], numeric_columns=["size"])
    for bad, found in (
        (Sentence(tokens=("a",)), "expected one number per token, found none"),
        (
            Sentence(tokens=("a", "b"), numbers={"size": (1.0,)}),
            "expected one number per token, found 1 for 2 tokens",
        ),
    ):
        with pytest.raises(UserError) as caught:
            encoder.encode([bad])
        assert str(caught.value) == f"numeric column 'size': {found}"
    with pytest.raises(UserError) as caught:
        encoder.encode([sentence(math.inf)])
    assert str(caught.value) == (
        "sentence 1: numeric column 'size' holds float inf; expected a finite number, or NaN if it is missing"
    )
