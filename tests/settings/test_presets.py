"""Presets fill settings that are not given, wherever a user gives settings. A stored run is not filled again."""

import tomllib
from typing import get_args

import pytest

from seqlab import train
from seqlab.comparing.plan import make_plan
from seqlab.errors import SettingsError
from seqlab.settings.choices import PresetName
from seqlab.settings.declaring import declared
from seqlab.settings.presets import PRESETS, with_preset
from seqlab.settings.training import TrainSettings, chosen_settings, make_settings

FAST = PRESETS["fast"]


def printed(capsys, *argv):
    """The settings of `seqlab train --print-config`."""
    assert train.main(["--print-config", *argv]) == 0
    return tomllib.loads(capsys.readouterr().out)


def test_each_preset_has_a_name_and_values_that_a_training_takes():
    assert set(PRESETS) == set(get_args(PresetName))
    for name, values in PRESETS.items():
        settings = dict(chosen_settings(preset=name).items())
        assert settings == {**dict(TrainSettings().items()), **values, "preset": name}


def test_a_preset_fills_what_is_not_given(capsys):
    shown = printed(capsys, "--preset", "fast")
    assert {name: shown[name] for name in FAST} == FAST
    assert printed(capsys, "--preset=fast", "--epochs", "50")["epochs"] == 50  # even a default


def test_a_file_overrides_its_preset_and_the_command_line_both(capsys, tmp_path):
    path = tmp_path / "run.toml"
    path.write_text('preset = "fast"\npatience = 8\nepochs = 9\n')
    shown = printed(capsys, "--config", str(path), "--epochs", "11")
    assert (shown["epochs"], shown["patience"], shown["char_encoder"]) == (11, 8, "none")
    assert printed(capsys, "--config", str(path), "--preset", "default")["char_encoder"] == "cnn"


def test_printed_settings_are_those_of_the_training_that_reads_them(capsys, tmp_path):
    path = tmp_path / "run.toml"
    train.main(["--print-config", "--preset", "accurate"])
    path.write_text(capsys.readouterr().out)
    shown = printed(capsys, "--config", str(path))
    assert shown == dict(chosen_settings(preset="accurate").items())


@pytest.mark.parametrize(
    ("given", "left_out"),
    [({"batch_tokens": 900}, "batch_sentences"), ({"char_encoder": "none"}, "char_units")],
)
def test_a_value_that_does_not_fit_what_is_given_is_left_out(monkeypatch, given, left_out):
    preset = {"batch_sentences": 9, "char_units": 40, "layers": 2}
    monkeypatch.setattr("seqlab.settings.presets.PRESETS", {"fast": preset})
    filled = with_preset({"preset": "fast", **given}, TrainSettings)
    kept = {name: value for name, value in preset.items() if name != left_out}
    assert filled == {**kept, "preset": "fast", **given}
    make_settings(**filled)


def test_stored_settings_are_not_filled_again():
    stored = make_settings(preset="fast", epochs=9)  # as `config.toml` of a run is read
    assert (stored.epochs, stored.patience) == (9, declared(TrainSettings)["patience"].default)


def test_a_comparison_varies_the_preset():
    changed = {name: {"preset": name} for name in PRESETS}
    plan = make_plan(changed, {"epochs": 7}, seeds=1)
    settings = {cell.name: cell.settings for cell in plan.cells}
    assert {each.epochs for each in settings.values()} == {7}
    assert settings["fast"].patience == FAST["patience"]
    assert settings["accurate"].hidden_units == PRESETS["accurate"]["hidden_units"]


def test_a_preset_in_two_places_is_refused():
    with pytest.raises(SettingsError) as caught:
        make_plan({"a": {}, "b": {"preset": "fast"}}, {"preset": "accurate"}, seeds=1)
    fact = "settings.b: preset is given for all settings too: give it in one place"
    assert str(caught.value) == fact


def test_an_unknown_preset_is_one_line(capsys):
    assert train.main(["--preset", "fats"]) == 2
    expected = 'Choose from: "fast", "default", "accurate". Did you mean "fast"?'
    assert expected in capsys.readouterr().err
    with pytest.raises(SettingsError) as caught:
        chosen_settings(preset="fats")
    expected = "preset is 'fats': expected one of fast, default, accurate; nearest: 'fast'"
    assert str(caught.value) == expected
