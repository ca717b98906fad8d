"""Token losses as Keras losses: by name, by function, and saved with a network."""

import re
from functools import partial

import keras
import numpy as np
import pytest

from seqlab.errors import UserError
from seqlab.experiment.loss_choice import choose_loss
from seqlab.modeling.keras_loss import LOSSES, keras_loss
from seqlab.settings.training import make_settings

COUNTS = np.array([900, 90, 10])
LABELS = np.array([[1, 2, 0], [3, 1, 1]])  # tag ids, 0 is padding
ONE_HOT = np.eye(4, dtype=np.float32)[LABELS][:, :, 1:]
WEIGHTS = np.array([[1, 3, 0], [9, 1, 0.5]], np.float32)
OPTIONS = {
    "cross-entropy": ({}, {}),
    "label-smoothing": ({"smoothing": 0.2}, {"smoothing": 0.2}),
    "focal": ({"gamma": 1.5}, {"focal_gamma": 1.5}),
    "logit-adjusted": ({"counts": COUNTS, "tau": 0.7}, {"logit_tau": 0.7}),
    "ldam": ({"counts": COUNTS.tolist(), "margin": 0.6}, {"ldam_margin": 0.6}),
}


@pytest.fixture
def probabilities():
    scores = np.random.default_rng(3).normal(size=(2, 3, 3))
    return (np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("name", OPTIONS)
def test_name_and_options_give_the_loss_that_settings_choose(name, probabilities):
    """`test_loss_contract` compares these with loops."""
    options, settings = OPTIONS[name]
    losses = choose_loss(make_settings(loss=name, **settings), COUNTS)(
        LABELS, np.log(probabilities)
    )
    expected = (losses * WEIGHTS).numpy().sum() / WEIGHTS.sum()
    found = keras_loss(name, **options)(ONE_HOT, probabilities, sample_weight=WEIGHTS)
    assert float(found) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("name", OPTIONS)
@pytest.mark.parametrize("bound", [False, True])
def test_a_saved_network_is_compiled_again(name, bound, probabilities, tmp_path):
    options = OPTIONS[name][0]
    loss = keras_loss(partial(LOSSES[name], **options)) if bound else keras_loss(name, **options)
    inputs = keras.Input((3, 3))
    network = keras.Model(inputs, keras.layers.Activation("linear")(inputs))
    network.compile("sgd", loss=loss)
    expected = network.evaluate(probabilities, ONE_HOT, sample_weight=WEIGHTS, verbose=0)
    network.save(tmp_path / "network.keras")
    again = keras.models.load_model(tmp_path / "network.keras")
    found = again.evaluate(probabilities, ONE_HOT, sample_weight=WEIGHTS, verbose=0)
    assert expected > 0
    assert found == pytest.approx(expected)


@pytest.mark.parametrize(
    ("loss", "options", "message"),
    [
        ("fokal", {}, "unknown loss 'fokal'; expected cross-entropy, .*; nearest: 'focal'"),
        (None, {}, "unknown loss None"),
        ("focal", {}, "loss 'focal' needs the options gamma$"),
        ("ldam", {}, "loss 'ldam' needs the options counts and margin$"),
        ("focal", {"gama": 2}, "loss 'focal' has no option 'gama'; nearest: 'gamma'"),
        ("focal", {"gamma": float("nan")}, "gamma is nan: expected a number, 0 or more"),
        ("focal", {"gamma": "2"}, "gamma is '2'"),
        ("focal", {"gamma": -1}, "gamma is -1"),
        (
            "label-smoothing",
            {"smoothing": 1},
            "smoothing is 1: expected a number from 0 to below 1",
        ),
        ("ldam", {"counts": [3, 0, 1], "margin": 1}, r"counts is \[3, 0, 1\]: expected .* above 0"),
        ("ldam", {"counts": {"O": 3}, "margin": 1}, "counts is {'O': 3}"),
        (
            keras.losses.CategoricalFocalCrossentropy(),
            {},
            r"^loss is the Keras loss '.*'; pass it to compile without keras_loss$",
        ),
        ("cross-entropy", {"gamma": 2}, "loss 'cross-entropy' has no option 'gamma'"),
    ],
)
def test_a_wrong_loss_or_option_is_an_error(loss, options, message):
    with pytest.raises(UserError, match=message):
        keras_loss(loss, **options)


def test_labels_that_are_not_one_hot_are_an_error(probabilities):
    for labels in (
        LABELS,
        LABELS[..., None],
        ONE_HOT[..., :2],
        np.pad(ONE_HOT, ((0, 0), (0, 0), (1, 0))),
    ):
        shape = "labels have shape " + re.escape(str(labels.shape))
        with pytest.raises(UserError, match=f"{shape}.*; give one-hot"):
            keras_loss("focal", gamma=2)(labels, probabilities)
    with pytest.raises(
        UserError, match="counts has 1 value, but there are 3 classes; give one per class"
    ):
        keras_loss("ldam", counts=[3], margin=1)(ONE_HOT, probabilities)
