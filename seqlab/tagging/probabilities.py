"""The log-probability of every tag for every token of a corpus: what decisions are tuned on."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from seqlab.corpus.sentence import Sentence
from seqlab.modeling.network import logits_of
from seqlab.tagging.tagger import Tagger


def token_log_probabilities(
    tagger: Tagger, sentences: Sequence[Sentence]
) -> list[NDArray[np.float32]]:
    """float32 (T, C) for each sentence, tags in the tagger's order; before temperature and bias."""
    found = [np.zeros((len(s), len(tagger.encoder.tags.symbols)), np.float32) for s in sentences]
    if not any(map(len, sentences)):
        return found
    batcher = tagger.batcher(sentences)
    scorer = logits_of(tagger.network)
    shapes = [tf.TensorSpec(tensor.shape, tensor.dtype) for tensor in scorer.inputs]

    def forward(*inputs: Any) -> Any:
        return tf.nn.log_softmax(scorer(list(inputs), training=False))

    step = tf.function(forward, input_signature=shapes, autograph=False)
    for part in batcher.in_order():
        batch = batcher.batch(part)
        scores = step(*(batch.inputs[tensor.name] for tensor in scorer.inputs)).numpy()
        for row, sentence in enumerate(part.tolist()):
            found[sentence] = scores[row, : len(sentences[sentence])]
    return found
