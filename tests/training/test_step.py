"""Steps compared with numpy and Keras' own `fit`, and two replicas with one."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from seqlab.training.step import Steps, class_sums
from tests.training.small import make_batcher, make_corpus, tagger_network, word_network

NO_CLIPPING = 1e9
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def batch():
    return next(make_batcher(make_corpus(), size=6).batches([np.array([3, 0, 10, 7, 5, 20])]))


@pytest.fixture
def weights(batch):
    """float32 (B, T): random, 0 on padding; one real token weighs 0 and one has no class."""
    weights = np.random.default_rng(2).uniform(0.2, 5, batch.labels.shape).astype(np.float32)
    batch.labels[0, 0] = 0
    weights[batch.labels == 0] = 0
    weights[1, 0] = 0
    return weights


def numpy_losses(probabilities, labels):
    """float64 (B, T) from float (B, T, C) and ids from 1."""
    losses = np.zeros(labels.shape)
    for b, t in np.argwhere(labels > 0):
        losses[b, t] = -np.log(np.float64(probabilities[b, t, labels[b, t] - 1]))
    return losses


def numpy_sums(losses, labels, weights, classes):
    sums = np.zeros((classes + 1, 4))
    for b, t in np.ndindex(*labels.shape):
        loss, weight = losses[b, t], weights[b, t]
        sums[labels[b, t]] += weight * loss, weight, loss, 1
    return sums


@pytest.mark.parametrize(
    "options", [{"char_encoder": "lstm", "max_chars": 15}, {"features": {"case": 8}}]
)
def test_sums_equal_numpy(batch, weights, options):
    network = tagger_network(keras.optimizers.SGD(0.0), **options)
    steps = Steps(network, clip_norm=5.0)
    arrays = steps.arrays(batch, weights)
    probabilities = np.array(network(list(arrays[:-2])))
    losses = numpy_losses(probabilities, batch.labels)
    expected = numpy_sums(losses, batch.labels, weights, 3)
    np.testing.assert_allclose(steps.train(arrays).numpy(), expected, rtol=1e-5, atol=1e-5)
    logits, sums = steps.evaluate(arrays)
    np.testing.assert_allclose(sums.numpy(), expected, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(keras.ops.softmax(logits), probabilities, rtol=1e-5)


@pytest.mark.parametrize("head", [pytest.param("softmax", marks=pytest.mark.slow), "crf"])
def test_soft_labels_take_their_share_of_the_loss(batch, weights, head):
    network = tagger_network(keras.optimizers.SGD(0.0), head=head)
    steps = Steps(network, clip_norm=5.0, soft=True)
    random, shape = np.random.default_rng(4), (*batch.labels.shape, 3)
    share = random.uniform(0, 1, shape[:2]) * (batch.labels > 0)
    soft = (random.dirichlet(np.ones(3), shape[:2]) * share[:, :, None]).astype(np.float32)
    arrays = steps.train_arrays(replace(batch, soft_labels=soft), weights)
    probabilities = np.array(network(list(arrays[:-3])), np.float64)
    losses = (1 - share) * numpy_losses(probabilities, batch.labels)
    losses -= (soft * np.log(probabilities)).sum(axis=-1)
    expected = numpy_sums(losses, batch.labels, weights, 3)
    np.testing.assert_allclose(steps.train(arrays).numpy()[1:], expected[1:], rtol=1e-4, atol=1e-5)
    plain = numpy_sums(numpy_losses(probabilities, batch.labels), batch.labels, weights, 3)
    found = steps.evaluate(steps.arrays(batch, weights))[1].numpy()
    np.testing.assert_allclose(found[1:], plain[1:], rtol=1e-4, atol=1e-5)


@pytest.mark.bits("repeated")
def test_a_step_reports_the_loss_before_its_update_and_evaluation_has_no_dropout(batch, weights):
    network = tagger_network(dropout=0.5, word_dropout=0.5)
    steps = Steps(network, clip_norm=5.0)
    arrays = steps.arrays(batch, weights)
    before = steps.evaluate(arrays)[1].numpy()
    np.testing.assert_array_equal(steps.evaluate(arrays)[1].numpy(), before)
    trained = steps.train(arrays).numpy()
    assert np.abs(trained[:, 0] - before[:, 0]).max() > 1e-3  # dropout
    np.testing.assert_allclose(trained[:, [1, 3]], before[:, [1, 3]])
    network = word_network()
    steps = Steps(network, clip_norm=5.0)
    arrays = steps.arrays(batch, weights)
    before = steps.evaluate(arrays)[1].numpy()
    np.testing.assert_allclose(steps.train(arrays).numpy(), before, rtol=1e-6)
    assert np.abs(steps.evaluate(arrays)[1].numpy() - before).max() > 1e-3


def test_class_sums_equal_a_loop():
    random = np.random.default_rng(4)
    labels = random.integers(0, 5, (2, 3)).astype(np.int32)
    losses, weights = random.uniform(0, 3, (2, 2, 3)).astype(np.float32)
    found = class_sums(labels, losses, weights, 4).numpy()
    assert found.shape == (5, 4)
    np.testing.assert_allclose(found, numpy_sums(losses, labels, weights, 4), rtol=1e-6)


def gradients_by_hand(network, batch, weights):
    """The gradients of sum(weight * loss) / sum(weight) of `word_network`, in numpy."""
    table, kernel, bias = (w.astype(np.float64) for w in network.get_weights())
    gradients = [np.zeros_like(w) for w in (table, kernel, bias)]
    for b, t in np.argwhere(weights > 0):
        word, label = batch.words[b, t], batch.labels[b, t]
        scores = np.exp(table[word] @ kernel + bias)
        pull = scores / scores.sum() - np.eye(3)[label - 1]
        pull *= weights[b, t] / weights.sum(dtype=np.float64)
        gradients[0][word] += kernel @ pull
        gradients[1] += np.outer(table[word], pull)
        gradients[2] += pull
    return gradients


def update(network, batch, weights, clip_norm):
    """The change of the weights by one step."""
    before = network.get_weights()
    steps = Steps(network, clip_norm=clip_norm)
    steps.train(steps.arrays(batch, weights))
    return [after - old for after, old in zip(network.get_weights(), before, strict=True)]


def test_a_step_follows_the_gradient_by_hand(batch, weights):
    network = word_network(keras.optimizers.SGD(0.5))
    gradients = gradients_by_hand(network, batch, weights)
    for moved, gradient in zip(
        update(network, batch, weights, NO_CLIPPING), gradients, strict=True
    ):
        np.testing.assert_allclose(moved, -0.5 * gradient, rtol=1e-4, atol=1e-6)
        assert np.abs(gradient).max() > 1e-3


def test_adam_squares_the_summed_gradient_of_a_repeated_word(batch, weights):
    network = word_network(keras.optimizers.Adam(0.1))
    assert len(np.unique(batch.words[weights > 0])) < np.count_nonzero(weights)
    gradients = gradients_by_hand(network, batch, weights)
    for moved, g in zip(update(network, batch, weights, NO_CLIPPING), gradients, strict=True):
        first_step = -0.1 * g / (np.abs(g) + 1e-7 / np.sqrt(1 - 0.999))
        np.testing.assert_allclose(moved, first_step, atol=1e-4)


@pytest.mark.parametrize("share", [0.1, 1.01, 3.0])
def test_clipping_scales_by_the_norm_of_all_gradients_together(batch, weights, share):
    network = word_network(keras.optimizers.SGD(1.0))
    gradients = gradients_by_hand(network, batch, weights)
    norm = np.sqrt(sum((gradient**2).sum() for gradient in gradients))
    scale = min(1.0, share)
    for moved, gradient in zip(
        update(network, batch, weights, share * norm), gradients, strict=True
    ):
        np.testing.assert_allclose(moved, -scale * gradient, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("optimizer", [keras.optimizers.SGD, keras.optimizers.Adam])
def test_a_step_equals_a_step_of_keras_fit(batch, weights, optimizer):
    """Where both divide by the same sum: one replica, the whole batch at once.

    But for tables under Adam: Keras 3.15 squares the gradients of a repeated word one by one
    before it adds them up, where Adam squares their sum (Kingma & Ba 2015), as a step does.
    """
    sizes = {"char_encoder": "cnn", "max_chars": 15}
    ours, theirs = (tagger_network(optimizer(1.0), **sizes) for _ in range(2))
    steps = Steps(ours, clip_norm=NO_CLIPPING)
    arrays = steps.arrays(batch, weights)
    start = ours.get_weights()
    steps.train(arrays)
    one_hot = np.eye(4, dtype=np.float32)[batch.labels][:, :, 1:]
    theirs.fit(list(arrays[:-2]), one_hot, sample_weight=weights, batch_size=6, verbose=0)
    compared = 0
    for variable, own, other, old in zip(
        ours.weights, ours.get_weights(), theirs.get_weights(), start, strict=True
    ):
        if optimizer is keras.optimizers.Adam and "embedding" in variable.path:
            continue
        np.testing.assert_allclose(
            own, other, atol=1e-6 if optimizer is keras.optimizers.SGD else 1e-4
        )
        compared += np.abs(own - old).max() > 1e-4
    assert compared >= 10


@pytest.mark.parametrize("optimizer", [keras.optimizers.SGD, keras.optimizers.Adam])
def test_a_batch_without_weight_changes_nothing(batch, weights, optimizer):
    network = word_network(optimizer(0.1))
    nothing = np.zeros_like(weights)
    moved = update(network, batch, nothing, 5.0)
    assert not any(difference.any() for difference in moved)
    moved = update(network, batch, weights, 5.0)
    assert all(np.isfinite(difference).all() for difference in moved)
    assert any(difference.any() for difference in moved)


def test_a_step_is_traced_once_for_all_lengths():
    batcher, network = make_batcher(make_corpus()), word_network()
    steps = Steps(network, clip_norm=5.0)
    shapes = set()
    for each in batcher.batches(batcher.in_order()):
        arrays = steps.arrays(each, np.ones(each.labels.shape, np.float32))
        shapes.add(each.labels.shape)
        steps.train(arrays)
        steps.evaluate(arrays)
    assert len(shapes) > 2
    assert steps.train_step.experimental_get_tracing_count() == 1
    assert steps.evaluate_step.experimental_get_tracing_count() == 1


@pytest.mark.bits("copied")
def test_frozen_word_vectors_stay(batch, weights):
    network = tagger_network(trainable_words=False)
    before = network.get_layer("word_embedding").get_weights()[0]
    moved = update(network, batch, weights, 5.0)
    np.testing.assert_array_equal(network.get_layer("word_embedding").get_weights()[0], before)
    assert any(difference.any() for difference in moved)


# Logical devices must be configured before TensorFlow starts, so this runs in its own process.
REPLICAS = """
import contextlib, json, sys
import keras, numpy as np, tensorflow as tf
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
)
from seqlab.training.deferred_adam import FusedAdam
from seqlab.training.step import Steps
from small import make_batcher, make_corpus, tagger_network, word_network

# Only one strategy: a second one on the same devices would reuse the first one's collective keys.
mirrored = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
batcher = make_batcher(make_corpus(), size=5)
batches = list(batcher.batches([np.arange(0, 5), np.array([17]), np.arange(8, 14), np.arange(5, 8)]))
random = np.random.default_rng(1)
weights = [random.uniform(0.1, 9, b.labels.shape).astype(np.float32) for b in batches]
weights = [w * (b.labels > 0) for w, b in zip(weights, batches)]
weights[0][1::2] *= 100  # the second replica has far larger weights
weights[2][0::2] = 0  # and the first has no weight

def train(strategy, make_network, clip_norm):
    with strategy.scope() if strategy else contextlib.nullcontext():
        network = make_network()
        start = network.get_weights()
        steps = Steps(network, clip_norm=clip_norm)
        sums = []
        for batch, weight in zip(batches, weights):
            sums.append(steps.train(steps.arrays(batch, weight)).numpy())
        arrays = steps.arrays(batches[0], weights[0])
        logits, evaluated = steps.evaluate(arrays)
    moved = max(float(np.abs(a - b).max()) for a, b in zip(network.get_weights(), start))
    traces = steps.train_step.experimental_get_tracing_count()
    return network.get_weights(), sums, logits.numpy().argmax(axis=-1), evaluated.numpy(), [steps.replicas, moved, traces]

def far(ours, theirs):
    # The largest difference between arrays, relative where they are large.
    return max(float((np.abs(a - b) / (1 + np.abs(a))).max()) for a, b in zip(ours, theirs))

def compare(make_network, clip_norm):
    one, two = (train(strategy, make_network, clip_norm) for strategy in (None, mirrored))
    classes = slice(1, None)  # row 0 counts padding, of which a distributed batch has one more row
    return {
        "one": one[4],
        "two": two[4],
        "weights": far(one[0], two[0]),
        "sums": far([a[classes] for a in one[1]], [a[classes] for a in two[1]]),
        "predicted": bool((one[2] == two[2]).all()),
        "evaluated": far([one[3]], [two[3]]),
    }

def adam_tagger():
    return tagger_network(keras.optimizers.Adam(0.01), char_encoder="cnn", max_chars=15)

def fused_tagger():
    return tagger_network(FusedAdam(0.01), words=40)

found = {
    "plain": compare(word_network, 1e9),
    "clipped": compare(word_network, 0.1),
    "adam": compare(adam_tagger, 5.0),
    "fused": compare(fused_tagger, 0.3),
}
dropped = train(mirrored, lambda: word_network(dropout=0.4), 5.0)
found["dropout"] = {
    "finite": bool(all(np.isfinite(w).all() for w in dropped[0])),
    "moved": dropped[4][1],
    "sums": far(dropped[1][:1], train(mirrored, word_network, 5.0)[1][:1]),
}
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def replicas():
    """Results of the program above: two logical CPUs compared with one."""
    run = subprocess.run(
        [sys.executable, "-c", REPLICAS],
        cwd=ROOT,
        env={
            **os.environ,
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests' / 'training'}",
            "CUDA_VISIBLE_DEVICES": "",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-3000:]
    return json.loads(run.stdout.splitlines()[-1])


@pytest.mark.parametrize("case", ["plain", "clipped", "adam", "fused"])
def test_two_replicas_train_the_network_of_one(replicas, case):
    found = replicas[case]
    for (count, moved, _), expected in ((found["one"], 1), (found["two"], 2)):
        assert count == expected
        assert moved > 1e-2
    assert found["weights"] < 2e-6
    assert found["sums"] < 1e-5
    assert found["evaluated"] < 1e-5
    assert found["predicted"]


def test_replicas_do_not_trace_a_step_for_every_length(replicas):
    assert replicas["plain"]["one"][2] == 1
    assert replicas["plain"]["two"][2] <= 3  # one for the first length, one for all others


def test_dropout_works_on_two_replicas(replicas):
    found = replicas["dropout"]
    assert found["finite"]
    assert found["moved"] > 1e-2
    assert found["sums"] > 1e-3  # differs from the same network without dropout
