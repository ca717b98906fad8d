"""Class weights by name: shared counts, caps, manual weights, and the wording of errors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.corpus.schemes import Scheme
from seqlab.errors import UserError, WeightsError
from seqlab.weighting.class_weights import class_weights, tag_weights
from seqlab.weighting.formulas import WeightScheme

TAGS = {"O": 70, "B-PER": 12, "I-PER": 8, "B-LOC": 9, "I-LOC": 1}
schemes = st.sampled_from(list(WeightScheme))
counts = st.lists(st.integers(0, 40), min_size=1, max_size=6).filter(any)


@pytest.mark.bits("repeated")
@given(counts, schemes)
def test_names_and_arrays_give_the_same_weights(numbers, scheme):
    named = class_weights({f"C{i}": n for i, n in enumerate(numbers)}, scheme)
    array = class_weights(np.array(numbers), scheme)
    assert array.dtype == np.float32
    np.testing.assert_array_equal(np.array(list(named.values()), dtype=np.float32), array)


@pytest.mark.parametrize("scheme", list(WeightScheme))
def test_a_scheme_may_be_given_by_its_name(scheme):
    assert class_weights({"O": 3, "X": 1}, scheme.value) == class_weights({"O": 3, "X": 1}, scheme)


def test_balanced_is_the_default():
    assert class_weights({"O": 6, "X": 2}) == {"O": 8 / (2 * 6), "X": 8 / (2 * 2)}


def test_tags_of_a_type_share_their_counts_and_their_weight():
    assert tag_weights(TAGS, "balanced", tag_scheme=Scheme.IOB2) == {
        "O": 100 / (3 * 70),
        "B-PER": 100 / (3 * 20),
        "I-PER": 100 / (3 * 20),
        "B-LOC": 100 / (3 * 10),
        "I-LOC": 100 / (3 * 10),
    }


@given(
    st.dictionaries(
        st.sampled_from(["O", "B-X", "I-X", "E-X", "S-X", "S-Y"]), st.integers(1, 9), min_size=1
    ),
    schemes,
)
def test_shared_weights_are_the_weights_of_the_types(tag_counts, scheme):
    types = {tag: tag[2:] or tag for tag in tag_counts}
    totals = {t: sum(n for g, n in tag_counts.items() if types[g] == t) for t in types.values()}
    expected = class_weights(totals, scheme)
    weights = tag_weights(tag_counts, scheme, tag_scheme=Scheme.IOBES)
    assert weights == {tag: expected[types[tag]] for tag in tag_counts}
    assert list(weights) == list(tag_counts)


def test_tags_can_have_separate_weights():
    own = tag_weights(TAGS, tag_scheme=Scheme.IOB2, share_prefixes=False)
    assert own == class_weights(TAGS)
    assert own["I-LOC"] == 9 * own["B-LOC"]


def test_plain_tags_share_nothing():
    plain = {"B-X": 3, "I-X": 1}
    assert tag_weights(plain, tag_scheme=Scheme.PLAIN) == class_weights(plain)


@pytest.mark.parametrize("share", [True, False])
def test_manual_weights_name_types_or_tags_and_a_tag_goes_first(share):
    manual = {"B-PER": 7, "PER": 5, "O": 0.5}
    weights = tag_weights(TAGS, tag_scheme=Scheme.IOB2, share_prefixes=share, manual=manual)
    assert (weights["B-PER"], weights["I-PER"], weights["O"]) == (7, 5, 0.5)
    unset = tag_weights(TAGS, tag_scheme=Scheme.IOB2, share_prefixes=share)
    assert weights["B-LOC"] == unset["B-LOC"]


def test_the_cap_does_not_change_manual_weights():
    weights = tag_weights(TAGS, tag_scheme=Scheme.IOB2, cap=2, manual={"PER": 50})
    assert weights["B-LOC"] == 2 * weights["O"]
    assert weights["I-PER"] == 50


@given(counts, schemes, st.floats(1, 20))
def test_the_cap_bounds_the_ratio(numbers, scheme, cap):
    weights = class_weights(np.array(numbers), scheme, cap=cap)
    assert weights.max() / weights.min() <= cap * 1.000001


REFUSALS = [
    (
        {"scheme": "balancd"},
        "scheme is 'balancd': expected one of none, balanced, inverse, sqrt-inverse, log, "
        "effective-number, median-frequency; nearest: 'balanced'",
    ),
    ({"beta": 1}, "beta is 1; expected 0 <= beta < 1"),
    ({"beta": float("nan")}, "beta is nan; expected 0 <= beta < 1"),
    ({"cap": 0.5}, "weight cap is 0.5; expected a ratio of 1 or more"),
    ({"cap": 10**400}, f"weight cap is {10**400}; expected a ratio of 1 or more"),
    ({"cap": float("inf")}, "weight cap is inf; expected a ratio of 1 or more"),
    ({"counts": {"O": 3, "X": -1}}, "class 'X' has count -1; expected 0 or more"),
    ({"counts": np.array([3, -1])}, "class 1 has count -1; expected 0 or more"),
    ({"counts": {}}, "counts are empty; give one count per class"),
    (
        {"counts": {"O": 0}},
        "every count is 0; give the counts of the training split",
    ),
    ({"counts": {"O": 0.5}}, "counts have dtype float64; give whole numbers"),
    ({"counts": [2**62]}, "the counts add up to more than 2**62; give counts of tokens"),
    ({"counts": [2**62, 2**62]}, "the counts add up to more than 2**62; give counts of tokens"),
    ({"counts": [[1], [2, 3]]}, "counts have rows of different lengths; give one count per class"),
    ({"share": {"x": "Y"}}, "unknown class 'x' in share; nearest: 'X'"),
    (
        {"counts": {1.5: 1, "O": 2}, "manual": {"X": 2}},
        "manual names 'X': expected one of 1.5, O",
    ),
    ({"share": ["X"]}, "share is list ['X']; expected a group by class name"),
    ({"manual": np.ones(2)}, "manual is array([1., 1.]); expected weights by name, {'PER': 4.0}"),
    ({"manual": ["X"]}, "manual is ['X']; expected weights by name, {'PER': 4.0}"),
    (
        {"counts": np.ones((2, 3), int)},
        "counts have shape (2, 3); give one count per class, shape (C,)",
    ),
    (
        {"counts": np.array([1]), "manual": {"O": 1}},
        "share and manual need class names; give counts as {name: count}",
    ),
    (
        {"counts": {"B-PER": 1, "O": 2}, "manual": {"B-PRE": 2}},
        "manual names 'B-PRE': expected one of B-PER, O; nearest: 'B-PER'",
    ),
    (
        {"manual": {"X": 0}},
        "manual weight of 'X' is 0; expected a number above 0 "
        "(to leave tokens out, give them a token weight of 0)",
    ),
]


@pytest.mark.parametrize(("arguments", "message"), REFUSALS)
def test_errors_by_their_exact_wording(arguments, message):
    with pytest.raises(WeightsError) as caught:
        class_weights(**({"counts": {"O": 3, "X": 1}} | arguments))
    assert str(caught.value) == message


def test_a_manual_name_is_sought_among_types_and_tags():
    for share in (True, False):
        with pytest.raises(WeightsError) as caught:
            tag_weights(TAGS, tag_scheme=Scheme.IOB2, share_prefixes=share, manual={"PERS": 2})
        assert str(caught.value) == (
            "manual names 'PERS': expected one of O, PER, LOC; nearest: 'PER'"
        )


def test_a_tag_that_the_scheme_does_not_know_is_an_error_of_the_users():
    with pytest.raises(UserError, match="'NOUN'"):
        tag_weights({"NOUN": 3}, tag_scheme=Scheme.IOB2)


def test_a_tag_scheme_by_name_is_checked():
    counts = {"O": 90, "B-PER": 10}
    assert tag_weights(counts, tag_scheme="iob2") == tag_weights(counts, tag_scheme=Scheme.IOB2)
    with pytest.raises(UserError, match="scheme is 'x'"):
        tag_weights(counts, tag_scheme="x")


@pytest.mark.parametrize("dtype", [np.uint8, np.uint64, np.int16])
def test_counts_may_have_any_integer_type(dtype):
    counts = np.array([200, 100], dtype)
    assert class_weights(counts).tolist() == [300 / (2 * 200), 300 / (2 * 100)]


def test_the_largest_sum_of_counts():
    assert class_weights([2**62 - 1024]).tolist() == [1.0]


def test_effective_number_by_hand():
    """beta = 1/2, counts 3 and 1: (1 - 1/2) / (1 - 1/8) = 4/7 and 1; their mean is 11/14."""
    weights = class_weights({"O": 3, "X": 1}, "effective-number", beta=0.5)
    assert weights == pytest.approx({"O": 8 / 11, "X": 14 / 11})
    assert class_weights({"O": 3, "X": 1}, "effective-number", beta=0) == {"O": 1, "X": 1}


@pytest.mark.parametrize("share", [True, False])
def test_tags_take_the_scheme_its_beta_and_the_cap(share):
    options = {"tag_scheme": Scheme.IOB2, "share_prefixes": share}
    by_hand = tag_weights({"O": 3, "B-X": 1}, "effective-number", beta=0.5, **options)
    assert by_hand == pytest.approx({"O": 8 / 11, "B-X": 14 / 11})
    capped = tag_weights({"O": 8, "B-X": 1, "B-Y": 1}, "inverse", cap=3, **options)
    assert capped == pytest.approx({"O": 10 / 8, "B-X": 30 / 8, "B-Y": 30 / 8})


def test_tag_counts_need_names():
    with pytest.raises(WeightsError) as caught:
        tag_weights([70, 30], tag_scheme=Scheme.IOB2)
    assert str(caught.value) == (
        "tag counts are of type list; give {tag: count}, for example dict(zip(tags, counts))"
    )
    with pytest.raises(WeightsError) as caught:
        tag_weights({"O": 70, 7: 30}, tag_scheme=Scheme.IOB2)
    assert str(caught.value) == "tag counts name 7; expected tags, as strings"


def test_a_manual_weight_may_be_of_any_number_type():
    assert class_weights({"O": 1, "X": 1}, manual={"X": np.float16(2)})["X"] == 2
