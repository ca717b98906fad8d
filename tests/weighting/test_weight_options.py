"""Class weights as settings state them: errors name the setting, or the file."""

import pytest

from seqlab.corpus.schemes import Scheme
from seqlab.errors import WeightsError
from seqlab.weighting.weight_options import stated_tag_weights

COUNTS = {"O": 70, "B-PER": 12, "I-PER": 8, "B-LOC": 10}


def weights(class_weights="none", class_weight=None, *, counts=COUNTS, **options):
    defaults = {"tag_scheme": Scheme.IOB2, "share_prefixes": True, "beta": 0.9999, "cap": None}
    return stated_tag_weights(
        counts,
        class_weights=class_weights,
        class_weight=class_weight or {},
        **defaults | options,
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


def test_each_option_acts():
    few = {"O": 3, "B-X": 1}
    by_hand = {"O": 8 / 11, "B-X": 14 / 11}  # as in test_class_weights
    assert weights("effective-number", counts=few, beta=0.5) == pytest.approx(by_hand)
    inverse = {"O": 100 / 70, "B-PER": 100 / 20, "I-PER": 100 / 20, "B-LOC": 100 / 10}
    assert weights("inverse") == pytest.approx(inverse)
    assert weights("inverse", cap=2) == pytest.approx(
        dict.fromkeys(inverse, 200 / 70) | {"O": 100 / 70}
    )
    apart = inverse | {"B-PER": 100 / 12, "I-PER": 100 / 8}
    assert weights("inverse", share_prefixes=False) == pytest.approx(apart)
    assert weights("inverse", tag_scheme=Scheme.PLAIN) == pytest.approx(apart)
    with pytest.raises(WeightsError, match="expected one of O, B-PER, I-PER, B-LOC"):
        weights("inverse", {"zzz": 1.0}, tag_scheme=Scheme.PLAIN)
