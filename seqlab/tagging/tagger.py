"""A trained tagger: tokens in, tags out, each with the probability that the network gives it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
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
    """

    network: keras.Model
    architecture: Architecture
    encoder: Encoder
    scheme: Scheme

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
        """The compiled network: the best class of each token int32 (B, T), and its probability."""

        def best_classes(*inputs: Any) -> tuple[Any, Any]:
            probabilities = self.network(list(inputs), training=False)
            best = tf.argmax(probabilities, axis=-1, output_type=tf.int32)
            return best, tf.reduce_max(probabilities, axis=-1)

        shapes = [tf.TensorSpec(tensor.shape, tensor.dtype) for tensor in self.network.inputs]
        return tf.function(best_classes, input_signature=shapes)
