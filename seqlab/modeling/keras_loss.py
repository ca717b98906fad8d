"""The losses of a token in Keras' terms: for `compile`, on one-hot labels, saved and loaded with a network."""

import inspect
import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from seqlab.errors import SettingsError, UserError, nearest, shorten
from seqlab.machine.numbers import is_number
from seqlab.modeling.losses import (
    TokenLoss,
    dice,
    focal,
    label_smoothing,
    ldam,
    logit_adjusted,
    token_cross_entropy,
)

REDUCTION = "mean_with_sample_weight"
LOSSES: Mapping[str, Callable[..., Any]] = {
    "cross-entropy": token_cross_entropy,
    "label-smoothing": label_smoothing,
    "focal": focal,
    "dice": dice,
    "logit-adjusted": logit_adjusted,
    "ldam": ldam,
}


def keras_loss(loss: str | TokenLoss = "cross-entropy", **options: Any) -> keras.losses.Loss:
    """A loss to compile a network with for Keras' own `fit`: one-hot labels (N, T, C), probabilities (N, T, C).

    Its reduction divides by the sum of the sample weights. Keras' default divides by the number of
    tokens that its mask leaves (the network's BiLSTM hands one on) whatever they weigh; without a
    mask by B * T, so that padding waters the loss down although its weight is 0. So does this one where
    there are neither sample weights nor a mask.

    loss: cross-entropy, label-smoothing, focal, dice, logit-adjusted or ldam; or a function of tag ids (B, T),
    0 on padding, and scores (B, T, C), that gives losses (B, T).
    options: of the loss: smoothing; gamma; alpha; counts, int (C,), training tokens of each class, and tau
    or margin.
    Raises SettingsError for a loss that there is not, and for options that it does not take or lacks.

    >>> keras_loss("focal", gamma=2.0).name
    'focal'
    """
    if loss in ("cross-entropy", token_cross_entropy) and not options:
        return keras.losses.CategoricalCrossentropy(reduction=REDUCTION)
    if isinstance(loss, partial):
        options = {**loss.keywords, **options}
        loss = loss.func
    return OneHotLoss(
        next((name for name, known in LOSSES.items() if known is loss), loss), options
    )


@keras.saving.register_keras_serializable(package="seqlab")
class OneHotLoss(keras.losses.Loss):
    """A token loss on one-hot labels and probabilities.

    Args:
        loss: a name of `LOSSES`, or a function of tag ids and scores. options: what it takes besides.
    """

    def __init__(
        self,
        loss: str | TokenLoss,
        options: Mapping[str, Any] | None = None,
        *,
        name: str | None = None,
        reduction: str = REDUCTION,
        **more: Any,
    ) -> None:
        super().__init__(
            name=name or (loss if isinstance(loss, str) else "token_loss"),
            reduction=reduction,
            **more,
        )
        self.loss, self.options = loss, dict(options or {})
        self.token_loss = bound(loss, self.options)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """y_true: (B, T, C), all-zero rows are padding. y_pred: probabilities (B, T, C)."""
        classes = y_pred.shape[-1]
        if y_true.shape.rank != y_pred.shape.rank or y_true.shape[-1] not in (None, classes):
            raise UserError(
                f"labels of shape {tuple(y_true.shape)} for probabilities of shape {tuple(y_pred.shape)}; "
                "expected one-hot labels (N, T, C), a column for each class"
            )
        counts = self.options.get("counts")
        if counts is not None and len(counts) != classes:
            raise UserError(f"counts of {len(counts)} classes for probabilities of {classes}")
        real = tf.reduce_max(y_true, axis=-1) > 0
        labels = tf.where(real, tf.argmax(y_true, axis=-1, output_type=tf.int32) + 1, 0)
        return self.token_loss(labels, tf.math.log(tf.maximum(y_pred, keras.config.epsilon())))

    def get_config(self) -> dict[str, Any]:
        """What a saved network needs to be compiled again."""
        loss = self.loss
        options = {name: np.asarray(value).tolist() for name, value in self.options.items()}
        written = loss if isinstance(loss, str) else keras.saving.serialize_keras_object(loss)
        return {**super().get_config(), "loss": written, "options": options}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "OneHotLoss":
        """The loss of a saved network."""
        loss = config["loss"]
        if not isinstance(loss, str):
            config = {**config, "loss": keras.saving.deserialize_keras_object(loss)}
        return cls(**config)


def bound(loss: str | TokenLoss, options: Mapping[str, Any]) -> TokenLoss:
    """The function of tag ids and scores, its options set."""
    function = LOSSES.get(loss) if isinstance(loss, str) else loss
    if isinstance(function, keras.losses.Loss):
        raise SettingsError(f"{function.name} is a loss of Keras already: compile with it as it is")
    if not callable(function):
        known = ", ".join(LOSSES)
        raise SettingsError(f"unknown loss {loss!r}; expected {known}{nearest(loss, LOSSES)}")
    if not isinstance(loss, str):
        return partial(function, **options)
    takes = list(inspect.signature(function).parameters.values())[2:]
    names = [entry.name for entry in takes]
    for name in options:
        if name not in names:
            raise SettingsError(f"loss {loss!r} takes no option {name!r}{nearest(name, names)}")
    missing = [
        entry.name for entry in takes if entry.default is entry.empty and entry.name not in options
    ]
    if missing:
        raise SettingsError(f"loss {loss!r} needs {' and '.join(missing)}, as keywords")
    for name, value in options.items():
        check_option(name, value)
    arrays = {
        name: np.asarray(value) if name == "counts" else value for name, value in options.items()
    }
    return partial(function, **arrays)


def check_option(name: str, value: Any) -> None:
    """Refuse an option of a loss that is no number of its range, or no counts."""
    if name == "counts":
        counts = np.asarray(value)
        if counts.ndim != 1 or counts.dtype.kind not in "iu" or not (counts > 0).all():
            fact = f"counts is {shorten(repr(value))}"
            raise SettingsError(f"{fact}: expected the tokens of each class, all above 0")
    elif not is_number(value) or not 0 <= value < (1 if name == "smoothing" else math.inf):
        expected = "a share, from 0 to below 1" if name == "smoothing" else "a number, 0 or more"
        raise SettingsError(f"{name} is {value!r}: expected {expected}")
    elif name == "smooth" and not value:
        raise SettingsError(f"smooth is {value!r}: expected a number above 0")
