"""The likelihood of whole sentences as a loss of tokens, by the chain rule."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf

from seqlab.arrays import FloatArray
from seqlab.modeling.losses import TokenLoss, token_cross_entropy
from seqlab.modeling.network import logits_of

ScoredLosses = Callable[[list[Any], Any, bool], tuple[Any, Any]]


def crf_likelihood(labels: Any, conditionals: Any) -> Any:
    """-log p(y_t | y_1 … y_t-1, x) of every token: summed over a sentence, -log p(y | x).

    labels: int32 (B, T), tag ids, 0 is padding or a tag without a class. conditionals: float (B, T, C),
    from `conditional_scores`, not the network's logits: `scored_losses` brings the two together.
    Returns float (B, T). With one weight a sentence, sum(weight * loss) / sum(weight) is the mean
    over tokens of the usual loss of a CRF.
    """
    return token_cross_entropy(labels, conditionals)


@dataclass(frozen=True, kw_only=True, eq=False)
class EmissionWeightedLikelihood:
    """`crf_likelihood` of a chain whose emission scores are each multiplied by their tag's weight.

    In training a path scores start[y_1] + sum w[y_t] e_t[y_t] + sum transitions[y_t, y_t+1] + end[y_T], gold
    and all others alike; what is predicted by are the scores without w. It is `ConditionalRandomFieldWeightEmission`
    of AllenNLP 2.10, the `weight_strategy` "emission" of its CrfTagger (allenai/allennlp pull request 5676;
    E. Fernandes, eraldoluis.github.io/2022/05/10/weighted-crf.html). A cost of mistakes it is not: a positive
    score that w enlarges in training is learnt smaller.

    emission_weights: float32 (C,), above 0. All 1, the loss is `crf_likelihood`.
    """

    emission_weights: FloatArray

    def __call__(self, labels: Any, conditionals: Any) -> Any:
        """As `crf_likelihood`, of conditionals from weighted emissions."""
        return crf_likelihood(labels, conditionals)


def scored_losses(network: keras.Model, loss: TokenLoss) -> ScoredLosses:
    """A function from inputs, labels and whether to train to the logits and the losses of tokens."""
    scorer = logits_of(network)
    if loss is not crf_likelihood and not isinstance(loss, EmissionWeightedLikelihood):

        def of_logits(inputs: list[Any], labels: Any, training: bool) -> tuple[Any, Any]:
            logits = scorer(inputs, training=training)
            return logits, loss(labels, logits)

        return of_logits

    chain = network.get_layer("logits")
    parts = [network.get_layer(name).output for name in ("emissions", "mask", "logits")]
    whole = keras.Model(network.inputs, parts)
    scale = loss.emission_weights if isinstance(loss, EmissionWeightedLikelihood) else 1.0

    def of_sentences(inputs: list[Any], labels: Any, training: bool) -> tuple[Any, Any]:
        emissions, real, logits = whole(inputs, training=training)
        return logits, loss(labels, conditional_scores(chain, emissions * scale, real, labels))

    return of_sentences


def conditional_scores(chain: Any, emissions: Any, real: Any, labels: Any) -> Any:
    """Scores, float (B, T, C), whose softmax is p(y_t | y_1 … y_t-1, x).

    chain: a `CrfMarginals`. emissions, real: what it takes. labels: int32 (B, T), tag ids. After a tag
    without a class, the scores are those of the token's marginal.
    """
    transitions, start, _ = chain.scores()
    before, after = chain.messages(emissions, real)
    previous = labels[:, :-1]
    steps = tf.gather(transitions, tf.maximum(previous - 1, 0))
    steps = tf.where(previous[:, :, None] > 0, steps, before[:, 1:])
    first = tf.broadcast_to(start, tf.shape(before[:, :1]))
    return emissions + after + tf.concat([first, steps], axis=1)
