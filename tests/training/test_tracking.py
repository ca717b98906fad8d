"""Classes watched inside Keras' own `fit`: the callback's figures against predictions by hand."""

import keras
import numpy as np
import pytest

from seqlab.corpus.schemes import Scheme
from seqlab.errors import UserError
from seqlab.scoring.score import score
from seqlab.training.collapse import CollapseRules
from seqlab.training.tracking import TrackClasses
from tests.training.small import encode, make_corpus, word_network


@pytest.fixture
def data():
    """Words (N, 7) and one-hot labels (N, 7, 3), padded."""
    corpus = make_corpus()
    padded = encode(corpus).padded(7)
    return padded.words, padded.labels


def fit(network, data, callbacks, epochs=2, **options):
    words, labels = data
    return network.fit(
        words, labels, epochs=epochs, callbacks=callbacks, verbose=0, shuffle=False, **options
    )


class Predictions(keras.callbacks.Callback):
    """What the network predicts at each epoch's end."""

    def __init__(self, words):
        super().__init__()
        self.words, self.epochs = words, []

    def on_epoch_end(self, epoch, logs=None):
        self.epochs.append(np.array(self.model(self.words)).argmax(axis=-1))


def test_figures_are_those_of_the_predictions_on_real_tokens(data):
    words, labels = data
    tags = ("P", "Q", "R")
    track = TrackClasses(words, labels, tags=tags, scheme=Scheme.PLAIN)
    predictions = Predictions(words)
    history = fit(word_network(), data, [predictions, track]).history
    gold = [[tags[i] for i in row.argmax(-1)[row.any(-1)]] for row in labels]
    for predicted, tracked, macro, micro in zip(
        predictions.epochs, track.history, history["val_macro_f1"], history["val_micro_f1"],
        strict=True,
    ):  # fmt: skip
        named = [[tags[i] for i in row[: len(g)]] for row, g in zip(predicted, gold, strict=True)]
        expected = score(gold, named, Scheme.PLAIN)
        assert tracked.figures.classes == expected.classes
        assert (macro, micro) == (expected.macro_f1, expected.micro_f1)
    assert [epoch.train_loss for epoch in track.history] == history["loss"]


def test_a_callback_behind_it_can_monitor_its_figures(data):
    words, labels = data
    track = TrackClasses(words, labels, tags=("P", "Q", "R"), scheme=Scheme.PLAIN)
    stop = keras.callbacks.EarlyStopping(monitor="val_macro_f1", mode="max", patience=1)
    fit(word_network(keras.optimizers.SGD(0.0)), data, [track, stop], epochs=9)
    assert len(track.history) == 2


def test_alarms_are_said_in_one_line_each(data):
    words, labels = data
    said = []
    track = TrackClasses(
        words,
        labels,
        tags=("P", "Q", "R"),
        scheme=Scheme.PLAIN,
        say=said.append,
        rules=CollapseRules(never_found_epochs=2),
    )
    # Two of three classes weigh nothing, so the loss falls and they are never found.
    weights = labels[:, :, 0]
    network = word_network(keras.optimizers.SGD(2.0))
    network.get_layer("logits").set_weights(
        [np.zeros((4, 3), np.float32), np.array([1, 0, 0], np.float32)]
    )
    fit(network, data, [track], sample_weight=weights)
    assert sorted(alarm.name for alarm in track.alarms) == ["Q", "R"]
    assert said == [f"ALARM never-found: {alarm.message()}" for alarm in track.alarms]


def test_the_validation_loss_is_read_where_fit_has_one(data):
    words, labels = data
    track = TrackClasses(words, labels, tags=("P", "Q", "R"), scheme=Scheme.PLAIN)
    history = fit(word_network(), data, [track], validation_data=data).history
    assert [epoch.valid_loss for epoch in track.history] == history["val_loss"]


def test_labels_and_schemes_that_do_not_fit_are_told_at_once(data):
    words, labels = data
    with pytest.raises(UserError, match=r"labels have shape \(.*, 7, 3\): expected \(N, T, 2\)"):
        TrackClasses(words, labels, tags=("P", "Q"), scheme=Scheme.PLAIN)
    with pytest.raises(UserError, match=r"unknown scheme 'iob22'.*nearest: 'iob2'"):
        TrackClasses(words, labels, tags=("P", "Q", "R"), scheme="iob22")
    assert TrackClasses(words, labels, tags=("P", "Q", "R"), scheme="plain").scheme is Scheme.PLAIN
