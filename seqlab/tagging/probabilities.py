"""The log-probability of every tag for every token of a corpus: what decisions are tuned on."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seqlab.corpus.sentence import Sentence
from seqlab.tagging.tagger import Tagger, log_softmax


def token_log_probabilities(
    tagger: Tagger, sentences: Sequence[Sentence]
) -> list[NDArray[np.float32]]:
    """float32 (T, C) for each sentence, tags in the tagger's order; before temperature and bias."""
    found = [np.zeros((len(s), len(tagger.encoder.tags.symbols)), np.float32) for s in sentences]
    for batch in tagger.scorer.score(sentences):
        scores = log_softmax(batch.logits)
        for row, (sentence, length) in enumerate(batch.places()):
            found[sentence] = scores[row, :length]
    return found
