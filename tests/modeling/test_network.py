"""The tagger network: padding, comparison with numpy, saving and loading, Keras' own `fit`.

A batch padded to 150 tokens and the same batch cut to its longest sentence give the same
predictions, the same loss and the same gradients, at batch size 1 and 32.
"""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqlab.architecture import Architecture
from seqlab.errors import UserError
from seqlab.modeling import network as network_module
from seqlab.modeling.crf_likelihood import crf_likelihood, logits_and_losses
from seqlab.modeling.keras_loss import keras_loss
from seqlab.modeling.losses import token_cross_entropy
from seqlab.modeling.network import build_network, logits_network
from seqlab.training.step import input_signature
from tests.modeling.test_characters import by_hand as character_vector

QUICK = [  # each option in both states
    ("lstm", True, 2, "softmax"),
    ("cnn", False, 1, "softmax"),
    ("none", True, 1, "crf"),
]
OPTIONS = [
    pytest.param(*option, marks=[] if option in QUICK else pytest.mark.slow)
    for option in itertools.product(
        ["lstm", "cnn", "none"], [False, True], [1, 2], ["softmax", "crf"]
    )
]


FEATURES = {"case": 9, "column_pos": 6}


def architecture(char_encoder="lstm", features=False, layers=1, **more):
    """A small network without dropout; all its sizes differ."""
    sizes = {"words": 23, "characters": 11, "classes": 5, "max_chars": 6, "word_dim": 7}
    units = {"char_dim": 4, "char_units": 3, "hidden_units": 8, "dropout": 0.0, "word_dropout": 0.0}
    return Architecture(
        features=FEATURES if features else {},
        char_encoder=char_encoder,
        layers=layers,
        **{**sizes, **units, **more},
    )


def make_network(**options):
    """The network with weights so large that every part acts on its output."""
    keras.utils.set_random_seed(4)
    network = build_network(architecture(**options))
    random = np.random.default_rng(4)
    network.set_weights([random.normal(0, 0.5, w.shape) for w in network.get_weights()])
    return network


def make_data(sentences=32, longest=9, width=150):
    """Arrays (N, width) of sentences of 1 to `longest` tokens; `longest` occurs."""
    random = np.random.default_rng(6)
    lengths = random.integers(1, longest + 1, sentences)
    lengths[0] = longest
    mask = np.arange(width) < lengths[:, None]
    spelt = np.arange(6) < random.integers(1, 7, (20, 1))
    spellings = random.integers(1, 11, (20, 6)) * spelt  # 20 spellings, so words repeat
    ids = random.integers(0, 20, mask.shape)
    data = {
        "words": (ids + 2) * mask,
        "chars": spellings[ids] * mask[:, :, None],
        **{name: random.integers(1, size, mask.shape) * mask for name, size in FEATURES.items()},
        "labels": random.integers(0, 6, mask.shape) * mask,  # 0: a tag without a class
    }
    data = {name: array.astype(np.int32) for name, array in data.items()}
    weights = random.uniform(0.1, 4, mask.shape) * (data["labels"] > 0)
    return {**data, "weights": weights.astype(np.float32), "mask": mask}


def cut(data, rows=slice(None), width=None):
    """Some sentences, cut to the longest of them or to a width."""
    width = width or int(data["mask"][rows].sum(axis=1).max())
    return {name: array[rows, :width] for name, array in data.items()}


def inputs_of(network, data):
    return [data[tensor.name] for tensor in network.inputs]


def measure(network, loss_of_tokens=token_cross_entropy):
    """A function from data to probabilities, loss and gradients, traced once for all shapes."""
    scored, variables = logits_and_losses(network, loss_of_tokens), network.trainable_variables

    @tf.function(input_signature=input_signature(network))
    def run(*arrays):
        *inputs, labels, weights = arrays
        with tf.GradientTape() as tape:
            logits, losses = scored(inputs, labels, True)
            loss = tf.reduce_sum(losses * weights) / tf.reduce_sum(weights)
        gradients = tape.gradient(loss, [variable.value for variable in variables])
        return tf.nn.softmax(logits), loss, [tf.convert_to_tensor(g) for g in gradients]

    def measured(data):
        found = run(*inputs_of(network, data), data["labels"], data["weights"])
        return tf.nest.map_structure(lambda tensor: tensor.numpy(), found)

    return measured


def assert_same(left, right, mask):
    """Predictions on real tokens, loss and gradients, to float rounding."""
    width = min(left[0].shape[1], right[0].shape[1])
    real = mask[:, :width]
    np.testing.assert_allclose(left[0][:, :width][real], right[0][:, :width][real], atol=2e-6)
    assert left[1] == pytest.approx(right[1], rel=1e-5)
    for ours, theirs in zip(left[2], right[2], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=2e-6)


@pytest.mark.parametrize("loss", [token_cross_entropy, crf_likelihood])
@pytest.mark.parametrize(("char_encoder", "features", "layers", "head"), OPTIONS)
def test_padding_changes_nothing(char_encoder, features, layers, head, loss):
    if (head, loss) == ("softmax", crf_likelihood):
        pytest.skip("a softmax has no likelihood of paths")
    network = make_network(char_encoder=char_encoder, features=features, layers=layers, head=head)
    measured, data = measure(network, loss), make_data()
    whole = measured(cut(data, width=150))
    assert_same(whole, measured(cut(data)), data["mask"])
    singles, total = [], data["weights"].sum()
    for n in range(32):
        alone = cut(data, slice(n, n + 1))
        singles.append((measured(alone), alone["weights"].sum() / total))
        length = alone["mask"].sum()
        np.testing.assert_allclose(singles[n][0][0][0], whole[0][n, :length], atol=2e-6)
        if n < 2:
            padded = measured(cut(data, slice(n, n + 1), width=150))
            assert_same(padded, singles[n][0], alone["mask"])
    # Sentence by sentence, the losses and gradients add up to those of the batch of 32.
    singles = [(found, share) for found, share in singles if share]
    assert sum(found[1] * share for found, share in singles) == pytest.approx(whole[1], rel=1e-5)
    for index, gradient in enumerate(whole[2]):
        added = sum(found[2][index] * share for found, share in singles)
        np.testing.assert_allclose(added, gradient, rtol=1e-4, atol=2e-6)
        assert np.abs(gradient).max() > 1e-5  # every weight has a gradient


def test_without_the_mask_padding_does_change_the_predictions(monkeypatch):
    """The test above can fail."""

    class Blind(keras.layers.Layer):
        def call(self, ids):
            return keras.ops.ones_like(ids, dtype="bool")

    monkeypatch.setattr(network_module, "ReadableMask", Blind)
    network, data = make_network(char_encoder="none"), make_data()
    measured = measure(network)
    padded, short = measured(cut(data, width=150)), measured(cut(data))
    assert abs(padded[1] - short[1]) > 1e-3
    with pytest.raises(AssertionError):
        assert_same(padded, short, data["mask"])


def test_an_empty_sentence_in_a_batch_changes_nothing():
    network, data = make_network(), make_data(sentences=3)
    measured = measure(network)
    empty = {name: np.pad(a, [(0, 1)] + [(0, 0)] * (a.ndim - 1)) for name, a in data.items()}
    with_empty, without = measured(cut(empty)), measured(cut(data))
    assert np.isfinite(with_empty[0]).all()
    assert_same((with_empty[0][:3], *with_empty[1:]), without, data["mask"])


def numpy_lstm(inputs, kernel, recurrent, bias):
    """Every state of one LSTM, gates in Keras' order."""
    state = cell = np.zeros(recurrent.shape[0])
    states = []
    for vector in inputs:
        i, f, g, o = np.split(vector @ kernel + state @ recurrent + bias, 4)
        cell = cell / (1 + np.exp(-f)) + np.tanh(g) / (1 + np.exp(-i))
        state = np.tanh(cell) / (1 + np.exp(-o))
        states.append(state)
    return np.array(states)


@pytest.mark.parametrize(
    ("char_encoder", "features", "layers"),
    [("lstm", True, 2), ("cnn", False, 1), ("none", True, 1), ("none", False, 2)],
)
def test_probabilities_equal_numpy(char_encoder, features, layers):
    network = make_network(char_encoder=char_encoder, features=features, layers=layers)
    data = make_data(sentences=4)
    probabilities = np.array(network(inputs_of(network, data), training=False))

    def weights(name):
        return [w.astype(np.float64) for w in network.get_layer(name).get_weights()]

    for n, length in enumerate(data["mask"].sum(axis=1)):
        parts = [weights("word_embedding")[0][data["words"][n, :length]]]
        if char_encoder != "none":
            layer = network.get_layer("characters")
            parts.append(np.array([character_vector(layer, w) for w in data["chars"][n, :length]]))
        parts += [
            weights(f"{name}_embedding")[0][data[name][n, :length]]
            for name in (FEATURES if features else ())
        ]
        hidden = np.concatenate(parts, axis=1)
        for number in range(1, layers + 1):
            both = weights(f"bilstm_{number}")
            backward = numpy_lstm(hidden[::-1], *both[3:])[::-1]
            hidden = np.concatenate([numpy_lstm(hidden, *both[:3]), backward], axis=1)
        kernel, bias = weights("logits")
        scores = np.exp(hidden @ kernel + bias)
        expected = scores / scores.sum(axis=1, keepdims=True)
        np.testing.assert_allclose(probabilities[n, :length], expected, atol=1e-5)


@pytest.mark.parametrize(("char_encoder", "features"), [("lstm", True), ("none", False)])
def test_inputs_and_output(char_encoder, features):
    network = make_network(char_encoder=char_encoder, features=features)
    expected = {"words": (None, None)}
    if char_encoder != "none":
        expected["chars"] = (None, None, 6)
    if features:
        expected |= {"case": (None, None), "column_pos": (None, None)}
    assert {tensor.name: tensor.shape for tensor in network.inputs} == expected
    assert {tensor.dtype for tensor in network.inputs} == {"int32"}
    assert network.output.shape == (None, None, 5)
    assert logits_network(network).output.shape == (None, None, 5)


def test_probabilities_are_the_softmax_of_the_logits():
    network, data = make_network(), make_data(sentences=4, width=9)
    inputs = inputs_of(network, data)
    scores = np.exp(np.array(logits_network(network)(inputs), np.float64))
    expected = scores / scores.sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(np.array(network(inputs)), expected, atol=1e-6)


@pytest.mark.bits("repeated")
def test_dropout_acts_in_training_only():
    network, data = make_network(dropout=0.5, word_dropout=0.3), make_data(sentences=4, width=9)
    inputs = inputs_of(network, data)
    first, second = (np.array(network(inputs, training=True)) for _ in range(2))
    assert (first != second).any()
    np.testing.assert_array_equal(np.array(network(inputs)), np.array(network(inputs)))


@pytest.mark.bits("copied")
@pytest.mark.parametrize("trainable", [True, False])
def test_word_vectors_are_the_start_of_the_embedding(trainable):
    start = np.random.default_rng(1).normal(size=(23, 7)).astype(np.float32)
    network = build_network(architecture(trainable_words=trainable), word_vectors=start)
    embedding = network.get_layer("word_embedding")
    np.testing.assert_array_equal(embedding.get_weights()[0], start)
    names = [variable.path for variable in network.trainable_variables]
    assert any("word_embedding" in name for name in names) == trainable


def two_tables(**options):
    """A network with frozen words, and data in which a third of the words are frozen."""
    network, data = make_network(outside_vectors=True, **options), make_data(8, width=12)
    random = np.random.default_rng(9)
    frozen = data["mask"] & (random.random(data["mask"].shape) < 0.3)
    data["words"] = np.where(frozen, 23, data["words"])
    data["outside_vectors"] = random.normal(size=(8, 12, 7)).astype(np.float32)
    return network, data


def test_frozen_words_have_the_vectors_of_their_input():
    """Compared with a network whose only table has one row per token."""
    network, data = two_tables(char_encoder="none")
    vectors = network.get_layer("word_embedding").get_weights()[0][data["words"] % 23]
    frozen = data["words"] == 23
    vectors[frozen] = data["outside_vectors"][frozen]
    each = build_network(architecture(char_encoder="none", words=8 * 12 + 1))
    for layer in network.layers:
        if layer.weights and layer.name != "word_embedding":
            each.get_layer(layer.name).set_weights(layer.get_weights())
    table = np.concatenate([np.zeros((1, 7), np.float32), vectors.reshape(-1, 7)])
    each.get_layer("word_embedding").set_weights([table])
    places = np.arange(1, 8 * 12 + 1).reshape(8, 12)
    expected = np.array(each([np.where(data["mask"], places, 0)]))
    found = np.array(network(inputs_of(network, data)))
    np.testing.assert_allclose(found[data["mask"]], expected[data["mask"]], atol=1e-6)


@pytest.mark.parametrize("char_encoder", ["cnn", "none"])
def test_two_tables_train_in_keras_own_fit_and_padding_changes_nothing(char_encoder):
    network, data = two_tables(char_encoder=char_encoder, features=True)
    measured = measure(network)
    assert_same(measured(data), measured(cut(data)), data["mask"])
    network.compile(keras.optimizers.SGD(0.1), loss=keras_loss())
    labels = np.eye(6, dtype=np.float32)[data["labels"]][:, :, 1:]
    history = network.fit(
        inputs_of(network, data), labels, sample_weight=data["weights"], epochs=3, verbose=0
    )
    losses = history.history["loss"]
    assert losses[2] < losses[0]


@pytest.mark.bits("stored")
@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept:DeprecationWarning")
def test_a_saved_network_of_two_tables_predicts_the_same(tmp_path):
    network, data = two_tables(char_encoder="none")
    network.save(tmp_path / "tagger.keras")
    loaded = keras.saving.load_model(tmp_path / "tagger.keras")
    inputs = inputs_of(network, data)
    np.testing.assert_array_equal(np.array(loaded(inputs)), np.array(network(inputs)))


def test_word_vectors_of_another_shape_are_an_error():
    with pytest.raises(ValueError, match="shape"):
        build_network(architecture(), word_vectors=np.zeros((23, 6), np.float32))


# Keras 3.15 converts TensorFlow 2.21 variables to arrays by a method that NumPy 2 deprecates.
@pytest.mark.bits("stored")
@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept:DeprecationWarning")
@pytest.mark.parametrize("char_encoder", ["lstm", "cnn", "none"])
def test_a_saved_network_predicts_the_same(char_encoder, tmp_path):
    network, data = make_network(char_encoder=char_encoder, features=True), make_data(4)
    network.save(tmp_path / "tagger.keras")
    loaded = keras.saving.load_model(tmp_path / "tagger.keras")
    inputs = inputs_of(network, data)
    np.testing.assert_array_equal(np.array(loaded(inputs)), np.array(network(inputs)))
    assert [layer.name for layer in loaded.layers] == [layer.name for layer in network.layers]


@pytest.mark.bits("repeated")
def test_a_seed_builds_the_same_network():
    first, second = (
        (keras.utils.set_random_seed(seed), build_network(architecture()).get_weights())[1]
        for seed in (3, 3)
    )
    assert all((a == b).all() for a, b in zip(first, second, strict=True))


def fit_arguments(network, data):
    """Arguments of `fit`: inputs, one-hot labels and temporal weights."""
    labels = np.eye(6, dtype=np.float32)[data["labels"]][:, :, 1:]
    return {"x": inputs_of(network, data), "y": labels, "sample_weight": data["weights"]}


def summed(network, data):
    """sum(weight * loss) and sum(weight), in numpy, from the predictions."""
    probabilities = np.array(network(inputs_of(network, data))).astype(np.float64)
    gold = np.take_along_axis(probabilities, np.maximum(data["labels"] - 1, 0)[:, :, None], 2)
    losses = -np.log(gold[:, :, 0]) * (data["labels"] > 0)
    return (losses * data["weights"]).sum(), data["weights"].sum(dtype=np.float64)


@pytest.mark.parametrize(("width", "head"), [(150, "softmax"), (None, "softmax"), (150, "crf")])
def test_keras_fit_reports_the_weighted_mean_loss(width, head):
    network, data = make_network(char_encoder="cnn", head=head), cut(make_data(), width=width)
    network.compile(keras.optimizers.SGD(0.0), loss=keras_loss())
    history = network.fit(**fit_arguments(network, data), batch_size=32, verbose=0).history
    total, weight = summed(network, data)
    assert history["loss"] == [pytest.approx(total / weight, rel=1e-5)]


def test_keras_default_reduction_divides_by_tokens_not_by_weights():
    """The reason for `keras_loss`. Without the BiLSTM's mask Keras divides by B * T."""
    network, data = make_network(char_encoder="none"), make_data()
    network.compile(keras.optimizers.SGD(0.0), loss="categorical_crossentropy")
    history = network.fit(**fit_arguments(network, data), batch_size=32, verbose=0).history
    total, weight = summed(network, data)
    assert history["loss"] == [pytest.approx(total / data["mask"].sum(), rel=1e-5)]
    assert abs(history["loss"][0] - total / weight) > 0.5


def test_keras_fit_learns_with_validation_and_predicts():
    network, data = make_network(char_encoder="none"), make_data(width=9)
    data["labels"] = (data["words"] % 5 + 1) * data["mask"]  # every word has its tag
    data["weights"] = data["weights"] * data["mask"]
    network.compile(keras.optimizers.Adam(0.03), loss=keras_loss())
    arguments = fit_arguments(network, data)
    validation = tuple(arguments[name] for name in ("x", "y", "sample_weight"))
    fitted = network.fit(**arguments, epochs=15, validation_data=validation, verbose=0)
    assert fitted.history["loss"][-1] < fitted.history["loss"][0] / 2
    total, weight = summed(network, data)
    assert fitted.history["val_loss"][-1] == pytest.approx(total / weight, rel=1e-4)
    predicted = network.predict(arguments["x"], verbose=0)
    assert predicted.shape == (32, 9, 5)


@pytest.mark.parametrize(
    ("given", "vectors", "message"),
    [
        (None, None, "expected a seqlab.Architecture, found NoneType"),
        ({"words": 9}, None, "found dict"),
        (architecture(), np.ones((3, 2)), r"shape \(3, 2\); expected \("),
        (architecture(), [[1.0]], r"shape \(1, 1\)"),
        (architecture(), np.nan, "contain NaN or infinity"),
    ],
)
def test_a_wrong_architecture_or_word_table_is_an_error(given, vectors, message):
    if vectors is np.nan:
        vectors = np.full((given.words, given.word_dim), np.nan, np.float32)
    with pytest.raises(UserError, match=message):
        build_network(given, word_vectors=vectors)
