"""The forward pass in numpy against the same network in Keras."""

import itertools

import keras
import numpy as np
import pytest

from seqlab.encoding.distinct_words import DistinctWords
from seqlab.inference.crf import CrfWeights, crf_messages
from seqlab.inference.forward import Forward
from seqlab.inference.ragged import RaggedBatch
from seqlab.inference.weights import network_weights
from seqlab.modeling.network import logits_network
from tests import tiny
from tests.modeling.test_network import architecture, make_network

pytestmark = tiny.KERAS_NOISE
OPTIONS = list(
    itertools.product(["lstm", "cnn", "none"], [False, True], [1, 2], ["softmax", "crf"])
)
LENGTHS = np.array([9, 9, 6, 3, 1, 1])


def random_words(random, count=40, *, case):
    """Random word ids, characters and cases within the vocabularies."""
    sizes = random.integers(1, 11, count)
    return DistinctWords(
        word_ids=random.integers(1, 23, count).astype(np.int32),
        characters=random.integers(1, 11, sizes.sum()).astype(np.int32),
        offsets=np.concatenate([[0], np.cumsum(sizes)]),
        features={"case": random.integers(1, 9, count).astype(np.int32)} if case else {},
    )


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_scores_equal_those_of_keras(options):
    char_encoder, features, layers, head = options
    given = {"char_encoder": char_encoder, "features": features, "layers": layers}
    network, shape = make_network(head=head, **given), architecture(head=head, **given)
    random = np.random.default_rng(7)
    distinct = random_words(random, case=features)
    tokens = random.integers(0, 40, LENGTHS.sum())
    columns = {"column_pos": random.integers(1, 6, len(tokens))} if features else {}
    mask = np.arange(LENGTHS.max()) < LENGTHS[:, None]
    padded = np.zeros(mask.shape, np.int64)
    padded[mask] = tokens
    arrays = {
        "words": distinct.word_ids[padded] * mask,
        "chars": distinct.padded(6)[padded] * mask[:, :, None],
        **{name: ids[padded] * mask for name, ids in distinct.features.items()},
    }
    for name, ids in columns.items():
        arrays[name] = np.zeros(mask.shape, np.int64)
        arrays[name][mask] = ids
    inputs = [arrays[tensor.name] for tensor in network.inputs]
    scorer = logits_network(network)
    if head == "crf":
        scorer = keras.Model(network.inputs, network.get_layer("emissions").output)
    expected = np.asarray(scorer(inputs))[mask]

    forward = Forward(shape, network_weights(network))
    scores = forward.emissions(forward.gate_inputs(distinct), tokens, columns, RaggedBatch(LENGTHS))
    np.testing.assert_allclose(scores, expected, rtol=2e-4, atol=2e-5)
    if head == "crf":
        emissions = np.zeros((*mask.shape, 5), np.float32)
        emissions[mask] = scores
        before, after = crf_messages(emissions, CrfWeights.of(*forward.layer("logits")), LENGTHS)
        total = (emissions + before + after)[mask]
        marginals = total - np.logaddexp.reduce(total, axis=1, keepdims=True)
        wanted = np.asarray(logits_network(network)(inputs))[mask]
        np.testing.assert_allclose(marginals, wanted, rtol=2e-4, atol=2e-5)
