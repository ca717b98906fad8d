"""The CRF head: scores of single tokens in, marginals over all paths of the sentence out."""

from typing import Any

import keras
import tensorflow as tf
from keras import layers, ops

from seqlab.modeling.crf_forward_backward import log_marginals, messages


@keras.saving.register_keras_serializable(package="seqlab")
class CrfMarginals(layers.Layer):
    """A linear chain over the tags; it has scores of its own for neighbours, first and last tags.

    What it gives is log p(y_t | x), so that the softmax of it is p(y_t | x), and whatever takes scores
    before a softmax may take it: with cross entropy of it a token's loss is -log of its marginal
    (Kakade, Teh & Roweis 2002), which token weights weigh as any other loss. All weights start at 0,
    where the chain is a softmax for each token.

    Call arguments:
        emissions: float (B, T, C), scores of each token's tags.
        real: bool (B, T), True on at least one token of a sentence, padding on the right.

    Returns float32 (B, T, C), finite and without meaning on padding.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.supports_masking = True  # hands the recurrent layers' mask on to Keras' losses

    def build(self, emissions_shape: Any, real_shape: Any) -> None:
        """Weights for C tags."""
        classes = emissions_shape[-1]
        self.transitions = self.add_weight(
            shape=(classes, classes), initializer="zeros", name="transitions"
        )
        self.start = self.add_weight(shape=(classes,), initializer="zeros", name="start")
        self.end = self.add_weight(shape=(classes,), initializer="zeros", name="end")
        self.built = True

    def call(self, emissions: Any, real: Any) -> Any:
        """The log-marginals."""
        return log_marginals(emissions, *self.scores(), lengths(real))

    def messages(self, emissions: Any, real: Any) -> tuple[Any, Any]:
        """What the tokens before and after each say of its tag: see `chain.messages`."""
        before, after, _ = messages(emissions, *self.scores(), lengths(real))
        return before, after

    def scores(self) -> tuple[Any, Any, Any]:
        """The layer's own scores as tensors: transitions (C, C), start (C,) and end (C,)."""
        transitions, start, end = (
            tf.convert_to_tensor(variable.value)
            for variable in (self.transitions, self.start, self.end)
        )
        return transitions, start, end

    def compute_output_shape(self, emissions_shape: Any, real_shape: Any) -> Any:
        """(B, T, C), as it came."""
        return emissions_shape


def lengths(real: Any) -> Any:
    """The real tokens, int32 (B,), of each sentence of a mask (B, T)."""
    return ops.sum(ops.cast(real, "int32"), axis=1)
