"""The temporal matrix compared with a loop, for one-hot labels and for class ids.

All axes differ in the examples by hand: 2 sentences, 3 tokens, 4 classes.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.errors import WeightsError
from seqlab.weighting.temporal import temporal_weights


@st.composite
def cases(draw):
    """Ids (N, T), a mask (N, T), and the three weights; at least one real token."""
    sentences, tokens, classes = (draw(st.integers(1, n)) for n in (4, 5, 3))
    shape = (sentences, tokens)
    seed = np.random.default_rng(draw(st.integers(0, 2**32)))
    mask = seed.random(shape) < draw(st.sampled_from([0.3, 0.9]))
    mask[0, 0] = True
    ids = seed.integers(0, classes, shape)
    per_class, per_sentence = seed.uniform(0.1, 9, classes), seed.uniform(0, 3, sentences)
    per_token = seed.uniform(0, 3, shape)
    per_sentence[0] = per_token[0, 0] = 1
    return ids, mask, per_class, per_sentence, per_token


def one_hot(ids, mask, classes):
    return (np.eye(classes, dtype=np.float32)[ids]) * mask[..., np.newaxis]


@given(cases())
def test_the_matrix_is_the_product_of_the_three(case):
    ids, mask, per_class, per_sentence, per_token = case
    expected = np.zeros(ids.shape)
    for n, t in np.argwhere(mask):
        expected[n, t] = per_class[ids[n, t]] * per_sentence[n] * per_token[n, t]
    given_weights = {"sentence_weights": per_sentence, "token_weights": per_token, "mask": mask}
    plain = temporal_weights(ids, per_class, normalise=False, **given_weights)
    np.testing.assert_allclose(plain, expected, rtol=1e-5)
    scaled = temporal_weights(ids, per_class, **given_weights)
    np.testing.assert_allclose(scaled, expected / expected[mask].mean(), rtol=1e-5)


@pytest.mark.bits("repeated")
@given(cases())
def test_one_hot_and_integer_labels_give_the_same(case):
    ids, mask, per_class, per_sentence, per_token = case
    labels = one_hot(ids, mask, len(per_class))
    weights = {"sentence_weights": per_sentence, "token_weights": per_token}
    from_ids = temporal_weights(ids, per_class, mask=mask, **weights)
    np.testing.assert_array_equal(temporal_weights(labels, per_class, **weights), from_ids)
    np.testing.assert_array_equal(
        temporal_weights(labels.astype(bool), per_class, mask=mask, **weights), from_ids
    )


@given(cases())
def test_padding_weighs_exactly_0_and_real_tokens_1_on_average(case):
    ids, mask, per_class, per_sentence, per_token = case
    weights = temporal_weights(
        ids, per_class, sentence_weights=per_sentence, token_weights=per_token, mask=mask
    )
    assert weights.dtype == np.float32
    assert weights.shape == ids.shape
    assert (weights[~mask] == 0).all()
    assert weights[mask].mean(dtype=np.float64) == pytest.approx(1, rel=1e-5)


@pytest.mark.bits("padding")
@given(cases(), st.integers(-9, 99))
def test_values_on_padding_are_ignored(case, anything):
    ids, mask, per_class, _, per_token = case
    weights = temporal_weights(ids, per_class, token_weights=per_token, mask=mask)
    ids, per_token = np.where(mask, ids, anything), np.where(mask, per_token, np.nan)
    again = temporal_weights(ids, per_class, token_weights=per_token, mask=mask)
    np.testing.assert_array_equal(again, weights)


@pytest.mark.bits("copied")
@given(cases())
def test_a_batch_cut_from_the_matrix_has_the_matrix_s_weights(case):
    ids, mask, per_class, _, _ = case
    whole = temporal_weights(ids, per_class, mask=mask, normalise=False)
    batch = temporal_weights(ids[:1], per_class, mask=mask[:1], normalise=False)
    np.testing.assert_array_equal(batch, whole[:1])


IDS = np.array([[0, 2, 1], [3, 0, 0]])
MASK = np.array([[True, True, True], [True, True, False]])
LABELS = one_hot(IDS, MASK, 4)
WEIGHTS = np.array([1.0, 2.0, 4.0, 8.0])


def test_by_hand():
    weights = temporal_weights(
        LABELS,
        WEIGHTS,
        sentence_weights=[1, 3],
        token_weights=[[1, 0, 1], [0.5, 1, 7]],
        normalise=False,
    )
    assert weights.tolist() == [[1, 0, 2], [12, 3, 0]]


def test_a_mask_may_leave_tokens_out_of_one_hot_labels():
    mask = MASK & [[True, False, True]]
    weights = temporal_weights(LABELS, WEIGHTS, mask=mask, normalise=False)
    assert weights.tolist() == [[1, 0, 2], [8, 0, 0]]


def test_a_class_that_does_not_occur_may_have_any_weight():
    weights = temporal_weights(LABELS[:, :1], [1, -1, np.nan, 1])
    assert weights.tolist() == [[1], [1]]


@pytest.mark.parametrize("shape", [(0, 3, 4), (2, 0, 4), (2, 3, 4)])
def test_labels_without_tokens_weigh_nothing(shape):
    weights = temporal_weights(np.zeros(shape), WEIGHTS)
    assert weights.shape == shape[:2]
    assert not weights.any()


@pytest.mark.bits("copied")
def test_arguments_are_not_changed():
    token_weights = np.ones((2, 3), np.float32)
    labels, mask = LABELS.copy(), MASK.copy()
    temporal_weights(labels, WEIGHTS, token_weights=token_weights, mask=mask)
    assert (token_weights == 1).all()
    np.testing.assert_array_equal(labels, LABELS)
    np.testing.assert_array_equal(mask, MASK)


def test_the_sum_of_weights_may_exceed_float32():
    weights = temporal_weights(LABELS, [3e38] * 4)
    np.testing.assert_allclose(weights, MASK, rtol=1e-6)


def test_weights_that_are_all_0_have_no_mean_of_1():
    with pytest.raises(WeightsError) as caught:
        temporal_weights(LABELS, WEIGHTS, sentence_weights=[0, 0])
    assert str(caught.value) == (
        "the weights of all 5 tokens add up to 0.0, so their mean can't be 1; "
        "give at least one token a weight above 0, or pass normalise=False"
    )
    silent = temporal_weights(LABELS, WEIGHTS, sentence_weights=[0, 0], normalise=False)
    assert not silent.any()
