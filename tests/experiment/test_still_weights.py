"""A training whose loss cannot move says so after its first epoch, and names the setting."""

import pytest

import seqlab
from seqlab.experiment.still_weights import WeightWatch, likely_cause
from seqlab.settings.training import make_settings
from tests import tiny
from tests.training.small import word_network

pytestmark = tiny.KERAS_NOISE
START = "note: the loss has not moved in the first epoch: "


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"clip_norm": 1e-300},
            "clip_norm is 1e-300, which scales every gradient to nothing; try a larger --clip-norm",
        ),
        ({"learning_rate": 1e-9}, "learning_rate is 1e-09; try a larger --learning-rate"),
        (
            {"loss": "focal", "focal_gamma": 1e6},
            "focal_gamma is 1e+06, which makes every loss 0; try a smaller --focal-gamma, such as 2",
        ),
        ({}, "no gradient reaches the weights; look at the loss and the weights of classes and sentences"),
    ],
)  # fmt: skip
def test_the_likely_setting(settings, message):
    assert likely_cause(make_settings(**settings)) == message
    assert WeightWatch(word_network()).note(make_settings(**settings)) == START + message


def test_weights_that_move_give_no_note():
    network = word_network()
    watch = WeightWatch(network)
    network.trainable_variables[-1].assign_add([0.0, 2e-6, 0.0])
    assert watch.note(make_settings()) is None


@pytest.mark.parametrize("setting", [{"clip_norm": 1e-300}, {"loss": "focal", "focal_gamma": 1e6}])
def test_a_training_says_it_once(setting, tmp_path_factory):
    said = []
    options = tiny.CHEAP | {"epochs": 2, "word_features": "none"} | setting
    seqlab.train_tagger(**tiny.corpus(tmp_path_factory), **options, say=said.append)
    notes = [line for line in said if line.startswith(START)]
    (name,) = set(setting) - {"loss"}
    assert len(notes) == 1
    assert notes[0].startswith(f"{START}{name} is ")
