"""Weights from TOML and from NAME=VALUE, and the wording of errors."""

import pytest

from seqlab.errors import WeightsError
from seqlab.weighting.manual import (
    checked_manual_weights,
    read_weight_table,
)


@pytest.mark.parametrize(
    "text",
    [
        "B-PER = 4\nO = 0.5\n",
        "[class_weight]\nB-PER = 4\nO = 0.5\n",
        "epochs = 3\n[class_weight]\nB-PER = 4\nO = 0.5\n",
        "\ufeffB-PER = 4\r\nO = 0.5",
    ],
)
def test_a_table_is_read_from_the_top_level_or_from_class_weight(tmp_path, text):
    path = tmp_path / "weights.toml"
    path.write_text(text, encoding="utf-8", newline="")
    assert read_weight_table(path) == {"B-PER": 4.0, "O": 0.5}
    assert all(isinstance(value, float) for value in read_weight_table(str(path)).values())


NOT_A_WEIGHT = "expected a number above 0 (to leave tokens out, give them a token weight of 0)"


@pytest.mark.parametrize(
    ("content", "fact"),
    [
        (
            b"PER 4",
            "not a TOML file: Expected '=' after a key in a key/value pair (at line 1, column 5)",
        ),
        (b"PER = '4'", "'PER' is '4'; expected a number above 0"),
        (b"PER = true", "'PER' is True; expected a number above 0"),
        (b"PER = nan", f"'PER' is nan; {NOT_A_WEIGHT}"),
        (b"[class_weight]\nPER = -1", f"'PER' is -1; {NOT_A_WEIGHT}"),
        (b"PER = inf", f"'PER' is inf; {NOT_A_WEIGHT}"),
        (b"PER = 1e300", "'PER' is 1e+300; expected a number from 1e-09 to 1e+09"),
        (b"[weights]\nPER = 1", "'weights' is {'PER': 1}; expected a number above 0"),
        (b"\xff\xfe", "not UTF-8 text; expected a TOML file"),
    ],
)
def test_a_table_that_holds_no_weights_is_refused_with_its_path(tmp_path, content, fact):
    path = tmp_path / "weights.toml"
    path.write_bytes(content)
    with pytest.raises(WeightsError) as caught:
        read_weight_table(path)
    assert str(caught.value) == f"{path}: {fact}"


def test_a_file_that_is_not_there_is_refused_with_its_path(tmp_path):
    path = tmp_path / "weights.toml"
    with pytest.raises(WeightsError) as caught:
        read_weight_table(path)
    assert str(caught.value) == f"{path}: no such file"


def test_manual_weights_are_given_back_as_floats():
    assert checked_manual_weights({"PER": 2}) == {"PER": 2.0}


def test_the_smallest_and_the_largest_weight():
    assert checked_manual_weights({"A": 1e-9, "B": 1e9}) == {"A": 1e-9, "B": 1e9}
    for wrong in (9e-10, 1000000001.0):
        with pytest.raises(WeightsError) as caught:
            checked_manual_weights({"A": wrong})
        assert str(caught.value) == (
            f"manual weight of 'A' is {wrong}; expected a number from 1e-09 to 1e+09"
        )
