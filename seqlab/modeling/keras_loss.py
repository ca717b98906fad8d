"""Token losses as Keras losses: for `compile`, with one-hot labels, saved and loaded with a network."""

import inspect
import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import keras
import numpy as np
from keras import ops

from seqlab.errors import SettingsError, UserError, nearest, shorten
from seqlab.machine.numbers import is_number
from seqlab.machine.wording import plural
from seqlab.modeling import losses
from seqlab.modeling.losses import TokenLoss, token_cross_entropy

REDUCTION = "mean_with_sample_weight"
LOSSES: Mapping[str, Callable[..., Any]] = {
    "cross-entropy": token_cross_entropy,
    "label-smoothing": losses.label_smoothing,
    "focal": losses.focal,
    "logit-adjusted": losses.logit_adjusted,
    "ldam": losses.ldam,
}


def keras_loss(loss: str | TokenLoss = "cross-entropy", **options: Any) -> keras.losses.Loss:
    """A loss for `compile` and Keras' own `fit`, with one-hot labels (N, T, C) and probabilities (N, T, C).

    It divides by the sum of the sample weights. Keras' default divides by the number of unmasked tokens, whatever
    their weights; the network's BiLSTM provides a mask. Without a mask Keras divides by B * T, so that padding lowers
    the loss although its weight is 0. Without sample weights and mask this loss does the same.
    It runs on every backend of Keras.

    loss: cross-entropy, label-smoothing, focal, logit-adjusted or ldam. Or a function of tag ids (B, T), 0 on
    padding, and logits (B, T, C) that returns losses (B, T).
    options: options of the loss. label-smoothing: smoothing; focal: gamma; logit-adjusted: counts,
    tau; ldam: counts, margin. counts: int (C,), training tokens of each class.
    Raises SettingsError for an unknown loss, and for options that are unknown, missing or out of range.

    >>> keras_loss("focal", gamma=2.0).name
    'focal'
    """
    if loss in ("cross-entropy", token_cross_entropy) and not options:
        return keras.losses.CategoricalCrossentropy(reduction=REDUCTION)
    if isinstance(loss, partial):
        options = {**loss.keywords, **options}
        loss = loss.func
    named = next((name for name, known in LOSSES.items() if known is loss), loss)
    return OneHotLoss(named, options)


@keras.saving.register_keras_serializable(package="seqlab")
class OneHotLoss(keras.losses.Loss):
    """A token loss of one-hot labels and probabilities.

    Args:
        loss: a name of `LOSSES`, or a function of tag ids and logits.
        options: its further arguments.
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
        name = name or (loss if isinstance(loss, str) else "token_loss")
        super().__init__(name=name, reduction=reduction, **more)
        self.loss, self.options = loss, dict(options or {})
        self.token_loss = bind_options(loss, self.options)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The losses, float (B, T).

        y_true: one-hot (B, T, C); all-zero rows are padding. y_pred: probabilities (B, T, C).
        """
        classes = y_pred.shape[-1]
        if len(y_true.shape) != len(y_pred.shape) or y_true.shape[-1] not in (None, classes):
            raise UserError(
                f"labels have shape {tuple(y_true.shape)}, but probabilities have shape {tuple(y_pred.shape)}; "
                "give one-hot labels (N, T, C), with one column per class"
            )
        counts = self.options.get("counts")
        if counts is not None and len(counts) != classes:
            raise UserError(
                f"counts has {plural(len(counts), 'value')}, but there are {classes} classes; give one per class"
            )
        # Token losses take tag ids and logits. The logarithm of a probability serves as its logit.
        real = ops.max(y_true, axis=-1) > 0
        labels = ops.where(real, ops.argmax(y_true, axis=-1) + 1, 0)
        return self.token_loss(labels, ops.log(ops.maximum(y_pred, keras.config.epsilon())))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, for a saved network."""
        loss = self.loss
        options = {name: np.asarray(value).tolist() for name, value in self.options.items()}
        serialized = loss if isinstance(loss, str) else keras.saving.serialize_keras_object(loss)
        return {**super().get_config(), "loss": serialized, "options": options}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "OneHotLoss":
        """Create the loss of a saved network."""
        loss = config["loss"]
        if not isinstance(loss, str):
            config = {**config, "loss": keras.saving.deserialize_keras_object(loss)}
        return cls(**config)


def bind_options(loss: str | TokenLoss, options: Mapping[str, Any]) -> TokenLoss:
    """The token loss with its options set. Raises SettingsError; see `keras_loss`."""
    function = LOSSES.get(loss) if isinstance(loss, str) else loss
    if isinstance(function, keras.losses.Loss):
        raise SettingsError(
            f"loss is the Keras loss {function.name!r}; pass it to compile without keras_loss"
        )
    if not callable(function):
        known = ", ".join(LOSSES)
        raise SettingsError(f"unknown loss {loss!r}; expected {known}{nearest(loss, LOSSES)}")
    if not isinstance(loss, str):
        return partial(function, **options)
    parameters = list(inspect.signature(function).parameters.values())[2:]
    names = [parameter.name for parameter in parameters]
    for name in options:
        if name not in names:
            raise SettingsError(f"loss {loss!r} has no option {name!r}{nearest(name, names)}")
    missing = [p.name for p in parameters if p.default is p.empty and p.name not in options]
    if missing:
        raise SettingsError(f"loss {loss!r} needs the options {' and '.join(missing)}")
    for name, value in options.items():
        check_option(name, value)
    if "counts" in options:
        options = {**options, "counts": np.asarray(options["counts"])}
    return partial(function, **options)


def check_option(name: str, value: Any) -> None:
    """Raise SettingsError for an option that is out of range."""
    if name == "counts":
        counts = np.asarray(value)
        if counts.ndim != 1 or counts.dtype.kind not in "iu" or not (counts > 0).all():
            fact = f"counts is {shorten(repr(value))}"
            raise SettingsError(f"{fact}: expected the number of tokens per class, each above 0")
    elif not is_number(value) or not 0 <= value < (1 if name == "smoothing" else math.inf):
        expected = "a number from 0 to below 1" if name == "smoothing" else "a number, 0 or more"
        raise SettingsError(f"{name} is {value!r}: expected {expected}")
