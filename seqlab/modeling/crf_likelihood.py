"""The CRF's likelihood of whole sentences, written as a loss per token by the chain rule of probability."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf

from seqlab.arrays import FloatArray
from seqlab.modeling.crf import sentence_lengths
from seqlab.modeling.crf_forward_backward import forward_backward
from seqlab.modeling.losses import TokenLoss, token_cross_entropy
from seqlab.modeling.network import logits_network

LogitsAndLosses = Callable[[list[Any], Any, bool], tuple[Any, Any]]
"""Takes the network's inputs, tag ids (B, T) and `training`; returns logits (B, T, C) and losses (B, T)."""


def crf_likelihood(labels: Any, conditionals: Any) -> Any:
    """-log p(y_t | y_1 … y_t-1, x) per token; the sum over a sentence is -log p(y | x).

    labels: int32 (B, T), tag ids; 0 is padding or a tag without a class.
    conditionals: float (B, T, C), from `conditional_scores`, not the network's logits. `logits_and_losses`
    computes them.
    Returns float (B, T), in nats. If all tokens of a sentence have the same weight, sum(weight * loss) / sum(weight)
    is the usual CRF loss, as a mean over tokens.
    """
    return token_cross_entropy(labels, conditionals)


@dataclass(frozen=True, kw_only=True, eq=False)
class EmissionWeightedLikelihood:
    """`crf_likelihood` with each emission multiplied by the weight of its tag.

    In training a path scores start[y_1] + sum_t w[y_t] emissions[t, y_t] + sum_t transitions[y_t, y_t+1] + end[y_T].
    This holds for the gold path and for all others. Prediction uses the scores without w. It is AllenNLP 2.10's
    `ConditionalRandomFieldWeightEmission`, the `weight_strategy` "emission" of its CrfTagger (allenai/allennlp pull
    request 5676; E. Fernandes, eraldoluis.github.io/2022/05/10/weighted-crf.html). w is not the cost of a mistake:
    where w enlarges a positive emission in training, the network learns a smaller one.

    emission_weights: float32 (C,), above 0. If all are 1, the loss is `crf_likelihood`.
    """

    emission_weights: FloatArray

    def __call__(self, labels: Any, conditionals: Any) -> Any:
        """As `crf_likelihood`, for conditionals from weighted emissions."""
        return crf_likelihood(labels, conditionals)


def logits_and_losses(network: keras.Model, loss: TokenLoss) -> LogitsAndLosses:
    """A function that computes a network's logits and the losses of all tokens."""
    if loss is not crf_likelihood and not isinstance(loss, EmissionWeightedLikelihood):
        logits_only = logits_network(network)

        def token_losses(inputs: list[Any], labels: Any, training: bool) -> tuple[Any, Any]:
            logits = logits_only(inputs, training=training)
            return logits, loss(labels, logits)

        return token_losses

    crf = network.get_layer("logits")
    outputs = [network.get_layer(name).output for name in ("emissions", "mask", "logits")]
    emissions_network = keras.Model(network.inputs, outputs)
    scale = loss.emission_weights if isinstance(loss, EmissionWeightedLikelihood) else 1.0

    def sentence_losses(inputs: list[Any], labels: Any, training: bool) -> tuple[Any, Any]:
        emissions, real, logits = emissions_network(inputs, training=training)
        return logits, loss(labels, conditional_scores(crf, emissions * scale, real, labels))

    return sentence_losses


def conditional_scores(crf: Any, emissions: Any, real: Any, labels: Any) -> Any:
    """Scores, float (B, T, C), whose softmax is p(y_t | y_1 … y_t-1, x).

    crf: a `CrfMarginals`. emissions, real: its call arguments. labels: int32 (B, T), tag ids. After a tag without a
    class, the softmax is the token's marginal instead.
    """
    transitions, start, end = crf.weight_tensors()
    forward, backward = forward_backward(emissions, transitions, start, end, sentence_lengths(real))
    # The previous tag is known, so its transitions take the place of the forward messages, which sum over it.
    previous = labels[:, :-1]
    steps = tf.gather(transitions, tf.maximum(previous - 1, 0))
    steps = tf.where(previous[:, :, None] > 0, steps, forward[:, 1:])
    first = tf.broadcast_to(start, tf.shape(forward[:, :1]))
    return emissions + backward + tf.concat([first, steps], axis=1)
