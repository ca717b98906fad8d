"""The architecture as a run directory stores it."""

import dataclasses
import json

import pytest

from seqlab.architecture import Architecture
from seqlab.settings.training import TrainSettings


def test_json_gives_it_back():
    sizes = {"words": 7, "characters": 9, "classes": 3, "layers": 2}
    written = Architecture(**sizes, features={"case": 8, "shape": 5}, char_encoder="cnn")
    assert Architecture(**json.loads(json.dumps(dataclasses.asdict(written)))) == written


def test_it_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Architecture(words=7, characters=9, classes=3).layers = 2


def test_its_defaults_are_those_of_the_settings():
    settings, own = vars(TrainSettings()), Architecture(words=7, characters=9, classes=3)
    shared = {name for name in dataclasses.asdict(own) if settings.get(name) is not None}
    assert shared >= {
        "word_dim",
        "char_encoder",
        "char_dim",
        "char_units",
        "hidden_units",
        "layers",
    }
    assert {name: getattr(own, name) for name in shared} == {n: settings[n] for n in shared}
