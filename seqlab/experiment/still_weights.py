"""A note when a training does not move its weights at all: then no loss can fall, and nothing else would say so."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from seqlab.arrays import AnyArray
from seqlab.modeling.variables import copy_variable
from seqlab.settings.training import TrainSettings

LARGEST = 100_000  # numbers in a weight that is looked at; the word table is larger
SMALLEST_MOVE = 1e-6  # of a weight, in a whole epoch. Adam moves a weight by up to the learning rate in each step


class WeightWatch:
    """Remembers the smaller weights of a network before training, to say after the first epoch whether they moved."""

    def __init__(self, network: keras.Model) -> None:
        self.variables: list[Any] = [
            v for v in network.trainable_variables if np.prod(v.shape) <= LARGEST
        ]
        self.before: Sequence[AnyArray] = [copy_variable(v) for v in self.variables]

    def note(self, settings: TrainSettings) -> str | None:
        """A line that names the likely setting if no weight has moved; else None."""
        for variable, before in zip(self.variables, self.before, strict=True):
            # NaN counts as a move: divergence has a message of its own.
            if not np.allclose(copy_variable(variable), before, rtol=0.0, atol=SMALLEST_MOVE):
                return None
        return f"note: the loss has not moved in the first epoch: {likely_cause(settings)}"


def likely_cause(settings: TrainSettings) -> str:
    """What keeps the weights where they are, and what to do.

    >>> from seqlab.settings.training import make_settings
    >>> likely_cause(make_settings(clip_norm=1e-300))
    'clip_norm is 1e-300, which scales every gradient to nothing; try a larger --clip-norm'
    """
    rate, clip, gamma = settings.learning_rate, settings.clip_norm, settings.focal_gamma
    if clip < SMALLEST_MOVE:
        return f"clip_norm is {clip:g}, which scales every gradient to nothing; try a larger --clip-norm"
    if rate < SMALLEST_MOVE:
        return f"learning_rate is {rate:g}; try a larger --learning-rate"
    if settings.loss == "focal" and gamma > 10:
        return f"focal_gamma is {gamma:g}, which makes every loss 0; try a smaller --focal-gamma, such as 2"
    return (
        "no gradient reaches the weights; look at the loss and the weights of classes and sentences"
    )
