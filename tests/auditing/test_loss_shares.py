import pytest

from seqlab.auditing.loss_shares import WeightChoice, weigh_classes
from seqlab.corpus.schemes import Scheme
from seqlab.errors import WeightsError
from seqlab.weighting.formulas import WeightScheme

TRAIN = {"O": 7, "B-PER": 2, "I-PER": 1, "B-LOC": 1}
TOKENS = {"O": 7, "PER": 3, "LOC": 1}


def test_every_scheme_has_every_class():
    found = weigh_classes(TRAIN, Scheme.IOB2, WeightChoice(), "sqrt-inverse")
    assert set(found.schemes) == {scheme.value for scheme in WeightScheme}
    assert found.tokens == TOKENS
    assert found.chosen is None
    for weighed in found.schemes.values():
        assert sum(w.loss_share for w in weighed.values()) == pytest.approx(1)
        assert sum(w.weight * TOKENS[n] for n, w in weighed.items()) == pytest.approx(11)


def test_weights_by_hand():
    found = weigh_classes(TRAIN, Scheme.IOB2, WeightChoice(), "none").schemes
    assert {n: w.loss_share for n, w in found["none"].items()} == pytest.approx(
        {"O": 7 / 11, "PER": 3 / 11, "LOC": 1 / 11}
    )
    assert [w.loss_share for w in found["balanced"].values()] == pytest.approx([1 / 3] * 3)
    root = {name: count**0.5 for name, count in TOKENS.items()}
    for name, weighed in found["sqrt-inverse"].items():
        assert weighed.loss_share == pytest.approx(root[name] / sum(root.values()))
        assert weighed.weight == pytest.approx(weighed.loss_share * 11 / TOKENS[name])


def test_the_chosen_weights_are_those_of_training(tmp_path):
    table = tmp_path / "weights.toml"
    table.write_text("O = 1\nPER = 2\nLOC = 4\n")
    found = weigh_classes(TRAIN, Scheme.IOB2, WeightChoice(class_weights=str(table)), "balanced")
    assert found.manual
    assert {n: w.loss_share for n, w in found.chosen.items()} == pytest.approx(
        {"O": 7 / 17, "PER": 6 / 17, "LOC": 4 / 17}
    )
    capped = weigh_classes(TRAIN, Scheme.IOB2, WeightChoice(weight_cap=1.0), "balanced")
    assert capped.chosen["LOC"].weight == pytest.approx(1)
    assert not capped.manual


def test_a_single_tag_can_be_weighed_alone():
    choice = WeightChoice(class_weights="none", class_weight=("B-PER=4",))
    found = weigh_classes(TRAIN, Scheme.IOB2, choice, "balanced").chosen
    # Two B-PER of 4 and one I-PER of 1, of 17 in all.
    assert found["PER"].loss_share == pytest.approx(9 / 17)


def test_an_unknown_class_is_refused_with_its_nearest():
    with pytest.raises(
        WeightsError, match="class_weight names 'LOX': expected one of O, PER, LOC; nearest: 'LOC'"
    ):
        weigh_classes(TRAIN, Scheme.IOB2, WeightChoice(class_weight=("LOX=2",)), "balanced")
