import inspect
from dataclasses import dataclass

import pytest

from seqlab.errors import SettingsError
from seqlab.settings.declaring import Settings, declared, setting
from seqlab.settings.training import TrainSettings


def test_the_help_of_a_setting_is_the_string_below_it_as_one_line():
    settings = declared(TrainSettings)
    assert settings["test"].help == "Test corpus. It is scored once, after training."
    assert settings["cache"].help == (
        "Directory for a cache of the training corpus. The corpus is parsed once; later runs map the cache "
        "from disk and do not hold it in memory. Needs --valid."
    )


def test_without_its_source_a_setting_has_its_rules_but_no_help(monkeypatch):
    def no_source(module):
        raise OSError("could not get source code")

    monkeypatch.setattr(inspect, "getsource", no_source)

    @dataclass(frozen=True, kw_only=True)
    class Sizes(Settings):
        heading = "Sizes"

        units: int = setting(3, at_least=1)
        """Units."""
        name: str = "small"
        """A name."""

    assert [entry.help for entry in declared(Sizes).values()] == ["", ""]
    assert Sizes(units=2) == Sizes(units=2, name="small")
    with pytest.raises(SettingsError, match=r"^units is 0: expected 1 or more$"):
        Sizes(units=0)
