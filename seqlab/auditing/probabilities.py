"""The probability of every class for every token of a corpus, by a trained tagger."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from seqlab.corpus.sentence import Sentence
from seqlab.encoding.batches import Batcher
from seqlab.tagging.tagger import BATCH_TOKENS, Tagger


def token_probabilities(tagger: Tagger, sentences: Sequence[Sentence]) -> list[NDArray[np.float32]]:
    """float32 (T, C) for each sentence, classes in the order of the tagger's tags; sentences whole."""
    corpus = tagger.encoder.encode(sentences)
    batcher = Batcher(
        corpus, size=BATCH_TOKENS, by_tokens=True, max_chars=tagger.architecture.max_chars
    )
    shapes = [tf.TensorSpec(tensor.shape, tensor.dtype) for tensor in tagger.network.inputs]

    def forward(*inputs: Any) -> Any:
        return tagger.network(list(inputs), training=False)

    step = tf.function(forward, input_signature=shapes)
    found: dict[int, NDArray[np.float32]] = {}
    for part in batcher.in_order():
        batch = batcher.batch(part)
        scores = step(*(getattr(batch, tensor.name) for tensor in tagger.network.inputs)).numpy()
        for row, sentence in enumerate(part.tolist()):
            found[sentence] = scores[row, : len(sentences[sentence])]
    return [found[number] for number in range(len(sentences))]
