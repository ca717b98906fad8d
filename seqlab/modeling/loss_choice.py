"""From the name of a loss in the settings to the loss."""

from functools import partial

import numpy as np
from numpy.typing import NDArray

from seqlab.config import TrainSettings
from seqlab.modeling.hard_tokens import dice, focal
from seqlab.modeling.likelihood import EmissionWeighted, chain_likelihood
from seqlab.modeling.losses import TokenLoss, label_smoothing, token_cross_entropy
from seqlab.modeling.priors import ldam, logit_adjusted


def choose_loss(
    settings: TrainSettings,
    counts: NDArray[np.int64],
    *,
    class_weights: NDArray[np.float32] | None = None,
) -> TokenLoss:
    """The loss that the settings name, with its own options bound.

    counts: int64 (C,), training tokens of each class; those that know priors use them.
    class_weights: float32 (C,), needed where the settings have emission weights. Here their scale
    matters, as it does nowhere else: they are brought to mean 1 over the training tokens.
    """
    if settings.emission_weights and class_weights is not None:
        mean = counts @ class_weights / counts.sum()
        return EmissionWeighted(emission_weights=(class_weights / mean).astype(np.float32))
    if settings.crf_loss == "likelihood":
        return chain_likelihood
    losses: dict[str, TokenLoss] = {
        "cross-entropy": token_cross_entropy,
        "label-smoothing": partial(label_smoothing, smoothing=settings.smoothing),
        "focal": partial(focal, gamma=settings.focal_gamma),
        "dice": partial(dice, alpha=settings.dice_alpha),
        "logit-adjusted": partial(logit_adjusted, counts=counts, tau=settings.logit_tau),
        "ldam": partial(ldam, counts=counts, margin=settings.ldam_margin),
    }
    return losses[settings.loss]
