"""Span probabilities against brute force over all paths of the sentence."""

import keras
import numpy as np
import pytest

from seqlab.architecture import Architecture
from seqlab.corpus.schemes import Scheme, decode_spans
from seqlab.corpus.sentence import Sentence
from seqlab.deciding.decision_rule import DecisionRule
from seqlab.encoding.encoder import fit_encoder
from seqlab.inference.weights import network_weights
from seqlab.modeling.network import build_network
from seqlab.tagging.spans import span_confidences
from seqlab.tagging.tagger import Tagger
from tests import tiny
from tests.modeling.test_crf_forward_backward import path_scores
from tests.strategies import LETTERS

pytestmark = tiny.KERAS_NOISE

WORDS = ("Ada", "Stone", "saw", "Oslo", ".")


def make_tagger(scheme, head, seed=1):
    """A tagger with random weights, one entity type and `O`."""
    tags = ("O", *(f"{letter}-X" for letter in LETTERS[scheme]))
    encoder = fit_encoder([Sentence(tokens=WORDS[: len(tags)], tags=tags)], min_word_count=1)
    architecture = Architecture(
        words=encoder.words.id_count,
        characters=encoder.characters.id_count,
        classes=len(tags),
        char_encoder="none",
        word_dim=4,
        hidden_units=3,
        head=head,
    )
    network = build_network(architecture)
    random = np.random.default_rng(seed)
    network.set_weights([random.normal(0, 1.5, w.shape) for w in network.get_weights()])
    return Tagger(
        weights=network_weights(network),
        architecture=architecture,
        encoder=encoder,
        scheme=scheme,
        constrained=True,
        # A bias, so that spans are predicted. It changes which spans, not their probabilities.
        decision=DecisionRule(bias=dict.fromkeys(tags[1:], 6.0)),
    )


def scored_paths(tagger, tokens):
    """Every path over a sentence, as tags, and its score."""
    symbols = tagger.encoder.tags.symbols
    crf = tagger.architecture.head == "crf"
    layer = tagger.network.get_layer("emissions" if crf else "logits")
    words = tagger.encoder.encode([Sentence(tokens=tokens)]).padded(max_tokens=len(tokens)).words
    emissions = np.array(keras.Model(tagger.network.inputs, layer.output)([words]))[0]
    none = [np.zeros(shape) for shape in ((len(symbols),) * 2, len(symbols), len(symbols))]
    scores = tagger.network.get_layer("logits").get_weights() if crf else none
    for path, score in path_scores(emissions.astype(np.float64), *scores):
        yield [symbols[y] for y in path], score


def probability(paths, span, tags, scheme):
    """The share of all paths that have exactly this span with these tags."""
    whole = own = -np.inf
    for tags_of_path, score in paths:
        whole = np.logaddexp(whole, score)
        if tuple(tags_of_path[span[0] : span[1]]) == tags and span in decode_spans(
            tags_of_path, scheme
        ):
            own = np.logaddexp(own, score)
    return np.exp(own - whole)


@pytest.mark.parametrize("head", ["softmax", "crf"])
@pytest.mark.parametrize("scheme", list(LETTERS))
def test_a_span_has_the_probability_of_its_paths(scheme, head):
    tagger = make_tagger(scheme, head)
    given = [Sentence(tokens=tokens) for tokens in (WORDS, WORDS[::-1], WORDS[1:4])]
    seen = 0
    for sentence, prediction, confidences in zip(
        given, tagger.predict(given), span_confidences(tagger, given), strict=True
    ):
        predicted = [(span.start, span.stop, span.entity_type) for span in confidences]
        assert predicted == decode_spans(prediction.tags, scheme)
        paths = list(scored_paths(tagger, sentence.tokens))
        for span, confidence in zip(predicted, confidences, strict=True):
            expected = probability(paths, span, prediction.tags[span[0] : span[1]], scheme)
            assert confidence.probability == pytest.approx(expected, rel=1e-3, abs=1e-6)
            seen += 1
    assert seen


def test_sentences_without_tokens_have_no_spans():
    tagger = make_tagger(Scheme.IOB2, "crf")
    assert list(span_confidences(tagger, [Sentence(tokens=())])) == [[]]
    assert list(span_confidences(tagger, [])) == []
