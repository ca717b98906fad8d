"""How sure each span is: the probability that exactly its tags are said, and that nothing joins it.

Under a chain (`--head crf`) that is exact, a sum over all paths of the sentence (constrained forward,
Culotta & McCallum 2004); under a softmax tags are independent, and it is the product of its tokens'.
Neither the temperature nor the bias of the decision is in it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from seqlab.corpus.schemes import spans, split_tag
from seqlab.corpus.sentence import Sentence
from seqlab.tagging.tagger import CHUNK, Tagger

Floats = NDArray[np.floating]


@dataclass(frozen=True, kw_only=True)
class SpanConfidence:
    """A span that is said: tokens from `start` to before `stop`, its type, and its probability."""

    start: int
    stop: int
    kind: str
    probability: float


@dataclass(frozen=True, kw_only=True)
class Chain:
    """What is known of the tags of one sentence, all as logarithms.

    marginals: float (T, C). ahead: float (T, C), a token's scores by itself and all after it; behind: by
    itself and all before it. transitions: float (C, C), added to either where a neighbour is known.
    """

    marginals: Floats
    ahead: Floats
    behind: Floats
    transitions: Floats

    def log_probability(self, start: int, tags: Sequence[int], joins: NDArray[np.bool_]) -> float:
        """Of these tags from `start` on, no neighbour joining them.

        joins: bool (C, C), whether the tag of the column goes on with the span of the row's.
        """
        total, stop = self.marginals[start, tags[0]], start + len(tags)
        for time, (last, tag) in enumerate(pairwise(tags), start + 1):
            total += normalised(self.transitions[last] + self.ahead[time])[tag]
        if stop < len(self.marginals):
            after = normalised(self.transitions[tags[-1]] + self.ahead[stop])
            total += np.logaddexp.reduce(after[~joins[tags[-1]]])
        if start > 0:
            before = normalised(self.transitions[:, tags[0]] + self.behind[start - 1])
            total += np.logaddexp.reduce(before[~joins[:, tags[0]]])
        return float(total)


def span_confidences(
    tagger: Tagger, sentences: Sequence[Sentence]
) -> Iterator[list[SpanConfidence]]:
    """The spans that the tagger says of each sentence, in order, each with its probability.

    Raises ValueError for a tagger of plain tags, which have no spans.
    """
    symbols = tagger.encoder.tags.symbols
    number = {tag: index for index, tag in enumerate(symbols)}
    joins = np.array([[goes_on(a, b) for b in symbols] for a in symbols], np.bool_)
    for first in range(0, len(sentences), CHUNK):
        chunk = sentences[first : first + CHUNK]
        predictions = tagger.predict(chunk)
        for prediction, chain in zip(predictions, chains(tagger, chunk), strict=True):
            ids = [number[tag] for tag in prediction.tags]
            yield [
                SpanConfidence(
                    start=start,
                    stop=stop,
                    kind=kind,
                    probability=min(
                        1.0, float(np.exp(chain.log_probability(start, ids[start:stop], joins)))
                    ),
                )
                for start, stop, kind in spans(prediction.tags, tagger.scheme)
            ]


def goes_on(before: str, after: str) -> bool:
    """Whether the second tag goes on with the span of the first, as `schemes.spans` reads them."""
    one, other = split_tag(before), split_tag(after)
    if one is None or other is None:
        return False
    return one[1] == other[1] and other[0] not in "BS" and one[0] not in "ES"


def normalised(scores: Floats) -> Floats:
    """Scores (C,) as log-probabilities."""
    found: Floats = scores - np.logaddexp.reduce(scores)
    return found


def chains(tagger: Tagger, sentences: Sequence[Sentence]) -> list[Chain]:
    """The chain of each sentence."""
    classes = len(tagger.encoder.tags.symbols)
    nothing = np.zeros((0, classes))
    transitions = np.zeros((classes, classes))
    if tagger.architecture.head == "crf":
        transitions = tagger.network.get_layer("logits").scores()[0].numpy().astype(np.float64)
    empty = Chain(marginals=nothing, ahead=nothing, behind=nothing, transitions=transitions)
    found = [empty] * len(sentences)
    if not any(map(len, sentences)):
        return found
    batcher = tagger.batcher(sentences)
    step = chain_step(tagger)
    for part in batcher.in_order():
        batch = batcher.batch(part)
        arrays = step(*(batch.inputs[tensor.name] for tensor in tagger.network.inputs))
        for row, sentence in enumerate(part.tolist()):
            marginals, ahead, behind = (
                array[row, : len(sentences[sentence])].numpy().astype(np.float64)
                for array in arrays
            )
            found[sentence] = Chain(
                marginals=marginals, ahead=ahead, behind=behind, transitions=transitions
            )
    return found


def chain_step(tagger: Tagger) -> Any:
    """The compiled network up to marginals, ahead and behind, each float32 (B, T, C)."""
    network = tagger.network
    crf = tagger.architecture.head == "crf"
    names = ("emissions", "mask", "logits") if crf else ("logits", "mask", "logits")
    whole = keras.Model(network.inputs, [network.get_layer(name).output for name in names])

    def arrays(*inputs: Any) -> tuple[Any, Any, Any]:
        emissions, real, logits = whole(list(inputs), training=False)
        marginals = tf.nn.log_softmax(logits)
        if not crf:
            return marginals, marginals, marginals
        before, after = network.get_layer("logits").messages(emissions, real)
        return marginals, emissions + after, emissions + before

    shapes = [tf.TensorSpec(tensor.shape, tensor.dtype) for tensor in network.inputs]
    return tf.function(arrays, input_signature=shapes)
