"""Are probabilities what they say? A temperature fitted to gold tags, and the error that is left.

Guo et al. 2017, 'On calibration of modern neural networks': one number divides all scores before the
softmax. It changes how sure the model says it is, never which class comes first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from seqlab.arrays import AnyFloatArray, AnyIntArray, BoolArray, DoubleArray

LOWEST, HIGHEST = 0.05, 20.0  # a model without a single mistake would ask for a temperature of 0
HALVINGS = 60
BINS = 15


def calibrated(log_probabilities: AnyFloatArray, temperature: float) -> DoubleArray:
    """float64 (M, C), the softmax of log-probabilities (or logits) divided by a temperature.

    >>> calibrated(np.log([[0.9, 0.1]]), 2.0).round(2).tolist()
    [[0.75, 0.25]]
    """
    scaled = log_probabilities.astype(np.float64) / temperature
    powers = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    shares: DoubleArray = powers / powers.sum(axis=-1, keepdims=True)
    return shares


def negative_log_likelihood(
    log_probabilities: AnyFloatArray, labels: AnyIntArray, temperature: float = 1.0
) -> float | None:
    """The mean of -log p(gold), in nats a token; labels below 0 have no class and are left out."""
    known = labels >= 0
    if not known.any():
        return None
    scaled = log_probabilities[known].astype(np.float64) / temperature
    highest = scaled.max(axis=-1)
    total = highest + np.log(np.exp(scaled - highest[:, np.newaxis]).sum(axis=-1))
    return float((total - scaled[np.arange(len(scaled)), labels[known]]).mean())


def fit_temperature(log_probabilities: AnyFloatArray, labels: AnyIntArray) -> float:
    """The temperature of the least negative log-likelihood, between 0.05 and 20.

    log_probabilities: float (M, C). labels: int (M,), class of each token; below 0: left out.
    Returns 1 where no token has a class. The likelihood is convex in 1 / temperature, so its slope is
    halved in on: the same answer on every machine, and no step size.
    """
    known = labels >= 0
    if not known.any():
        return 1.0
    scores, gold = log_probabilities[known].astype(np.float64), labels[known]
    of_gold = scores[np.arange(len(scores)), gold].mean()
    low, high = np.log(LOWEST), np.log(HIGHEST)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        expected = (calibrated(scores, float(np.exp(middle))) * scores).sum(axis=-1).mean()
        # Surer than it is right: the scores it expects are above those of the gold classes.
        low, high = (middle, high) if expected > of_gold else (low, middle)
    return float(np.exp((low + high) / 2))


def expected_calibration_error(
    confidence: AnyFloatArray, correct: BoolArray, *, bins: int = BINS
) -> float | None:
    """How far confidence is from the share that is right, in equal bins, weighted by their tokens.

    confidence: float (M,), between 0 and 1. correct: bool (M,). None without tokens.

    >>> expected_calibration_error(np.array([0.9, 0.9]), np.array([True, False])).__round__(6)
    0.4
    """
    if not len(confidence):
        return None
    number = np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)
    gaps = np.bincount(number, weights=confidence - correct, minlength=bins)
    return float(np.abs(gaps).sum() / len(confidence))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """The tokens that were given a class: how sure the model was, and how often right.

    confidence, accuracy: means over `tokens`. error: their expected calibration error.
    """

    tokens: int
    confidence: float
    accuracy: float
    error: float

    def to_json(self) -> dict[str, Any]:
        """The class as metrics.json holds it."""
        names = ("tokens", "confidence", "accuracy", "error")
        return {name: getattr(self, name) for name in names}


def reliability(
    probabilities: AnyFloatArray, chosen: AnyIntArray, labels: AnyIntArray, classes: Sequence[str]
) -> Mapping[str, Reliability]:
    """By class that was predicted, how far its probabilities can be trusted; others are left out.

    probabilities: float (M, C). chosen: int (M,), the tag that was given. labels: int (M,), the gold one;
    below 0 it is none of the C, and what was given is wrong. classes: the class of each of the C tags.
    """
    confidence = probabilities[np.arange(len(chosen)), chosen]
    correct = chosen == labels
    names = tuple(dict.fromkeys(classes))
    of_tag = np.array([names.index(name) for name in classes])
    found = {}
    for index, name in enumerate(names):
        given = of_tag[chosen] == index
        error = expected_calibration_error(confidence[given], correct[given])
        if error is not None:
            found[name] = Reliability(
                tokens=int(given.sum()),
                confidence=float(confidence[given].mean()),
                accuracy=float(correct[given].mean()),
                error=error,
            )
    return found
