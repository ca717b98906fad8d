"""A tagger held against labelled sentences: every class's figures, and which class is taken for which."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from seqlab.arrays import FloatArray
from seqlab.corpus.sentence import Sentence
from seqlab.scoring.confusion import ConfusionMatrix, confusion
from seqlab.scoring.figures import Figures
from seqlab.scoring.score import score
from seqlab.tagging.tagger import Tagger, log_softmax


@dataclass(frozen=True, kw_only=True)
class Scored:
    """What one split came to."""

    figures: Figures
    confusion: ConfusionMatrix

    def to_json(self) -> dict[str, Any]:
        """A split of metrics.json."""
        return {**self.figures.to_json(), "confusion": self.confusion.to_json()}


def score_sentences(tagger: Tagger, sentences: Sequence[Sentence]) -> Scored:
    """Tag labelled sentences whole and score them, default and strict."""
    gold = [sentence.tags or () for sentence in sentences]
    predicted = [prediction.tags for prediction in tagger.predict(sentences)]
    return Scored(
        figures=score(gold, predicted, tagger.scheme),
        confusion=confusion(gold, predicted, tagger.scheme),
    )


def token_log_probabilities(tagger: Tagger, sentences: Sequence[Sentence]) -> list[FloatArray]:
    """float32 (T, C) for each sentence, tags in the tagger's order; before temperature and bias."""
    found = [np.zeros((len(s), len(tagger.encoder.tags.symbols)), np.float32) for s in sentences]
    for batch in tagger.scorer.score(sentences):
        scores = log_softmax(batch.logits)
        for row, (sentence, length) in enumerate(batch.rows()):
            found[sentence] = scores[row, :length]
    return found
