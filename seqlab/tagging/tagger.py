"""The tagger: a trained network that tags tokenised sentences, with a probability per tag."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from html import escape
from itertools import islice
from typing import Any, Literal

import numpy as np

from seqlab.architecture import Architecture
from seqlab.arrays import BoolArray, FloatArray, Int32Array, Int64Array
from seqlab.corpus.corpus_arrays import offsets_of
from seqlab.corpus.schemes import Scheme, class_of_tag
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.sentence_checks import (
    check_iterable,
    check_sentences,
    tuple_of_numbers,
    tuple_of_strings,
)
from seqlab.deciding.decision_rule import DecisionRule
from seqlab.deciding.n_best import PathScores, check_paths, n_best
from seqlab.deciding.transitions import LegalTransitions, legal_transitions
from seqlab.deciding.viterbi import decode
from seqlab.encoding.encoder import Encoder
from seqlab.errors import UserError, nearest, with_type
from seqlab.inference.combined import COMBINED, CombinedScorer
from seqlab.inference.forward import Forward
from seqlab.inference.own_network import NO_NUMPY, OwnNetwork, Scorer
from seqlab.inference.scorer import ScoredBatch, SentenceScorer, log_softmax, sentence_lengths
from seqlab.inference.weights import NetworkWeights, network_weights, set_network_weights
from seqlab.machine.cached_property import cached_property
from seqlab.machine.terminal import visible
from seqlab.tagging.keras_part import keras_part
from seqlab.tagging.table_tagging import TableTagging
from seqlab.text.cutting import CuttingChoice

CHUNK = 2048  # sentences that are sorted by length and tagged together

FeatureColumns = Mapping[str, Sequence[str]]
"""By name of a feature column, one value per token."""
NumericColumns = Mapping[str, Sequence[float | None]]
"""By name of a numeric column, one number per token; None or NaN where it is missing."""


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """The tags of one sentence. scores: float32 (T,), the probability of each tag."""

    tags: tuple[str, ...]
    scores: FloatArray


@dataclass(frozen=True, kw_only=True)
class TagPath:
    """The tags of one sentence, and the probability that all of them are correct."""

    tags: tuple[str, ...]
    probability: float


@dataclass(frozen=True, kw_only=True)
class Tagger(TableTagging):
    """A trained network with its vocabularies. It tags in numpy, on one core.

    weights: the network's weights by layer, from the end of training. scheme: the tag scheme.
    decision: temperature, doubt and bias, tuned after training; without a bias the most probable tags win.
    constrained: return the best path that the scheme allows, instead of the best tag of each token.
    cutting: how raw text is cut by default.
    own_network: the network if `build_network` did not make it; it is then tagged with Keras. Of `architecture`, the sizes
        of the inputs and of the output alone count then.
    members: the taggers that this one combines; see `combine_taggers`. Architecture and encoder are those of the first.
    """

    architecture: Architecture
    weights: NetworkWeights = field(repr=False)
    encoder: Encoder
    scheme: Scheme
    decision: DecisionRule = field(default_factory=DecisionRule)
    constrained: bool = False
    cutting: CuttingChoice = field(default_factory=CuttingChoice)
    own_network: OwnNetwork | None = None
    members: "tuple[Tagger, ...]" = ()

    @property
    def engine(self) -> Literal["numpy", "keras"]:
        """What computes the scores: numpy for a network of `build_network`, Keras for any other."""
        return "numpy" if self.own_network is None else "keras"

    def __repr__(self) -> str:
        own = {"architecture"} if self.own_network is not None else {"own_network"}
        own |= set() if self.members else {"members"}
        shown = [one.name for one in fields(self) if one.repr and one.name not in own]
        return f"Tagger({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"

    def __getstate__(self) -> dict[str, Any]:
        """The fields alone: a copy or another process computes the cached properties again."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    def tag(
        self,
        tokens: Sequence[str],
        *,
        features: FeatureColumns | None = None,
        numbers: NumericColumns | None = None,
    ) -> list[str]:
        """Tag one tokenised sentence: one tag per token, unknown tokens included.

        tokens: the words; any strings for a tagger that reads no words.
        features, numbers: the values of the columns that the tagger was trained with.
        Raises UserError when the tokens, or the values of a feature, are not a list of strings. Raises UserError for
        numbers that are not a list of numbers, and for a column that the tagger does not read.
        """
        self.check_columns(features, numbers)
        sentence = make_sentence(tokens, features, numbers, name="tag")
        return list(self.predict_chunk([sentence])[0].tags)

    def n_best(
        self,
        tokens: Sequence[str],
        n: int,
        *,
        features: FeatureColumns | None = None,
        numbers: NumericColumns | None = None,
    ) -> list[TagPath]:
        """The n most probable tag sequences of one tokenised sentence; see `n_best_chunk`."""
        self.check_columns(features, numbers)
        return self.n_best_chunk([make_sentence(tokens, features, numbers, name="n_best")], n)[0]

    def check_columns(
        self, features: FeatureColumns | None, numbers: NumericColumns | None
    ) -> None:
        """Raise UserError for a feature or a number that the tagger does not read."""
        if features:
            refuse_unread("features", features, self.encoder.feature_columns)
        if numbers:
            refuse_unread("numbers", numbers, self.encoder.numeric_columns)

    def predict(self, sentences: Iterable[Sentence]) -> Iterator[Prediction]:
        """Predict the tags of many sentences, in order; tags that they already carry are ignored.

        Reads `CHUNK` sentences ahead and holds no more, so a stream of any length can be tagged.
        Long sentences are tagged whole. Raises UserError for anything that is not a Sentence.
        """
        check_iterable(sentences)
        source = iter(sentences)
        while chunk := list(islice(source, CHUNK)):
            yield from self.predict_chunk(chunk)

    def predict_chunk(self, sentences: Sequence[Sentence]) -> list[Prediction]:
        """Predict the tags of as many sentences as fit in memory.

        Raises UserError for anything that is not a list of sentences.
        """
        check_sentences(sentences)
        predictions = [Prediction(tags=(), scores=np.zeros(0, np.float32))] * len(sentences)
        for batch in self.scorer.score(sentences):
            log_probabilities = log_softmax(batch.logits)
            tag_ids = decode(log_probabilities + self.bias, batch.lengths, self.legal)
            scores = self.probabilities(batch, log_probabilities, tag_ids)
            for row, (sentence, length) in enumerate(batch.rows()):
                tags = self.tag_names(tag_ids[row, :length])
                predictions[sentence] = Prediction(tags=tags, scores=scores[row, :length])
        return predictions

    def tag_ids_chunk(self, sentences: Sequence[Sentence]) -> Int32Array:
        """int32 (tokens,): the tag ids of all tokens, sentence after sentence.

        The tags equal those of `predict_chunk`. Their probabilities, which take as long as the decision
        itself, are not computed. Raises UserError for anything that is not a list of sentences.
        """
        check_sentences(sentences)
        return self.flat_tags(sentences, scored=np.zeros(len(self.outside), np.bool_))[0]

    def flat_tags(
        self, sentences: Sequence[Sentence], *, scored: BoolArray
    ) -> tuple[Int32Array, FloatArray]:
        """int32 and float32 (tokens,): tag ids and calibrated probabilities, sentence after sentence.

        scored: bool (C,), the tags whose probabilities are computed; the others get 1.
        """
        offsets = offsets_of(sentence_lengths(sentences))
        flat_tag_ids = np.zeros(offsets[-1], np.int32)
        flat_scores = np.ones(offsets[-1], np.float32)
        for batch in self.scorer.score(sentences):
            logits = scores = batch.logits
            if self.decision.bias or self.legal is not None:
                scores = log_softmax(scores) + self.bias
            tag_ids = decode(scores, batch.lengths, self.legal)
            times = np.arange(tag_ids.shape[1])
            mask = times < batch.lengths[:, None]
            places = offsets[batch.sentences][:, None] + times
            flat_tag_ids[places[mask]] = tag_ids[mask]
            mask &= scored[tag_ids]
            if mask.any():  # tags outside spans, nearly all, are left out
                chosen = tag_ids[mask]
                log_probabilities = log_softmax(
                    logits[mask] / np.float32(self.decision.temperature)
                )
                flat_scores[places[mask]] = self.decision.doubted(
                    np.exp(log_probabilities[np.arange(len(chosen)), chosen]),
                    tags=log_probabilities.shape[-1],
                )
        return flat_tag_ids, flat_scores

    def probabilities(
        self, batch: ScoredBatch, log_probabilities: FloatArray, tag_ids: Int32Array
    ) -> FloatArray:
        """float32 (B, T): the calibrated probability of each chosen tag.

        log_probabilities: float32 (B, T, C), before temperature and bias. tag_ids: int32 (B, T).
        A tag that won by its bias, or by a rule of the scheme, keeps its own smaller probability.
        """
        if self.decision.temperature != 1:
            log_probabilities = log_softmax(batch.logits / np.float32(self.decision.temperature))
        chosen = np.take_along_axis(log_probabilities, tag_ids[:, :, None], axis=2)
        probabilities: FloatArray = self.decision.doubted(
            np.exp(chosen[:, :, 0]), tags=log_probabilities.shape[-1]
        )
        return probabilities

    def token_log_probabilities(self, sentences: Sequence[Sentence]) -> list[FloatArray]:
        """float32 (T, C) per sentence, in the order of the tagger's tags, before temperature and bias."""
        classes = len(self.encoder.tags.symbols)
        results = [np.zeros((len(sentence), classes), np.float32) for sentence in sentences]
        for batch in self.scorer.score(sentences):
            log_probabilities = log_softmax(batch.logits)
            for row, (sentence, length) in enumerate(batch.rows()):
                results[sentence] = log_probabilities[row, :length]
        return results

    def n_best_chunk(self, sentences: Sequence[Sentence], n: int) -> list[list[TagPath]]:
        """The n most probable tag sequences of each sentence, best first; fewer if there are fewer.

        A constrained tagger returns legal sequences only. A sequence's probability is its share of all
        sequences, legal or not: exact for a CRF, the product of its tokens' probabilities for a softmax.
        It includes neither the temperature nor the bias. `tag` maximises a sum over tokens, so for a CRF
        its tags can differ from the first sequence here.
        Raises UserError unless n is a whole number from 1 to 1000.
        """
        check_paths(n)
        check_sentences(sentences)
        results = [[TagPath(tags=(), probability=1.0)] for _ in sentences]
        for batch in self.scorer.score(sentences):
            paths, logs = n_best(
                batch.emissions, batch.lengths, self.path_scores, n=n, legal=self.legal
            )
            for row, (sentence, length) in enumerate(batch.rows()):
                results[sentence] = [
                    TagPath(tags=self.tag_names(path[:length]), probability=float(np.exp(log)))
                    for path, log in zip(paths[row], logs[row], strict=True)
                    if np.isfinite(log)
                ]
        return results

    def tag_names(self, tag_ids: Int32Array) -> tuple[str, ...]:
        """The tags of some tag ids."""
        return tuple(map(self.encoder.tags.symbols.__getitem__, tag_ids.tolist()))

    def _repr_html_(self) -> str:
        """What notebooks show: the classes and the size of the tagger."""
        symbols = self.encoder.tags.symbols
        names = dict.fromkeys(class_of_tag(tag, self.scheme) for tag in symbols)
        classes = ", ".join(escape(visible(name)) for name in names)
        words = len(self.encoder.words.symbols)
        return (
            f"<p>Tagger of {len(symbols)} tags ({escape(str(self.scheme))}) with a vocabulary of {words:,} words. "
            f"Classes: {classes}.</p>"
        )

    @cached_property
    def scorer(self) -> Scorer:
        """Scores sentences; it caches what it computes per spelling."""
        if self.own_network is not None:
            return self.own_network.scorer(self.encoder)
        if self.members:
            symbols = self.encoder.tags.symbols
            orders = [tag_columns(member.encoder.tags.symbols, symbols) for member in self.members]
            return CombinedScorer([member.scorer for member in self.members], orders)
        return SentenceScorer(self.forward, self.encoder)

    @cached_property
    def forward(self) -> Forward:
        """The network in numpy. Raises UserError if there is not one network of `build_network`."""
        self.refuse_other_networks()
        return Forward(self.architecture, self.weights)

    @cached_property
    def bias(self) -> FloatArray:
        """float32 (C,): the decision's bias, added to log-probabilities."""
        symbols = self.encoder.tags.symbols
        return np.array([self.decision.bias.get(symbol, 0.0) for symbol in symbols], np.float32)

    @cached_property
    def legal(self) -> LegalTransitions | None:
        """The transitions that a path may use; None allows all."""
        symbols = self.encoder.tags.symbols
        return legal_transitions(symbols, self.scheme) if self.constrained else None

    @cached_property
    def path_scores(self) -> PathScores:
        """float64 scores of transitions, first and last tags; zeros for a softmax."""
        transitions, start, end = (a.astype(np.float64) for a in self.scorer.transition_scores)
        return PathScores(start=start, transitions=transitions, end=end)

    @cached_property
    def network(self) -> Any:
        """A `keras.Model` with these weights, built on first use.

        Training it does not change this tagger. `with_network` makes a tagger from the trained model.
        Raises UserError where Keras or this part of seqlab is not installed, and for several networks.
        """
        if self.members:
            raise UserError(COMBINED)
        if self.own_network is not None:
            return self.own_network.network
        network = keras_part("modeling.network", "a network").build_network(self.architecture)
        set_network_weights(network, self.weights)
        return network

    def with_network(self, network: Any) -> "Tagger":
        """A tagger with the present weights of another `keras.Model` of the same architecture.

        Raises UserError for a network that `build_network` did not make; `tagger_of_network` takes it.
        """
        self.refuse_other_networks()
        return replace(self, weights=network_weights(network))

    def refuse_other_networks(self) -> None:
        """Raise UserError unless the tagger has one network, made by `build_network`."""
        if self.own_network is not None:
            raise UserError(NO_NUMPY)
        if self.members:
            raise UserError(COMBINED)


def tag_columns(symbols: Sequence[str], wanted: Sequence[str]) -> Int64Array:
    """int64 (C,): where each of the wanted tags stands among other tags."""
    columns = {symbol: column for column, symbol in enumerate(symbols)}
    return np.array([columns[symbol] for symbol in wanted], np.int64)


def refuse_unread(what: str, given: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    """Raise UserError for a column that is not among the known ones. what: features or numbers."""
    if not isinstance(given, Mapping):
        raise UserError(f"{what} is {with_type(given)}: expected a dict of lists by column")
    for name in given:
        if name not in known:
            if not known:
                raise UserError(
                    f"{what} has {name!r}, but this tagger reads no {what}; leave it out"
                )
            raise UserError(
                f"{what} has {name!r}: expected {', '.join(known)}{nearest(name, known)}"
            )


def make_sentence(
    tokens: Sequence[str],
    features: FeatureColumns | None,
    numbers: NumericColumns | None = None,
    *,
    name: str,
) -> Sentence:
    """A Sentence from lists of strings and of numbers. name: that of the calling method, for errors.

    Raises UserError for anything that is not a list of strings or numbers.
    """
    columns = {
        column: tuple_of_strings(values, f"feature {column!r} takes a list of values")
        for column, values in (features or {}).items()
    }
    checked = tuple_of_strings(tokens, f"{name} takes a list of tokens")
    numeric = {
        column: tuple_of_numbers(values, column) for column, values in (numbers or {}).items()
    }
    return Sentence(tokens=checked, features=columns, numbers=numeric)
