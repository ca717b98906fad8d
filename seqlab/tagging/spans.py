"""The probability of each predicted span: exactly its tags, and no neighbour that continues it.

For a CRF this is exact: a sum over all paths of the sentence (constrained forward, Culotta & McCallum 2004).
A softmax treats tags as independent, so there it is a product over tokens. Neither the temperature nor the
bias of the decision rule is included.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from seqlab.arrays import AnyFloatArray, BoolArray
from seqlab.corpus.schemes import Scheme, decode_spans
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.sentence_checks import check_sentences
from seqlab.errors import UserError
from seqlab.inference.scorer import log_softmax
from seqlab.tagging.tagger import CHUNK, Prediction, Tagger


@dataclass(frozen=True, kw_only=True)
class SpanConfidence:
    """A predicted span: tokens from `start` to before `stop`, entity type and probability."""

    start: int
    stop: int
    entity_type: str
    probability: float


@dataclass(frozen=True, kw_only=True)
class TagLattice:
    """The scores from which the probability of any run of tags in one sentence follows; all logarithms.

    marginals: float64 (T, C), log-probabilities of each token's tags.
    ahead: float64 (T, C), scores of a token's tags given it and all tokens after it.
    behind: float64 (T, C), scores of a token's tags given it and all tokens before it.
    transitions: float64 (C, C), [tag, next tag]; zeros for a softmax.
    """

    marginals: AnyFloatArray
    ahead: AnyFloatArray
    behind: AnyFloatArray
    transitions: AnyFloatArray

    def log_probability(self, start: int, tag_ids: Sequence[int], continues: BoolArray) -> float:
        """The log-probability of these tags from token `start` on, with no neighbour continuing the span.

        continues: bool (C, C), [tag, next tag], whether the next tag continues the span of the tag.
        """
        # The chain rule: p(first tag), then p(next tag | tag before it). The latter is a softmax over
        # transition + `ahead`, because given a tag, what came before it no longer matters.
        total, stop = self.marginals[start, tag_ids[0]], start + len(tag_ids)
        for time, (last, tag_id) in enumerate(pairwise(tag_ids), start + 1):
            total += log_normalised(self.transitions[last] + self.ahead[time])[tag_id]
        # The probability that the next token does not continue the span, given the span's last tag.
        if stop < len(self.marginals):
            after = log_normalised(self.transitions[tag_ids[-1]] + self.ahead[stop])
            total += np.logaddexp.reduce(after[~continues[tag_ids[-1]]])
        # Likewise for the token before, given the span's first tag, read from the other direction.
        if start > 0:
            before = log_normalised(self.transitions[:, tag_ids[0]] + self.behind[start - 1])
            total += np.logaddexp.reduce(before[~continues[:, tag_ids[0]]])
        return float(total)


def span_confidences(
    tagger: Tagger, sentences: Sequence[Sentence]
) -> Iterator[list[SpanConfidence]]:
    """Yield the predicted spans of each sentence, in order, each with its probability.

    Raises UserError for a tagger of plain tags, and for anything that is not a list of sentences.
    """
    if tagger.scheme is Scheme.PLAIN:
        raise UserError(
            "this tagger predicts plain tags, which have no spans; use predict(...), which has scores"
        )
    check_sentences(sentences)
    scorer = SpanScorer(tagger=tagger)
    for first in range(0, len(sentences), CHUNK):
        chunk = sentences[first : first + CHUNK]
        yield from scorer.confidences(chunk, tagger.predict_chunk(chunk))


@dataclass(frozen=True, kw_only=True)
class SpanScorer:
    """Computes the probabilities of a tagger's spans."""

    tagger: Tagger

    def confidences(
        self, sentences: Sequence[Sentence], predictions: Sequence[Prediction]
    ) -> list[list[SpanConfidence]]:
        """The spans of each sentence's prediction, for as many sentences as fit in memory."""
        return [
            self.confidences_of(prediction, lattice)
            for prediction, lattice in zip(predictions, self.lattices(sentences), strict=True)
        ]

    def confidences_of(self, prediction: Prediction, lattice: TagLattice) -> list[SpanConfidence]:
        """The spans of one prediction."""
        symbols = self.tagger.encoder.tags.symbols
        tag_ids = [symbols.index(tag) for tag in prediction.tags]
        confidences = []
        for start, stop, entity_type in decode_spans(prediction.tags, self.tagger.scheme):
            with np.errstate(invalid="ignore"):  # a network of NaN weights gives NaN
                log = lattice.log_probability(start, tag_ids[start:stop], self.tagger.continues)
            probability = float(np.minimum(1.0, np.exp(log)))
            confidences.append(
                SpanConfidence(
                    start=start, stop=stop, entity_type=entity_type, probability=probability
                )
            )
        return confidences

    def lattices(self, sentences: Sequence[Sentence]) -> list[TagLattice]:
        """The lattice of each sentence."""
        transitions = self.tagger.path_scores.transitions
        zeros = np.zeros((0, len(transitions)))
        empty = TagLattice(marginals=zeros, ahead=zeros, behind=zeros, transitions=transitions)
        lattices = [empty] * len(sentences)
        for batch in self.tagger.scorer.score(sentences):
            marginals = log_softmax(batch.logits)
            before, after = batch.crf_messages or (None, None)
            ahead = marginals if after is None else batch.emissions + after
            behind = marginals if before is None else batch.emissions + before
            for row, (sentence, length) in enumerate(batch.rows()):
                lattices[sentence] = TagLattice(
                    marginals=marginals[row, :length].astype(np.float64),
                    ahead=ahead[row, :length].astype(np.float64),
                    behind=behind[row, :length].astype(np.float64),
                    transitions=transitions,
                )
        return lattices


def log_normalised(scores: AnyFloatArray) -> AnyFloatArray:
    """Scores (C,) as log-probabilities."""
    normalised: AnyFloatArray = scores - np.logaddexp.reduce(scores)
    return normalised
