"""Calibrate probabilities with a temperature, and measure the calibration error that remains.

Guo et al. 2017, "On calibration of modern neural networks": one number divides all scores before the
softmax. It changes the probabilities but never their order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from seqlab.arrays import AnyFloatArray, AnyIntArray, BoolArray, DoubleArray, Int64Array

LOWEST, HIGHEST = 0.25, 10.0  # bounds of the temperature
BINS = 15


def calibrated(
    log_probabilities: AnyFloatArray, temperature: float, doubt: float = 0.0
) -> DoubleArray:
    """float64 (M, C): softmax(log_probabilities / temperature); logits give the same result.

    doubt: share of the result that is spread evenly over the C tags.

    >>> calibrated(np.log([[0.9, 0.1]]), 2.0).round(2).tolist()
    [[0.75, 0.25]]
    """
    scaled = log_probabilities.astype(np.float64) / temperature
    powers = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    probabilities: DoubleArray = powers / powers.sum(axis=-1, keepdims=True)
    doubted: DoubleArray = (1 - doubt) * probabilities + doubt / scaled.shape[-1]
    return doubted


def negative_log_likelihood(
    log_probabilities: AnyFloatArray,
    labels: AnyIntArray,
    temperature: float = 1.0,
    doubt: float = 0.0,
) -> float | None:
    """The mean of -log p(label) over tokens with a label, in nats; None without such tokens.

    log_probabilities: float (M, C). labels: int (M,), tag ids; negative ones are left out.
    """
    known = labels >= 0
    if not known.any():
        return None
    if doubt:
        probabilities = calibrated(log_probabilities[known], temperature, doubt)
        return float(-np.log(probabilities[np.arange(len(probabilities)), labels[known]]).mean())
    scaled = log_probabilities[known].astype(np.float64) / temperature
    highest = scaled.max(axis=-1)
    log_sum = highest + np.log(np.exp(scaled - highest[:, np.newaxis]).sum(axis=-1))
    return float((log_sum - scaled[np.arange(len(scaled)), labels[known]]).mean())


def fit_temperature(
    log_probabilities: AnyFloatArray, labels: AnyIntArray, *, smoothing: float = 0.0
) -> float:
    """The temperature in [0.25, 10] with the smallest loss; 1 without labels.

    log_probabilities: float (M, C). labels: int (M,), tag ids; negative ones are left out.
    smoothing: as in `smoothed_losses`; 0 makes the loss the negative log-likelihood.
    """
    from scipy.optimize import brentq  # takes long to import, and only training needs it

    known = labels >= 0
    if not known.any():
        return 1.0
    scores, gold = log_probabilities[known].astype(np.float64), labels[known]
    mean_target_score = target_scores(scores, gold, smoothing).mean()

    def slope(log_temperature: float) -> float:
        # The likelihood is convex in 1 / temperature. Its slope is the mean score that the network
        # expects minus the mean score of the targets: above 0, the network is overconfident.
        probabilities = calibrated(scores, float(np.exp(log_temperature)))
        return float((probabilities * scores).sum(axis=-1).mean() - mean_target_score)

    low, high = float(np.log(LOWEST)), float(np.log(HIGHEST))
    if not slope(low) > 0:  # also for scores that are not numbers
        return LOWEST
    if not slope(high) < 0:
        return HIGHEST
    return float(np.exp(brentq(slope, low, high)))


def smoothed_losses(
    log_probabilities: AnyFloatArray,
    labels: AnyIntArray,
    temperature: float,
    *,
    smoothing: float,
) -> DoubleArray:
    """float64 (M,): cross entropy of each token's target, in nats.

    log_probabilities: float (M, C). labels: int (M,), tag ids, none of them negative.
    smoothing: share of the target that the other tags have instead of the gold tag. They share it as the network does at
        temperature 1.
    """
    scores = log_probabilities.astype(np.float64)
    scaled = scores / temperature
    highest = scaled.max(axis=-1)
    log_sum = highest + np.log(np.exp(scaled - highest[:, np.newaxis]).sum(axis=-1))
    losses: DoubleArray = log_sum - target_scores(scores, labels, smoothing) / temperature
    return losses


def target_scores(scores: DoubleArray, labels: AnyIntArray, smoothing: float) -> DoubleArray:
    """float64 (M,): the mean of the scores of all tags, weighted by the target. Arguments as in `smoothed_losses`."""
    rows = np.arange(len(scores))
    gold = scores[rows, labels]
    if not smoothing:
        return gold
    others = scores.copy()
    others[rows, labels] = -np.inf
    shares = np.exp(others - others.max(axis=-1, keepdims=True))
    shares /= shares.sum(axis=-1, keepdims=True)
    targets: DoubleArray = (1 - smoothing) * gold + smoothing * (shares * scores).sum(axis=-1)
    return targets


def expected_calibration_error(
    confidence: AnyFloatArray, correct: BoolArray, *, bins: int = BINS
) -> float | None:
    """The mean gap between confidence and accuracy over equal-width bins, weighted by tokens.

    confidence: float (M,), probability of each chosen tag. correct: bool (M,). None without tokens.

    >>> expected_calibration_error(np.array([0.9, 0.9]), np.array([True, False])).__round__(6)
    0.4
    """
    if not len(confidence):
        return None
    gaps = np.bincount(bin_numbers(confidence, bins), weights=confidence - correct, minlength=bins)
    return float(np.abs(gaps).sum() / len(confidence))


def bin_numbers(confidence: AnyFloatArray, bins: int) -> Int64Array:
    """int64 (M,): the bin of each confidence. Bin k holds (k / bins, (k + 1) / bins], and bin 0 also 0."""
    return np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)


class ConfidenceBin(NamedTuple):
    """Predictions of similar confidence: their mean confidence, the share that is right, their number."""

    confidence: float
    accuracy: float
    predictions: int


def confidence_bins(
    confidence: AnyFloatArray, correct: BoolArray, *, bins: int = 10
) -> list[ConfidenceBin]:
    """The bins of a reliability diagram that hold predictions. confidence: float (M,). correct: bool (M,).

    >>> [tuple(one) for one in confidence_bins(np.array([0.5, 0.45, 0.2]), np.array([True, False, False]))]
    [(0.2, 0.0, 1), (0.475, 0.5, 2)]
    """
    numbers = bin_numbers(confidence, bins)
    counts = np.bincount(numbers, minlength=bins)
    sums = (np.bincount(numbers, weights=each, minlength=bins) for each in (confidence, correct))
    rows = zip(*(total.tolist() for total in sums), counts.tolist(), strict=True)
    return [ConfidenceBin(c / count, right / count, count) for c, right, count in rows if count]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """Confidence and accuracy over the tokens predicted as one class.

    confidence, accuracy: means over `tokens`. error: their expected calibration error.
    """

    tokens: int
    confidence: float
    accuracy: float
    error: float


def reliability(
    probabilities: AnyFloatArray, chosen: AnyIntArray, labels: AnyIntArray, classes: Sequence[str]
) -> Mapping[str, Reliability]:
    """How reliable the probabilities of each predicted class are; classes never predicted are left out.

    probabilities: float (M, C). chosen: int (M,), predicted tag ids.
    labels: int (M,), gold tag ids; a negative one makes the prediction wrong.
    classes: the class of each of the C tags.
    """
    confidence = probabilities[np.arange(len(chosen)), chosen]
    correct = chosen == labels
    names = tuple(dict.fromkeys(classes))
    class_of_tag = np.array([names.index(name) for name in classes])
    by_class = {}
    for index, name in enumerate(names):
        predicted = class_of_tag[chosen] == index
        error = expected_calibration_error(confidence[predicted], correct[predicted])
        if error is not None:
            by_class[name] = Reliability(
                tokens=int(predicted.sum()),
                confidence=float(confidence[predicted].mean()),
                accuracy=float(correct[predicted].mean()),
                error=error,
            )
    return by_class
