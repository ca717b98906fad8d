"""From settings to the loss of training."""

from functools import partial
from typing import get_args

import numpy as np

from seqlab.arrays import FloatArray, Int64Array
from seqlab.modeling import losses
from seqlab.modeling.crf_likelihood import EmissionWeightedLikelihood, crf_likelihood
from seqlab.settings.choices import LossName
from seqlab.settings.training import TrainSettings, make_settings


def choose_loss(
    settings: TrainSettings, counts: Int64Array, *, class_weights: FloatArray | None = None
) -> losses.TokenLoss:
    """The loss that the settings name, with its options bound.

    counts: int64 (C,), training tokens with each tag; some losses use them as priors.
    class_weights: float32 (C,), the weight of each tag; needed for --emission-weights. There their scale
    matters, so they are scaled to mean 1 over the training tokens.
    """
    counts = np.maximum(counts, 1)  # a continued run may have tags that the new corpus lacks
    if settings.emission_weights and class_weights is not None:
        scaled = class_weights / (counts @ class_weights / counts.sum())
        return EmissionWeightedLikelihood(emission_weights=scaled.astype(np.float32))
    if settings.crf_loss == "likelihood":
        return crf_likelihood
    by_name: dict[str, losses.TokenLoss] = {
        "cross-entropy": losses.token_cross_entropy,
        "label-smoothing": partial(losses.label_smoothing, smoothing=settings.smoothing),
        "focal": partial(losses.focal, gamma=settings.focal_gamma),
        "logit-adjusted": partial(losses.logit_adjusted, counts=counts, tau=settings.logit_tau),
        "ldam": partial(losses.ldam, counts=counts, margin=settings.ldam_margin),
    }
    return by_name[settings.loss]


def default_losses(counts: Int64Array) -> dict[str, losses.TokenLoss]:
    """Each loss of --loss by its name, with default options. counts: int64 (C,), training tokens with each tag."""
    return {name: choose_loss(make_settings(loss=name), counts) for name in get_args(LossName)}
