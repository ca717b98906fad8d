"""Temperature and calibration error against brute force and by hand."""

from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.tuning.calibration import (
    HIGHEST,
    LOWEST,
    calibrated,
    confidence_bins,
    expected_calibration_error,
    fit_temperature,
    negative_log_likelihood,
    reliability,
    smoothed_losses,
)


def toy(seed, *, tokens=60, classes=4, sharpness=1.0):
    """Log-probabilities, and labels drawn from their softmax at temperature `sharpness`."""
    dice = np.random.default_rng(seed)
    logits = dice.normal(size=(tokens, classes)) * 3
    truth = calibrated(logits, sharpness)
    labels = np.array([dice.choice(classes, p=row) for row in truth])
    return np.log(calibrated(logits, 1.0)), labels


def plain_nll(scores, labels, temperature):
    powers = np.exp(scores / temperature)
    return -np.log(powers[np.arange(len(labels)), labels] / powers.sum(axis=1)).mean()


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("sharpness", [0.4, 1.0, 3.0])
def test_the_temperature_equals_the_best_of_a_fine_grid(seed, sharpness):
    scores, labels = toy(seed, sharpness=sharpness)
    grid = np.exp(np.linspace(np.log(LOWEST), np.log(HIGHEST), 3001))
    best = min(grid, key=lambda temperature: plain_nll(scores, labels, temperature))
    temperature = fit_temperature(scores, labels)
    assert temperature == pytest.approx(best, rel=0.003)
    assert (
        negative_log_likelihood(scores, labels, temperature)
        <= plain_nll(scores, labels, best) + 1e-9
    )


@pytest.mark.parametrize("temperature", [0.3, 1.0, 2.5])
def test_the_likelihood_is_that_of_the_softmax_by_hand(temperature):
    scores, labels = toy(5, sharpness=2.0)
    assert negative_log_likelihood(scores, labels, temperature) == pytest.approx(
        plain_nll(scores, labels, temperature)
    )


def test_an_overconfident_model_gets_a_temperature_above_1():
    scores, labels = toy(1, tokens=4000, sharpness=2.0)
    assert fit_temperature(scores, labels) == pytest.approx(2.0, rel=0.1)


def test_tokens_without_a_label_are_left_out():
    scores, labels = toy(2)
    more = np.concatenate([scores, scores[:9] * 5])
    labelled = np.concatenate([labels, np.full(9, -1)])
    assert fit_temperature(more, labelled) == fit_temperature(scores, labels)
    assert negative_log_likelihood(more, labelled) == negative_log_likelihood(scores, labels)
    assert fit_temperature(scores, np.full(60, -1)) == 1.0
    assert negative_log_likelihood(scores, np.full(60, -1)) is None


def test_a_model_without_a_mistake_gets_the_lowest_temperature():
    scores = np.log([[0.9, 0.1], [0.2, 0.8]])
    assert fit_temperature(scores, np.array([0, 1])) == pytest.approx(LOWEST)
    assert fit_temperature(scores, np.array([1, 0])) == pytest.approx(HIGHEST)


@pytest.mark.bits("copied")
@given(st.integers(0, 1000), st.floats(LOWEST, HIGHEST))
def test_a_temperature_never_changes_the_most_probable_class(seed, temperature):
    scores, _ = toy(seed)
    probabilities = calibrated(scores, temperature)
    np.testing.assert_array_equal(probabilities.argmax(axis=-1), scores.argmax(axis=-1))
    np.testing.assert_allclose(probabilities.sum(axis=-1), 1)


def test_calibration_error_by_hand():
    confidence = np.array([0.95, 0.95, 0.95, 0.95, 0.55, 0.55])
    correct = np.array([True, True, True, False, True, True])
    # |0.95 - 0.75| on 4 of 6 tokens, |0.55 - 1| on 2 of 6.
    expected = (4 * 0.20 + 2 * 0.45) / 6
    assert expected_calibration_error(confidence, correct, bins=10) == pytest.approx(expected)
    # In one bin gaps of both signs cancel out.
    assert expected_calibration_error(confidence, correct, bins=1) == pytest.approx(
        abs(confidence.mean() - correct.mean())
    )


@pytest.mark.parametrize("bins", [3, 10, 15])
def test_calibration_error_equals_a_loop_over_bins(bins):
    dice = np.random.default_rng(bins)
    confidence, correct = dice.random(400), dice.random(400) < 0.5
    expected = 0.0
    for number in range(bins):
        inside = (confidence > number / bins) & (confidence <= (number + 1) / bins)
        if inside.any():
            gap = confidence[inside].mean() - correct[inside].mean()
            expected += abs(gap) * inside.sum() / 400
    assert expected_calibration_error(confidence, correct, bins=bins) == pytest.approx(expected)


def test_calibration_error_of_extreme_confidence():
    right = np.array([True, False])
    assert expected_calibration_error(np.array([1.0, 0.0]), right) == 0
    assert expected_calibration_error(np.array([0.0, 1.0]), right) == 1
    assert expected_calibration_error(np.zeros(0), np.zeros(0, np.bool_)) is None


def test_reliability_by_hand():
    probabilities = np.array([[0.7, 0.2, 0.1], [0.6, 0.3, 0.1], [0.1, 0.8, 0.1]])
    by_class = reliability(
        probabilities, np.array([0, 0, 1]), np.array([0, 1, -1]), ["PER", "PER", "O"]
    )
    assert set(by_class) == {"PER"}  # O was never predicted
    person = by_class["PER"]
    assert (person.tokens, person.accuracy) == (3, pytest.approx(1 / 3))
    assert person.confidence == pytest.approx(0.7)
    assert person.error == pytest.approx((0.3 + 0.6 + 0.8) / 3)  # three tokens, three bins
    assert set(asdict(person)) == {"tokens", "confidence", "accuracy", "error"}


def test_calibration_error_has_15_bins_and_a_border_belongs_to_the_lower():
    right = np.array([True, False])
    near = np.array([0.61, 0.65])  # both between 9 / 15 and 10 / 15
    assert expected_calibration_error(near, right) == pytest.approx((0.61 + 0.65 - 1) / 2)
    border = np.array([0.1, 0.2])
    assert expected_calibration_error(border, right, bins=5) == pytest.approx((1 - 0.1 - 0.2) / 2)
    apart = np.array([0.1, 0.3])  # in the first and the second bin
    assert expected_calibration_error(apart, right, bins=5) == pytest.approx((0.9 + 0.3) / 2)


def test_the_bounds_of_the_temperature():
    assert (LOWEST, HIGHEST) == (0.25, 10)
    sure = np.log([[0.9, 0.1], [0.2, 0.8]])
    assert fit_temperature(sure, np.array([0, 1])) == 0.25
    assert fit_temperature(sure, np.array([1, 0])) == 10
    assert fit_temperature(np.full((2, 2), np.nan), np.array([0, 1])) == 0.25
    assert fit_temperature(np.zeros((2, 2)), np.array([0, 1])) == 0.25  # any temperature is as good


def test_large_logits_do_not_overflow():
    logits = np.array([[1000.0, 999.0], [-1000.0, -1001.0]])
    right = 1 / (1 + np.exp(-1.0))
    np.testing.assert_allclose(calibrated(logits, 1.0), [[right, 1 - right]] * 2)
    np.testing.assert_allclose(calibrated(logits, 1000.0)[0, 0], 1 / (1 + np.exp(-0.001)))
    labels = np.array([0, 0])
    assert negative_log_likelihood(logits, labels) == pytest.approx(-np.log(right))
    assert negative_log_likelihood(logits.astype(np.float32), labels, 0.5) == pytest.approx(
        np.log(1 + np.exp(-2.0))
    )


def test_confidence_bins_are_those_of_scikit_learn():
    from sklearn.calibration import calibration_curve

    dice = np.random.default_rng(4)
    confidence = np.concatenate([dice.random(500), [0.1, 0.2, 0.3, 0.5, 1.0]])
    correct = dice.random(505) < confidence
    bins = confidence_bins(confidence, correct)
    accuracy, mean = calibration_curve(correct, confidence, n_bins=10)
    assert [one.accuracy for one in bins] == pytest.approx(accuracy)
    assert [one.confidence for one in bins] == pytest.approx(mean)
    assert sum(one.predictions for one in bins) == 505


def test_smoothed_losses_are_cross_entropies_with_a_smoothed_target():
    scores, labels = toy(3)
    smoothing, temperature = 0.1, 1.7
    losses = smoothed_losses(scores, labels, temperature, smoothing=smoothing)
    for row, label, loss in zip(scores, labels, losses, strict=True):
        others = np.exp(row)
        others[label] = 0
        target = smoothing * others / others.sum()
        target[label] = 1 - smoothing
        logs = row / temperature - np.log(np.exp(row / temperature).sum())
        assert loss == pytest.approx(-(target * logs).sum())
    plain = smoothed_losses(scores, labels, temperature, smoothing=0.0).mean()
    assert plain == pytest.approx(plain_nll(scores, labels, temperature))


@pytest.mark.parametrize("seed", range(3))
def test_the_smoothed_temperature_equals_the_best_of_a_fine_grid(seed):
    scores, labels = toy(seed, sharpness=0.6)
    grid = np.exp(np.linspace(np.log(LOWEST), np.log(HIGHEST), 3001))
    best = min(grid, key=lambda t: smoothed_losses(scores, labels, t, smoothing=0.05).mean())
    assert fit_temperature(scores, labels, smoothing=0.05) == pytest.approx(best, rel=0.003)


def test_doubt_is_spread_over_all_tags():
    scores, labels = toy(6)
    plain = calibrated(scores, 2.0)
    doubted = calibrated(scores, 2.0, 0.1)
    np.testing.assert_allclose(doubted, 0.9 * plain + 0.1 / 4)
    expected = -np.log(doubted[np.arange(60), labels]).mean()
    assert negative_log_likelihood(scores, labels, 2.0, 0.1) == pytest.approx(expected)
