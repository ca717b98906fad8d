"""Settings of the form NAME=VALUE: what is read, what is refused, and how they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.errors import SettingsError
from seqlab.settings.by_name import ColumnByFeature, NumberByClass


def message(kind, given):
    with pytest.raises(SettingsError) as caught:
        kind.read("option", given)
    return str(caught.value)


@pytest.mark.parametrize("text", ["pos", "pos=", "=1"])
def test_a_text_without_name_or_column_is_refused(text):
    expected = f"option is {text!r}: expected NAME=COLUMN, for example 'pos=1'"
    assert message(ColumnByFeature, text) == expected


def test_a_feature_name_has_no_space():
    expected = (
        "option names a feature 'po s': expected letters, digits and _, beginning with a letter"
    )
    assert message(ColumnByFeature, "po s=1") == expected


@pytest.mark.parametrize("text", ["PER", "PER=", "=4", " =4", "PER= "])
def test_a_text_without_class_or_number_is_refused(text):
    expected = f"option is {text!r}: expected NAME=VALUE, for example 'PER=4'"
    assert message(NumberByClass, text) == expected


@pytest.mark.parametrize("value", ["x", "nan", "inf", "1e999", "4,5"])
def test_a_text_value_must_be_a_number(value):
    assert (
        message(NumberByClass, f"PER={value}") == f"option of 'PER' is {value!r}: expected a number"
    )


@pytest.mark.parametrize("value", [None, True, [4]])
def test_a_table_value_must_be_a_number(value):
    assert (
        message(NumberByClass, {"PER": value}) == f"option of 'PER' is {value!r}: expected a number"
    )


def test_a_repeated_name_is_refused_and_features_ignore_case():
    assert (
        message(ColumnByFeature, ["pos=1", "POS=2"])
        == "option is given for 'POS' twice: give it once"
    )
    assert message(NumberByClass, ["a=1", "a=2"]) == "option is given for 'a' twice: give it once"
    assert NumberByClass.read("option", ["a=1", "A=2"]) == {"a": 1, "A": 2}


def test_a_class_name_and_a_column_may_contain_an_equals_sign():
    assert NumberByClass.read("option", "a=b=3") == {"a=b": 3}
    assert ColumnByFeature.read("option", "number=feats=x") == {"number": "feats=x"}


@given(
    st.dictionaries(
        st.text(min_size=1).filter(lambda t: t == t.strip()),
        st.floats(allow_nan=False, allow_infinity=False),
    )
)
def test_texts_are_read_back_to_the_same_values(values):
    held = NumberByClass.read("option", values)
    assert NumberByClass.read("option", held.texts()) == held == values
