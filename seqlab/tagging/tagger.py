"""A trained tagger: tokens in, tags out, each with its calibrated probability."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np

from seqlab.arrays import FloatArray, Int32Array
from seqlab.corpus.corpus_arrays import offsets_of
from seqlab.corpus.schemes import Scheme
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.sentence_checks import check_iterable, check_sentences, texts
from seqlab.deciding.bias import DecisionRule
from seqlab.deciding.n_best import PathScores, check_paths, n_best
from seqlab.deciding.transitions import LegalTransitions, legal_transitions
from seqlab.deciding.viterbi import decode
from seqlab.encoding.encoder import Encoder
from seqlab.inference.forward import Forward
from seqlab.inference.scorer import ScoredBatch, SentenceScorer, sentence_lengths
from seqlab.inference.weights import NetworkWeights, network_weights, set_weights
from seqlab.modeling.architecture import Architecture

CHUNK = 2048  # sentences that are sorted by length and tagged together

Features = Mapping[str, Sequence[str]]


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """The tags of one sentence. scores: float32 (T,), the probability of each tag."""

    tags: tuple[str, ...]
    scores: FloatArray


@dataclass(frozen=True, kw_only=True)
class TagPath:
    """Tags for a whole sentence, and the probability that they are all right."""

    tags: tuple[str, ...]
    probability: float


@dataclass(frozen=True, kw_only=True)
class Tagger:
    """A trained network with the vocabularies that it was trained with. It tags in numpy, on one core.

    weights: of the network, by layer, as they were when training ended. scheme: how tags are written.
    decision: what was tuned after training; without a bias the most probable tags are said.
    constrained: of all paths that the scheme allows the best is said, not the best tag of each token.
    """

    architecture: Architecture
    weights: NetworkWeights = field(repr=False)
    encoder: Encoder
    scheme: Scheme
    decision: DecisionRule = field(default_factory=DecisionRule)
    constrained: bool = False

    def __getstate__(self) -> dict[str, Any]:
        """What a copy or another process needs: the fields, not what was worked out from them."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    def tag(self, tokens: Sequence[str], *, features: Features | None = None) -> list[str]:
        """The tags of one tokenised sentence, one a token; a token never seen gets one too.

        features: of a tagger that was trained with feature columns, one value a token for each.
        """
        return list(self.predict_chunk([sentence_of(tokens, features, method="tag")])[0].tags)

    def n_best(
        self, tokens: Sequence[str], n: int, *, features: Features | None = None
    ) -> list[TagPath]:
        """The n most probable tag sequences of one tokenised sentence; see `n_best_chunk`."""
        return self.n_best_chunk([sentence_of(tokens, features, method="n_best")], n)[0]

    def predict(self, sentences: Iterable[Sentence]) -> Iterator[Prediction]:
        """The predictions of many sentences, in order; tags they carry already are not looked at.

        Reads ahead `CHUNK` sentences and holds no more, so that a stream of any length can be tagged.
        Sentences are tagged whole, however long. Raises UserError for what is no Sentence.
        """
        check_iterable(sentences)
        source = iter(sentences)
        while chunk := list(islice(source, CHUNK)):
            yield from self.predict_chunk(chunk)

    def predict_chunk(self, sentences: Sequence[Sentence]) -> list[Prediction]:
        """The predictions of as many sentences as fit in memory, batched by length."""
        check_sentences(sentences)
        nothing = Prediction(tags=(), scores=np.zeros(0, np.float32))
        found = [nothing] * len(sentences)
        for batch in self.scorer.score(sentences):
            scores = log_softmax(batch.logits)
            best = decode(scores + self.bias, batch.lengths, self.legal)
            sure = self.probabilities(batch, scores, best)
            for row, (sentence, length) in enumerate(batch.rows()):
                found[sentence] = Prediction(
                    tags=self.names(best[row, :length]), scores=sure[row, :length]
                )
        return found

    def tag_ids_chunk(self, sentences: Sequence[Sentence]) -> Int32Array:
        """int32 (tokens,): the index of each token's tag, sentence after sentence, as `predict_chunk` has it.

        Without what says how sure the network is, which costs as much again as to decide.
        """
        check_sentences(sentences)
        offsets = offsets_of(sentence_lengths(sentences))
        found = np.zeros(offsets[-1], np.int32)
        for batch in self.scorer.score(sentences):
            scores = batch.logits
            if self.decision.bias or self.legal is not None:
                scores = log_softmax(scores) + self.bias
            best = decode(scores, batch.lengths, self.legal)
            times = np.arange(best.shape[1])
            mask = times < batch.lengths[:, None]
            found[(offsets[batch.sentences][:, None] + times)[mask]] = best[mask]
        return found

    def probabilities(self, batch: ScoredBatch, scores: FloatArray, tags: Int32Array) -> FloatArray:
        """float32 (B, T): how sure the network is of tags that are said, by the temperature.

        scores: log-probabilities (B, T, C). A tag that a bias or a rule has lifted keeps the smaller
        probability that it has.
        """
        if self.decision.temperature != 1:
            scores = log_softmax(batch.logits / np.float32(self.decision.temperature))
        found: FloatArray = np.exp(np.take_along_axis(scores, tags[:, :, None], axis=2)[:, :, 0])
        return found

    def n_best_chunk(self, sentences: Sequence[Sentence], n: int) -> list[list[TagPath]]:
        """The n most probable tag sequences of each sentence, best first; fewer where there are no more.

        Only legal ones, if the tagger is constrained. The probability of a sequence is its share of all, legal
        or not: exact under a chain (`--head crf`), the product of its tokens' under a softmax. As in a
        span's, neither the temperature nor the bias of the decision is in it; and `tag` says the sequence
        of the best sum over tokens, which under a chain may be another than the first here.
        Raises UserError for an n that is not from 1 to 1000.
        """
        check_paths(n)
        check_sentences(sentences)
        found = [[TagPath(tags=(), probability=1.0)] for _ in sentences]
        for batch in self.scorer.score(sentences):
            paths, logs = n_best(
                batch.emissions, batch.lengths, self.path_scores, n=n, legal=self.legal
            )
            for row, (sentence, length) in enumerate(batch.rows()):
                found[sentence] = [
                    TagPath(tags=self.names(path[:length]), probability=float(np.exp(log)))
                    for path, log in zip(paths[row], logs[row], strict=True)
                    if np.isfinite(log)
                ]
        return found

    def names(self, classes: Int32Array) -> tuple[str, ...]:
        """The tags of some class indices."""
        symbols = self.encoder.tags.symbols
        return tuple(map(symbols.__getitem__, classes.tolist()))

    @cached_property
    def scorer(self) -> SentenceScorer:
        """What scores sentences; it keeps what it has worked out of words."""
        return SentenceScorer(Forward(self.architecture, self.weights), self.encoder)

    @cached_property
    def bias(self) -> FloatArray:
        """float32 (C,): what the decision adds to the log-probabilities."""
        symbols = self.encoder.tags.symbols
        return np.array([self.decision.bias.get(symbol, 0.0) for symbol in symbols], np.float32)

    @cached_property
    def legal(self) -> LegalTransitions | None:
        """The paths that may be said; None allows all."""
        return (
            legal_transitions(self.encoder.tags.symbols, self.scheme) if self.constrained else None
        )

    @cached_property
    def path_scores(self) -> PathScores:
        """What neighbours, first and last tags add to a path."""
        found = (array.astype(np.float64) for array in self.scorer.transition_scores)
        transitions, start, end = found
        return PathScores(start=start, transitions=transitions, end=end)

    @cached_property
    def network(self) -> Any:
        """A `keras.Model` of these weights, made when it is first asked for.

        Training it further changes nothing here: `with_network` makes the tagger of what comes of it.
        """
        from seqlab.modeling.network import build_network

        network = build_network(self.architecture)
        set_weights(network, self.weights)
        return network

    def with_network(self, network: Any) -> "Tagger":
        """The tagger of another `keras.Model` of the same layers, as its weights are now."""
        return replace(self, weights=network_weights(network))


def log_softmax(scores: FloatArray) -> FloatArray:
    """Scores (…, C) as log-probabilities."""
    found: FloatArray = scores.reshape(
        -1, scores.shape[-1]
    ).T.copy()  # sums over rows are the quick ones
    found -= found.max(axis=0)
    found -= np.log(np.exp(found).sum(axis=0))
    return np.ascontiguousarray(found.T).reshape(scores.shape)


def sentence_of(tokens: Sequence[str], features: Features | None, *, method: str) -> Sentence:
    """The tokens of one sentence as one. method: who takes them, for the message.

    Raises UserError for what is no list of texts.
    """
    values = {
        name: texts(column, f"feature {name!r} takes a list of values")
        for name, column in (features or {}).items()
    }
    return Sentence(tokens=texts(tokens, f"{method} takes a list of tokens"), features=values)
