"""A split after training with its predictions, from which the parts of report.json are computed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from seqlab.arrays import DoubleArray
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.splits import Splits
from seqlab.experiment.decide import score_labelled
from seqlab.tagging.tagger import Prediction, Tagger
from seqlab.tuning.calibration import calibrated
from seqlab.tuning.labelled_scores import LabelledScores

MOST_TOKENS = 200_000  # of a split; of a larger one, sentences at equal distances are taken


@dataclass(frozen=True, kw_only=True)
class ScoredSplit:
    """The labelled sentences of a split, the tags that a tagger predicts, and its scores.

    of: the number of sentences of the whole split. data: the scores of all tokens, end to end.
    """

    name: str
    sentences: Sequence[Sentence]
    of: int
    predictions: Sequence[Prediction]
    data: LabelledScores
    tagger: Tagger

    @property
    def probabilities(self) -> DoubleArray:
        """float64 (M, C): the calibrated probability of each tag. Computed at each call."""
        decision = self.tagger.decision
        return calibrated(self.data.log_probabilities, decision.temperature, decision.doubt)


def score_splits(taggers: Mapping[str, Tagger], splits: Splits) -> list[ScoredSplit]:
    """The validation split, and the test split if there is one. taggers: the tagger to score on each split."""
    named = {"valid": splits.valid, "test": splits.test}
    return [score_split(taggers[name], name, s) for name, s in named.items() if s is not None]


def score_split(tagger: Tagger, name: str, sentences: Sequence[Sentence]) -> ScoredSplit:
    """Predict and score a split."""
    chosen = [one for one in evenly_spaced(sentences) if one.tags and len(one)]
    return ScoredSplit(
        name=name,
        sentences=chosen,
        of=len(sentences),
        predictions=list(tagger.predict(chosen)),
        data=score_labelled(tagger, chosen),
        tagger=tagger,
    )


def evenly_spaced(
    sentences: Sequence[Sentence], most_tokens: int = MOST_TOKENS
) -> Sequence[Sentence]:
    """Sentences at equal distances, with about `most_tokens` tokens or fewer."""
    tokens = sum(map(len, sentences))
    if tokens <= most_tokens:
        return sentences
    wanted = max(1, len(sentences) * most_tokens // tokens)
    numbers = np.unique(np.linspace(0, len(sentences) - 1, wanted).astype(np.int64))
    return [sentences[number] for number in numbers.tolist()]
