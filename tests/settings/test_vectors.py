import pytest

from seqlab.errors import SettingsError
from seqlab.machine.threads import usable_cores
from seqlab.settings.vectors import AT_LEAST_ONE, VectorSettings


def test_threads_are_the_cores_unless_told():
    assert VectorSettings().threads == usable_cores()
    assert VectorSettings(workers=7).threads == 7


@pytest.mark.parametrize("name", AT_LEAST_ONE)
def test_numbers_are_at_least_one(name):
    with pytest.raises(SettingsError, match=f"^{name} is 0: expected a number at least 1$"):
        VectorSettings(**{name: 0})


def test_what_no_run_could_use_is_refused():
    with pytest.raises(
        SettingsError, match=r"^seed is -1: expected a number from 0 to 4294967295$"
    ):
        VectorSettings(seed=-1)
    with pytest.raises(SettingsError, match=r"^model is 'fastext': .*; nearest: 'fasttext'$"):
        VectorSettings(model="fastext")
    with pytest.raises(SettingsError, match=r"^dim is 2\.5: expected a whole number$"):
        VectorSettings(dim=2.5)
