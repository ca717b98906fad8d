"""A trained tagger: tokens in, tags out, each with its calibrated probability."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from seqlab.corpus.schemes import Scheme
from seqlab.corpus.sentence import Sentence
from seqlab.encoding.batches import Batcher
from seqlab.encoding.encoder import Encoder
from seqlab.errors import UserError
from seqlab.modeling.architecture import Architecture
from seqlab.scoring.decisions import Decision

CHUNK = 512  # sentences that are sorted by length and tagged together
BATCH_TOKENS = 8192  # padded tokens of one call of the network


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """The tags of one sentence. scores: float32 (T,), the probability of each tag."""

    tags: tuple[str, ...]
    scores: NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Tagger:
    """A network with the vocabularies that it was trained with.

    network: words, characters and case in, probabilities out. scheme: how its tags are written.
    decision: what was tuned after training; without a bias the most probable tag is said.
    """

    network: keras.Model
    architecture: Architecture
    encoder: Encoder
    scheme: Scheme
    decision: Decision = field(default_factory=Decision)

    def tag(self, tokens: Sequence[str]) -> list[str]:
        """The tags of one tokenised sentence, one a token; a token never seen gets one too."""
        if isinstance(tokens, str):
            raise UserError(f"tag takes a list of tokens, not one text: {tokens!r}; try .split()")
        return list(next(self.predict([Sentence(tokens=tuple(tokens))])).tags)

    def predict(self, sentences: Iterable[Sentence]) -> Iterator[Prediction]:
        """The predictions of many sentences, in order; tags they carry already are not looked at.

        Reads ahead `CHUNK` sentences and holds no more, so that a stream of any length can be tagged.
        Sentences are tagged whole, however long.
        """
        source = iter(sentences)
        while chunk := list(islice(source, CHUNK)):
            yield from self.predict_chunk(chunk)

    def predict_chunk(self, sentences: Sequence[Sentence]) -> list[Prediction]:
        """The predictions of as many sentences as fit in memory, batched by length."""
        nothing = Prediction(tags=(), scores=np.zeros(0, np.float32))
        found = [nothing] * len(sentences)
        if not any(map(len, sentences)):
            return found  # a batch without a single token has no arrays
        batcher = Batcher(
            self.encoder.encode(sentences),
            size=BATCH_TOKENS,
            by_tokens=True,
            max_chars=self.architecture.max_chars,
        )
        for part in batcher.in_order():
            batch = batcher.batch(part)
            inputs = [getattr(batch, tensor.name) for tensor in self.network.inputs]
            best, scores = (array.numpy() for array in self.step(*inputs))
            for row, sentence in enumerate(part):
                length = len(sentences[sentence])
                found[sentence] = Prediction(
                    tags=self.names(best[row, :length]), scores=scores[row, :length]
                )
        return found

    def names(self, classes: NDArray[np.int32]) -> tuple[str, ...]:
        """The tags of some class indices."""
        symbols = self.encoder.tags.symbols
        return tuple(symbols[index] for index in classes)

    @cached_property
    def step(self) -> Any:
        """The compiled network: the class that is said of each token int32 (B, T), its probability.

        The bias chooses, the temperature says how sure: a tag that a bias lifted keeps the smaller
        probability that it has.
        """
        logits = self.network.get_layer("logits").output
        scorer = keras.Model(self.network.inputs, [logits, self.network.output])
        symbols, decision = self.encoder.tags.symbols, self.decision
        bias = [decision.bias.get(symbol, 0.0) for symbol in symbols]

        def best_classes(*inputs: Any) -> tuple[Any, Any]:
            scores, probabilities = scorer(list(inputs), training=False)
            biased = tf.nn.log_softmax(scores) + bias if any(bias) else probabilities
            best = tf.argmax(biased, axis=-1, output_type=tf.int32)
            if decision.temperature != 1:
                probabilities = tf.nn.softmax(scores / decision.temperature)
            return best, tf.gather(probabilities, best, batch_dims=2)

        shapes = [tf.TensorSpec(tensor.shape, tensor.dtype) for tensor in self.network.inputs]
        return tf.function(best_classes, input_signature=shapes, autograph=False)
