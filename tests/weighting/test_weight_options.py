"""Class weights as settings state them: errors name the setting, or the file."""

import pytest

from seqlab.corpus.schemes import Scheme
from seqlab.errors import WeightsError
from seqlab.weighting.weight_options import stated_tag_weights

COUNTS = {"O": 70, "B-PER": 12, "I-PER": 8, "B-LOC": 10}


def weights(class_weights="none", class_weight=None):
    return stated_tag_weights(
        COUNTS,
        class_weights=class_weights,
        class_weight=class_weight or {},
        tag_scheme=Scheme.IOB2,
        share_prefixes=True,
        beta=0.9999,
        cap=None,
    )


def test_a_weight_by_option_overrides_the_file(tmp_path):
    path = tmp_path / "weights.toml"
    path.write_text("PER = 4\nB-LOC = 3\n", encoding="utf-8")
    assert weights(str(path), {"PER": 5.0}) == {"O": 1, "B-PER": 5, "I-PER": 5, "B-LOC": 3}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"class_weights": "balancd"},
            "class_weights is 'balancd': expected one of none, balanced, inverse, sqrt-inverse, log, "
            "effective-number, median-frequency, or a file NAME.toml; nearest: 'balanced'",
        ),
        (
            {"class_weight": {"PRE": 2.0}},
            "class_weight names 'PRE': expected one of O, PER, LOC; nearest: 'PER'",
        ),
        ({"class_weight": {"zzz": 2.0}}, "class_weight names 'zzz': expected one of O, PER, LOC"),
    ],
)
def test_an_error_names_the_setting(options, message):
    with pytest.raises(WeightsError) as caught:
        weights(**options)
    assert str(caught.value) == message


def test_an_error_in_a_weight_table_names_the_file(tmp_path):
    path = tmp_path / "weights.toml"
    path.write_text("B-LOX = 3\n", encoding="utf-8")
    with pytest.raises(WeightsError) as caught:
        weights(str(path))
    assert str(caught.value) == (
        f"{path} names 'B-LOX': expected one of O, PER, LOC; nearest: 'B-LOC'"
    )
