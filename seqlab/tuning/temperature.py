"""Fit the temperature of a tagger, and keep as much of it as held-out sentences confirm.

If a network makes no mistake on a few sentences, the best temperature there is near 0. With it, mistakes on other sentences
would get a probability near 1. So the fit is limited in two ways. The target of a gold tag is not 1 but 1 - 1 / (tokens + 2)
(Platt 1999, "Probabilistic outputs for support vector machines"). And the temperature is fitted on all folds but one and
judged on the held-out fold, as the biases are in `cross_fitting`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seqlab.arrays import BoolArray, DoubleArray
from seqlab.tuning.calibration import fit_temperature, smoothed_losses
from seqlab.tuning.cross_fitting import FOLDS, SHARES, fold_masks
from seqlab.tuning.labelled_scores import LabelledScores


@dataclass(frozen=True, kw_only=True)
class FittedTemperature:
    """A temperature, and what held-out sentences say about it.

    fitted: the temperature with the smallest loss on all sentences. share: the power of it that is kept, from 0 to 1.
    doubt: share of every probability that is spread over all tags; see `DecisionRule`.
    folds: how many folds were held out in turn; 0 for fewer than two sentences.
    before, after: mean loss on held-out folds at temperature 1, and at the one kept; None without folds.
    """

    fitted: float
    share: float
    doubt: float
    folds: int
    before: float | None
    after: float | None

    @property
    def temperature(self) -> float:
        """The temperature that is kept."""
        return float(self.fitted**self.share)


def cross_fit_temperature(
    data: LabelledScores, *, folds: int = FOLDS, shares: Sequence[float] = SHARES
) -> FittedTemperature:
    """Fit a temperature, and find the power of it with the smallest loss on held-out sentences.

    A temperature below 1 raises confidence. It must not raise the mean loss of the tokens outside the most frequent
    class. Otherwise the many tokens of that class would decide for all others. Among equal losses the smallest power wins.
    """
    doubt = 1 / (int((data.labels >= 0).sum()) + 2)
    fitted = temperature_of(data, doubt)
    masks = list(fold_masks(data, folds))
    if len(masks) < 2:
        return FittedTemperature(
            fitted=fitted, share=0.0, doubt=doubt, folds=0, before=None, after=None
        )
    temperatures = [temperature_of(data.subset(~mask), doubt) for mask in masks]
    rarer = outside_most_frequent(data)

    def losses(share: float) -> tuple[float, float]:
        by_token: DoubleArray = np.zeros(len(data.gold))
        for mask, temperature in zip(masks, temperatures, strict=True):
            by_token[mask] = token_losses(data.subset(mask), temperature**share, doubt)
        known = data.labels >= 0
        return mean_of(by_token[known]), mean_of(by_token[known & rarer])

    by_share = {share: losses(share) for share in sorted({0.0, *shares})}
    allowed = [s for s, loss in by_share.items() if fitted >= 1 or loss[1] <= by_share[0.0][1]]
    best = min(allowed, key=lambda share: by_share[share][0])  # min keeps the first of equals
    return FittedTemperature(
        fitted=fitted,
        share=best,
        doubt=doubt,
        folds=len(masks),
        before=by_share[0.0][0],
        after=by_share[best][0],
    )


def temperature_of(data: LabelledScores, smoothing: float) -> float:
    """The temperature with the smallest smoothed loss."""
    return fit_temperature(data.log_probabilities, data.labels, smoothing=smoothing)


def token_losses(data: LabelledScores, temperature: float, smoothing: float) -> DoubleArray:
    """float64 (M,): the smoothed loss of each token; 0 where the network does not know the gold tag."""
    labels = data.labels
    losses = smoothed_losses(
        data.log_probabilities, np.maximum(labels, 0), temperature, smoothing=smoothing
    )
    return np.where(labels >= 0, losses, 0.0)


def outside_most_frequent(data: LabelledScores) -> BoolArray:
    """Bool (M,): whether a token is predicted as another class than the one predicted most often."""
    names = tuple(dict.fromkeys(data.classes))
    class_of_tag = np.array([names.index(name) for name in data.classes])
    predicted = class_of_tag[data.log_probabilities.argmax(axis=-1)]
    outside: BoolArray = predicted != np.bincount(predicted, minlength=1).argmax()
    return outside


def mean_of(losses: DoubleArray) -> float:
    """The mean; 0 of nothing."""
    return float(losses.mean()) if len(losses) else 0.0
