import json
from dataclasses import replace

import numpy as np
import pytest

from seqlab.corpus.schemes import Scheme
from seqlab.corpus.sentence import Sentence
from seqlab.errors import UserError
from seqlab.streaming.output import extra_keys, significant
from seqlab.tagging.spans import SpanScorer
from tests import tiny
from tests.tagging.test_spans import WORDS, make_tagger

pytestmark = tiny.KERAS_NOISE


@pytest.fixture
def tagger():
    return make_tagger(Scheme.IOB2, "crf")


def tagged(tagger, *token_lists):
    sentences = [Sentence(tokens=tuple(tokens)) for tokens in token_lists]
    return list(zip(sentences, tagger.predict_chunk(sentences), strict=True))


def test_without_options_there_are_no_extra_keys(tagger):
    assert extra_keys(tagger, tagged(tagger, WORDS, ()), n_best=None, scorer=None) == [{}, {}]


def test_each_sentence_gets_its_sequences_and_spans_in_order(tagger):
    given = tagged(tagger, (), WORDS, WORDS[:1])
    found = extra_keys(tagger, given, n_best=2, scorer=SpanScorer(tagger=tagger))
    assert found[0] == {"n_best": [{"tags": [], "probability": 1.0}], "spans": []}
    assert [len(fields["n_best"][0]["tags"]) for fields in found] == [0, 5, 1]
    assert [len(fields["n_best"]) for fields in found] == [1, 2, 2]
    assert all(list(span) == ["start", "stop", "type", "probability"] for span in found[1]["spans"])
    assert found[1]["spans"]
    json.dumps(found, allow_nan=False)


def test_a_network_with_nan_weights_is_named(tagger):
    given = tagged(tagger, WORDS)
    assert "B-X" in given[0][1].tags
    tagger = replace(tagger, weights={name: w * np.nan for name, w in tagger.weights.items()})
    with pytest.raises(UserError) as caught:
        extra_keys(tagger, given, n_best=2, scorer=SpanScorer(tagger=tagger))
    assert str(caught.value) == (
        "the network's scores are no numbers: its weights, or the vectors of the words, are too large; train it again"
    )


@pytest.mark.parametrize(
    ("probability", "shown"),
    [(1.0, 1.0), (0.98765432, 0.9877), (1.23456e-30, 1.235e-30), (0.0, 0.0)],
)
def test_four_digits_count(probability, shown):
    assert significant(probability) == shown
