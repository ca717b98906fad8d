"""The CRF output layer: emissions in, log-marginals over all paths of the sentence out."""

from typing import Any

import keras
import tensorflow as tf
from keras import layers, ops

from seqlab.modeling.crf_forward_backward import log_marginals


@keras.saving.register_keras_serializable(package="seqlab")
class CrfMarginals(layers.Layer):
    """A linear-chain CRF with weights for pairs of neighbouring tags, for first tags and for last tags.

    It returns log p(y_t | x). The softmax of that is p(y_t | x), so it can stand wherever logits can. Its cross
    entropy is the negative log of the gold tag's marginal (Kakade, Teh & Roweis 2002), and token weights act on it
    as on any other token loss. All weights start at 0, where the CRF equals a softmax per token.

    Call arguments:
        emissions: float (B, T, C), score of each tag of each token.
        real: bool (B, T), True on tokens, at least one per sentence; padding is on the right.

    Returns float32 (B, T, C), in nats; finite but meaningless on padding.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.supports_masking = True  # passes the recurrent layers' mask on to Keras' losses

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, for a saved network: Keras' own `get_config` leaves the name out."""
        return {**super().get_config(), "name": self.name}

    def build(self, emissions_shape: Any, real_shape: Any) -> None:
        """Create the weights for C tags."""
        classes = emissions_shape[-1]
        self.transitions = self.add_weight(
            shape=(classes, classes), initializer="zeros", name="transitions"
        )
        self.start = self.add_weight(shape=(classes,), initializer="zeros", name="start")
        self.end = self.add_weight(shape=(classes,), initializer="zeros", name="end")
        self.built = True

    def call(self, emissions: Any, real: Any) -> Any:
        """Return the log-marginals."""
        return log_marginals(emissions, *self.weight_tensors(), sentence_lengths(real))

    def weight_tensors(self) -> tuple[Any, Any, Any]:
        """The weights as tensors: transitions (C, C), start (C,) and end (C,)."""
        tensor = tf.convert_to_tensor
        return tensor(self.transitions.value), tensor(self.start.value), tensor(self.end.value)

    def compute_output_shape(self, emissions_shape: Any, real_shape: Any) -> Any:
        """The shape of the emissions."""
        return emissions_shape


def sentence_lengths(real: Any) -> Any:
    """The number of tokens per sentence, int32 (B,), of a mask (B, T)."""
    return ops.sum(ops.cast(real, "int32"), axis=1)
