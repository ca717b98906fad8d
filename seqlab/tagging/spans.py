"""How sure each span is: the probability that exactly its tags are said, and that nothing joins it.

Under a chain (`--head crf`) that is exact, a sum over all paths of the sentence (constrained forward,
Culotta & McCallum 2004); under a softmax tags are independent, and it is the product of its tokens'.
Neither the temperature nor the bias of the decision is in it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from seqlab.arrays import AnyFloatArray, BoolArray
from seqlab.corpus.schemes import Scheme, decode_spans, split_tag
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.sentence_checks import check_sentences
from seqlab.errors import UserError
from seqlab.tagging.tagger import CHUNK, Prediction, Tagger, log_softmax


@dataclass(frozen=True, kw_only=True)
class SpanConfidence:
    """A span that is said: tokens from `start` to before `stop`, its type, and its probability."""

    start: int
    stop: int
    entity_type: str
    probability: float


@dataclass(frozen=True, kw_only=True)
class Chain:
    """What is known of the tags of one sentence, all as logarithms.

    marginals: float (T, C). ahead: float (T, C), a token's scores by itself and all after it; behind: by
    itself and all before it. transitions: float (C, C), added to either where a neighbour is known.
    """

    marginals: AnyFloatArray
    ahead: AnyFloatArray
    behind: AnyFloatArray
    transitions: AnyFloatArray

    def log_probability(self, start: int, tags: Sequence[int], joins: BoolArray) -> float:
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

    Raises UserError for a tagger of plain tags, which have no spans, and for what is no list of sentences.
    """
    if tagger.scheme is Scheme.PLAIN:
        raise UserError(
            "this tagger says plain tags, which have no spans; predict(...) has their scores"
        )
    check_sentences(sentences)
    scorer = SpanScorer(tagger=tagger)
    for first in range(0, len(sentences), CHUNK):
        chunk = sentences[first : first + CHUNK]
        yield from scorer.confidences(chunk, tagger.predict_chunk(chunk))


@dataclass(frozen=True, kw_only=True)
class SpanScorer:
    """What gives spans of one tagger their probabilities."""

    tagger: Tagger

    def confidences(
        self, sentences: Sequence[Sentence], predictions: Sequence[Prediction]
    ) -> list[list[SpanConfidence]]:
        """The spans of each sentence's prediction, as many sentences as fit in memory."""
        return [
            self.of_sentence(prediction, chain)
            for prediction, chain in zip(predictions, self.chains(sentences), strict=True)
        ]

    def of_sentence(self, prediction: Prediction, chain: Chain) -> list[SpanConfidence]:
        """The spans of one prediction."""
        symbols = self.tagger.encoder.tags.symbols
        ids = [symbols.index(tag) for tag in prediction.tags]
        found = []
        for start, stop, entity_type in decode_spans(prediction.tags, self.tagger.scheme):
            with np.errstate(invalid="ignore"):  # of a network of no numbers it is none
                log = chain.log_probability(start, ids[start:stop], self.joins)
            probability = float(np.minimum(1.0, np.exp(log)))
            found.append(
                SpanConfidence(
                    start=start, stop=stop, entity_type=entity_type, probability=probability
                )
            )
        return found

    def chains(self, sentences: Sequence[Sentence]) -> list[Chain]:
        """The chain of each sentence."""
        transitions = self.tagger.path_scores.transitions
        nothing = np.zeros((0, len(transitions)))
        empty = Chain(marginals=nothing, ahead=nothing, behind=nothing, transitions=transitions)
        found = [empty] * len(sentences)
        for batch in self.tagger.scorer.score(sentences):
            marginals = log_softmax(batch.logits)
            before, after = batch.chain or (None, None)
            ahead = marginals if after is None else batch.emissions + after
            behind = marginals if before is None else batch.emissions + before
            for row, (sentence, length) in enumerate(batch.rows()):
                found[sentence] = Chain(
                    marginals=marginals[row, :length].astype(np.float64),
                    ahead=ahead[row, :length].astype(np.float64),
                    behind=behind[row, :length].astype(np.float64),
                    transitions=transitions,
                )
        return found

    @cached_property
    def joins(self) -> BoolArray:
        """Whether the tag of the column goes on with the span of the row's, bool (C, C)."""
        symbols = self.tagger.encoder.tags.symbols
        return np.array([[goes_on(a, b) for b in symbols] for a in symbols], np.bool_)


def goes_on(before: str, after: str) -> bool:
    """Whether the second tag goes on with the span of the first, as `schemes.decode_spans` reads them."""
    one, other = split_tag(before), split_tag(after)
    if one is None or other is None:
        return False
    return one[1] == other[1] and other[0] not in "BS" and one[0] not in "ES"


def normalised(scores: AnyFloatArray) -> AnyFloatArray:
    """Scores (C,) as log-probabilities."""
    found: AnyFloatArray = scores - np.logaddexp.reduce(scores)
    return found
