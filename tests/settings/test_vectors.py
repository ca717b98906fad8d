import pytest

from seqlab.errors import SettingsError
from seqlab.machine.threads import usable_cores
from seqlab.settings.vectors import VectorSettings


def test_threads_default_to_the_usable_cores():
    assert VectorSettings().threads == usable_cores()
    assert VectorSettings(workers=7).threads == 7


@pytest.mark.parametrize("name", ["dim", "window", "epochs", "min_count", "buckets", "workers"])
def test_numbers_are_at_least_one(name):
    with pytest.raises(SettingsError, match=f"^{name} is 0: expected 1 or more$"):
        VectorSettings(**{name: 0})


def test_unusable_values_are_refused():
    with pytest.raises(SettingsError, match=r"^seed is -1: expected 0 or more$"):
        VectorSettings(seed=-1)
    with pytest.raises(SettingsError, match=r"^model is 'fastext': .*; nearest: 'fasttext'$"):
        VectorSettings(model="fastext")
    with pytest.raises(SettingsError, match=r"^dim is 2\.5: expected a whole number$"):
        VectorSettings(dim=2.5)
