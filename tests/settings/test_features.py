"""Features as settings name them, and what is refused."""

import pytest

from seqlab.errors import SettingsError
from seqlab.settings.features import column_places, other_places


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ("pos", "feature_columns is 'pos': expected NAME=COLUMN, for example 'pos=1'"),
        ("pos=", "feature_columns is 'pos=': expected NAME=COLUMN, for example 'pos=1'"),
        (
            "=1",
            "feature_columns is '=1': expected a name of letters, digits and _ before the =",
        ),
        (
            "po s=1",
            "feature_columns is 'po s=1': expected a name of letters, digits and _ before the =",
        ),
    ],
)
def test_what_names_no_column(named, message):
    with pytest.raises(SettingsError) as caught:
        column_places([named])
    assert str(caught.value) == message


def test_a_name_comes_once_whatever_its_case():
    with pytest.raises(SettingsError) as caught:
        column_places(["pos=1", "POS=2"])
    assert str(caught.value) == "feature_columns is 'POS' twice: expected each once"


def test_other_places_are_of_the_features_that_a_run_reads():
    trained = {"pos": "xpos", "chunk": "misc"}
    assert other_places(trained, {}) == trained
    assert other_places(trained, {"pos": "1"}) == {"pos": "1", "chunk": "misc"}
    for known, expected in ((trained, "pos, chunk; nearest: 'pos'"), ({}, "none")):
        with pytest.raises(SettingsError) as caught:
            other_places(known, {"poss": "1"})
        message = f"feature_columns is 'poss': expected one that this run reads: {expected}"
        assert str(caught.value) == message
