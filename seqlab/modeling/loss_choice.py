"""From the name of a loss in the settings to the loss."""

from functools import partial

import numpy as np
from numpy.typing import NDArray

from seqlab.config import TrainSettings
from seqlab.modeling.hard_tokens import dice, focal
from seqlab.modeling.likelihood import chain_likelihood
from seqlab.modeling.losses import TokenLoss, label_smoothing, token_cross_entropy
from seqlab.modeling.priors import ldam, logit_adjusted


def choose_loss(settings: TrainSettings, counts: NDArray[np.int64]) -> TokenLoss:
    """The loss that the settings name, with its own options bound.

    counts: int64 (C,), training tokens of each class; those that know priors use them.
    """
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
