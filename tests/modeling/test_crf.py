"""The CRF output layer: marginals, the likelihood of sentences, saving and loading."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqlab.experiment.loss_choice import choose_loss
from seqlab.modeling.bilstm import ReadableMask
from seqlab.modeling.crf import CrfMarginals
from seqlab.modeling.crf_likelihood import (
    EmissionWeightedLikelihood,
    crf_likelihood,
    logits_and_losses,
)
from seqlab.modeling.losses import token_cross_entropy
from seqlab.modeling.network import logits_network
from seqlab.settings.training import make_settings
from tests.modeling.test_crf_forward_backward import by_brute_force, path_scores
from tests.modeling.test_network import cut, inputs_of, make_data, make_network


@pytest.fixture(scope="module")
def network():
    return make_network(char_encoder="none", head="crf")


@pytest.fixture
def data():
    """Sentences of 1 to 5 tokens, cut to the longest."""
    return cut(make_data(sentences=6, longest=5))


def crf_arrays(network, data):
    """Emissions (B, T, C), transitions, start and end, in float64."""
    emissions = keras.Model(network.inputs, network.get_layer("emissions").output)
    arrays = [emissions(inputs_of(network, data)), *network.get_layer("logits").get_weights()]
    return [np.array(array).astype(np.float64) for array in arrays]


def test_the_output_equals_brute_force_marginals(network, data):
    emissions, *scores = crf_arrays(network, data)
    inputs = inputs_of(network, data)
    logits, probabilities = np.array(logits_network(network)(inputs)), np.array(network(inputs))
    for n, length in enumerate(data["mask"].sum(axis=1)):
        expected = by_brute_force(emissions[n, :length], *scores)
        np.testing.assert_allclose(logits[n, :length], expected, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(probabilities[n, :length], np.exp(expected), atol=1e-5)


def test_with_weights_of_0_the_crf_is_a_softmax(data):
    network = make_network(char_encoder="none", head="crf")
    crf = network.get_layer("logits")
    crf.set_weights([np.zeros_like(weights) for weights in crf.get_weights()])
    emissions = crf_arrays(network, data)[0]
    found = np.array(network(inputs_of(network, data)))
    np.testing.assert_allclose(
        found[data["mask"]], keras.ops.softmax(emissions)[data["mask"]], rtol=1e-5
    )


def test_the_losses_of_a_sentence_sum_to_its_likelihood(network, data):
    """Each loss is -log p(y_t | y_1 … y_t-1, x), so sums over the first tokens are right too."""
    labels = np.where(data["mask"], np.maximum(data["labels"], 1), 0).astype(np.int32)
    emissions, *scores = crf_arrays(network, data)
    logits, losses = logits_and_losses(network, crf_likelihood)(
        inputs_of(network, data), labels, False
    )
    np.testing.assert_allclose(logits, logits_network(network)(inputs_of(network, data)), rtol=1e-6)
    for n, length in enumerate(data["mask"].sum(axis=1)):
        paths = list(path_scores(emissions[n, :length], *scores))
        total = np.logaddexp.reduce([score for _, score in paths])
        gold = tuple(labels[n, :length] - 1)
        for tokens in range(1, length + 1):
            begun = [score for path, score in paths if path[:tokens] == gold[:tokens]]
            expected = total - np.logaddexp.reduce(begun)
            assert losses[n].numpy()[:tokens].sum() == pytest.approx(expected, rel=1e-4, abs=1e-4)
        assert not losses[n].numpy()[length:].any()


def test_after_a_tag_without_a_class_the_likelihood_uses_the_marginal(network, data):
    labels = np.where(data["mask"], np.maximum(data["labels"], 1), 0).astype(np.int32)
    labels[0, 1] = 0
    inputs = inputs_of(network, data)
    logits, losses = logits_and_losses(network, crf_likelihood)(inputs, labels, False)
    marginal = token_cross_entropy(labels, logits).numpy()
    assert losses[0, 1].numpy() == 0
    assert losses[0, 2].numpy() == pytest.approx(marginal[0, 2], rel=1e-4)


def test_the_gradient_of_the_likelihood_is_marginals_minus_gold(network, data):
    labels = np.where(data["mask"], np.maximum(data["labels"], 1), 0).astype(np.int32)
    bias = network.get_layer("emissions").bias
    with tf.GradientTape() as tape:
        _, losses = logits_and_losses(network, crf_likelihood)(
            inputs_of(network, data), labels, True
        )
        total = tf.reduce_sum(losses)
    found = np.array(network(inputs_of(network, data)))[data["mask"]].sum(axis=0)
    gold = np.bincount(labels[data["mask"]] - 1, minlength=5)
    np.testing.assert_allclose(tape.gradient(total, bias.value), found - gold, atol=1e-4)


def bare_crf(classes, seed):
    """A CRF over emissions that are looked up by word, with random numbers and 9 words."""
    words = keras.Input((None,), dtype="int32", name="words")
    emissions = keras.layers.Embedding(10, classes, name="emissions")(words)
    scores = CrfMarginals(name="logits")(emissions, ReadableMask(name="mask")(words))
    network = keras.Model(words, keras.layers.Softmax()(scores))
    random = np.random.default_rng(seed)
    network.set_weights([random.normal(0, 1.5, w.shape) for w in network.get_weights()])
    return network


@pytest.mark.parametrize("classes", [2, 3, 4])
@pytest.mark.parametrize("seed", [1, 2])
def test_emission_weights_act_on_the_scores_of_all_paths(classes, seed):
    """Compared with all paths by the definition: the gold path and all others score w[y_t] e_t[y_t]."""
    network, random = bare_crf(classes, seed), np.random.default_rng(seed)
    lengths = np.array([1, 2, 3, 4])
    real = np.arange(4) < lengths[:, None]
    words = random.integers(1, 10, (4, 4)) * real
    labels = (random.integers(1, classes + 1, (4, 4)) * real).astype(np.int32)
    weights = random.uniform(0.2, 5, classes).astype(np.float32)
    loss = EmissionWeightedLikelihood(emission_weights=weights)
    logits, losses = logits_and_losses(network, loss)([words], labels, False)
    np.testing.assert_allclose(logits, logits_network(network)([words]), rtol=1e-6)  # unweighted
    table, *scores = (np.array(array, np.float64) for array in network.get_weights())
    for n, length in enumerate(lengths):
        gold, whole, own = tuple(labels[n, :length] - 1), 0.0, 0.0
        for path, score in path_scores(table[words[n, :length]] * weights, *scores):
            whole += np.exp(score)
            own += np.exp(score) * (path == gold)
        assert losses.numpy()[n].sum() == pytest.approx(-np.log(own / whole), rel=1e-4, abs=1e-5)
        assert not losses.numpy()[n, length:].any()


def test_emission_weights_of_1_give_the_plain_likelihood_and_its_gradient(network, data):
    labels = np.where(data["mask"], np.maximum(data["labels"], 1), 0).astype(np.int32)
    found = []
    for loss in (
        crf_likelihood,
        EmissionWeightedLikelihood(emission_weights=np.ones(5, np.float32)),
    ):
        with tf.GradientTape() as tape:
            _, losses = logits_and_losses(network, loss)(inputs_of(network, data), labels, True)
            total = tf.reduce_sum(losses)
        variables = network.get_layer("logits").trainable_variables
        slopes = tape.gradient(total, [variable.value for variable in variables])
        found.append([losses.numpy(), *(slope.numpy() for slope in slopes)])
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-6)


def test_settings_scale_emission_weights_to_mean_1_over_tokens():
    counts, given = np.array([90, 10]), np.array([1.0, 4.0], np.float32)
    settings = {
        "head": "crf",
        "crf_loss": "likelihood",
        "emission_weights": True,
        "class_weights": "inverse",
    }
    for scale in (1, 50):
        loss = choose_loss(make_settings(**settings), counts, class_weights=scale * given)
        assert isinstance(loss, EmissionWeightedLikelihood)
        np.testing.assert_allclose(loss.emission_weights, given / 1.3, rtol=1e-6)


def test_every_weight_of_the_crf_gets_a_gradient(network, data):
    variables = network.get_layer("logits").trainable_variables
    with tf.GradientTape() as tape:
        logits = logits_network(network)(inputs_of(network, data))
        total = tf.reduce_sum(token_cross_entropy(data["labels"], logits))
    for gradient in tape.gradient(total, [variable.value for variable in variables]):
        assert np.abs(gradient.numpy()).max() > 1e-3


@pytest.mark.bits("stored")
@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept:DeprecationWarning")
def test_a_saved_network_predicts_the_same(network, data, tmp_path):
    network.save(tmp_path / "tagger.keras")
    network.save_weights(tmp_path / "tagger.weights.h5")
    loaded = keras.saving.load_model(tmp_path / "tagger.keras")
    again = make_network(char_encoder="none", head="crf")
    again.set_weights([weights * 0 for weights in again.get_weights()])
    again.load_weights(tmp_path / "tagger.weights.h5")
    inputs = inputs_of(network, data)
    for other in (loaded, again):
        np.testing.assert_array_equal(np.array(other(inputs)), np.array(network(inputs)))
