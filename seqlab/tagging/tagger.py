"""A trained tagger: tokens in, tags out, each with its calibrated probability."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
from seqlab.corpus.transitions import LegalTransitions, legal_transitions
from seqlab.encoding.batches import Batcher
from seqlab.encoding.encoder import Encoder
from seqlab.errors import UserError
from seqlab.modeling.architecture import Architecture
from seqlab.scoring.decisions import Decision
from seqlab.scoring.decoding import decode

CHUNK = 2048  # sentences that are sorted by length and tagged together
BATCH_TOKENS = 2048  # padded tokens of one call of the network: its states stay in the cache


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """The tags of one sentence. scores: float32 (T,), the probability of each tag."""

    tags: tuple[str, ...]
    scores: NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Tagger:
    """A network with the vocabularies that it was trained with.

    network: words, characters and features in, probabilities out. scheme: how its tags are written.
    decision: what was tuned after training; without a bias the most probable tags are said.
    constrained: of all paths that the scheme allows the best is said, not the best tag of each token.
    """

    network: keras.Model
    architecture: Architecture
    encoder: Encoder
    scheme: Scheme
    decision: Decision = field(default_factory=Decision)
    constrained: bool = False

    def tag(
        self, tokens: Sequence[str], *, features: Mapping[str, Sequence[str]] | None = None
    ) -> list[str]:
        """The tags of one tokenised sentence, one a token; a token never seen gets one too.

        features: of a tagger that was trained with feature columns, one value a token for each.
        """
        if isinstance(tokens, str):
            raise UserError(f"tag takes a list of tokens, not one text: {tokens!r}; try .split()")
        values = {name: tuple(column) for name, column in (features or {}).items()}
        sentence = Sentence(tokens=tuple(tokens), features=values)
        return list(next(self.predict([sentence])).tags)

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
        batcher = self.batcher(sentences)
        for part in batcher.in_order():
            batch = batcher.batch(part)
            inputs = [batch.inputs[tensor.name] for tensor in self.network.inputs]
            biased, probabilities = (array.numpy() for array in self.step(*inputs))
            best = decode(biased, batcher.lengths[part], self.legal)
            scores = np.take_along_axis(probabilities, best[:, :, None], axis=2)[:, :, 0]
            for row, sentence in enumerate(part):
                length = len(sentences[sentence])
                found[sentence] = Prediction(
                    tags=self.names(best[row, :length]), scores=scores[row, :length]
                )
        return found

    def batcher(self, sentences: Sequence[Sentence]) -> Batcher:
        """Batches of sentences for the network; at least one of them must hold a token."""
        return Batcher(
            self.encoder.encode(sentences),
            size=BATCH_TOKENS,
            by_tokens=True,
            max_chars=self.architecture.max_chars,
        )

    def names(self, classes: NDArray[np.int32]) -> tuple[str, ...]:
        """The tags of some class indices."""
        symbols = self.encoder.tags.symbols
        return tuple(map(symbols.__getitem__, classes.tolist()))

    @cached_property
    def legal(self) -> LegalTransitions | None:
        """The paths that may be said; None allows all."""
        return (
            legal_transitions(self.encoder.tags.symbols, self.scheme) if self.constrained else None
        )

    @cached_property
    def step(self) -> Any:
        """The compiled network: what chooses, and how sure it is, both float32 (B, T, C).

        The first is the log-probabilities with the bias, the second the probabilities by the temperature:
        a tag that a bias or a rule has lifted keeps the smaller probability that it has.
        """
        logits = self.network.get_layer("logits").output
        scorer = keras.Model(self.network.inputs, [logits, self.network.output])
        symbols, decision = self.encoder.tags.symbols, self.decision
        bias = [decision.bias.get(symbol, 0.0) for symbol in symbols]

        def scored(*inputs: Any) -> tuple[Any, Any]:
            scores, probabilities = scorer(list(inputs), training=False)
            if decision.temperature != 1:
                probabilities = tf.nn.softmax(scores / decision.temperature)
            return tf.nn.log_softmax(scores) + bias, probabilities

        shapes = [tf.TensorSpec(tensor.shape, tensor.dtype) for tensor in self.network.inputs]
        return tf.function(scored, input_signature=shapes, autograph=False)
