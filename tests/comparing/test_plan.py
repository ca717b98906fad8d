import pytest

from seqlab.comparing.grid import split_table, vary
from seqlab.comparing.plan import make_plan
from seqlab.errors import SettingsError, UserError

TWO = {"a": {}, "b": {"loss": "focal"}}


def test_the_plan_is_ordered_by_seed():
    plan = make_plan(TWO, {"epochs": 3, "seed": 9, "out": "x", "overwrite": True}, seeds=[4, 2])
    assert [cell.title for cell in plan.cells] == [
        "a, seed 4",
        "b, seed 4",
        "a, seed 2",
        "b, seed 2",
    ]
    first = plan.cells[0].settings
    assert (first.epochs, first.seed, first.out, first.overwrite) == (3, 4, None, False)
    assert plan.cells[1].settings.loss == "focal"
    assert plan.baseline == "a"


def test_every_setting_and_seed_is_trained_once_for_every_fold():
    plan = make_plan(TWO, {"folds": 2}, seeds=[7])
    assert [cell.title for cell in plan.cells] == [
        "a, seed 7, fold 1",
        "b, seed 7, fold 1",
        "a, seed 7, fold 2",
        "b, seed 7, fold 2",
    ]
    assert (plan.folds, plan.cells[2].folder) == (2, "seed-7-fold-2")
    assert (plan.cells[2].settings.folds, plan.cells[2].settings.fold) == (2, 2)
    assert plan.shared["folds"] == 2
    assert "fold" not in plan.shared


def test_a_changed_setting_drops_its_rival_from_the_common_ones():
    changed = {"a": {}, "b": {"batch_tokens": 900}}
    plan = make_plan(changed, {"batch_sentences": 8}, seeds=1)
    assert [(c.settings.batch_sentences, c.settings.batch_tokens) for c in plan.cells] == [
        (8, None),
        (None, 900),
    ]


def test_a_changed_setting_drops_common_ones_that_need_its_old_value():
    changed = {"a": {}, "b": {"loss": "ldam"}, "c": {"epochs": 3}}
    plan = make_plan(changed, {"loss": "focal", "focal_gamma": 1.0}, seeds=1)
    assert [c.settings.focal_gamma for c in plan.cells] == [1.0, 2.0, 1.0]
    with pytest.raises(UserError, match=r"settings\.b: focal_gamma is given, but loss is 'ldam'"):
        make_plan({"a": {}, "b": {"loss": "ldam", "focal_gamma": 1.0}}, {}, seeds=1)


@pytest.mark.parametrize(
    ("changed", "common", "options", "message"),
    [
        ({"a": {}}, {}, {}, "1 setting to compare: expected 2 or more"),
        ({}, {}, {}, "0 settings to compare"),
        (TWO, {}, {"baseline": "bb"}, "baseline is 'bb': expected one of a, b; nearest: 'b'"),
        (TWO, {}, {"seeds": 0}, "seeds is 0: expected a number of 1 or more"),
        (TWO, {}, {"seeds": [1, 1]}, "a seed is listed twice"),
        (TWO, {"epoch": 3}, {}, "settings.a: unknown setting 'epoch'; nearest: 'epochs'"),
        ({"a": {}, "../b": {}}, {}, {}, "because a folder gets this name"),
        ({"a": {}, "A": {}}, {}, {}, "two settings are named 'a' and 'A'"),
        ({"a": {}, "b": {"seed": 3}}, {}, {}, "settings.b: seed cannot be set"),
        ({"a": {}, "b": {"out": "x"}}, {}, {}, "settings.b: out cannot be set"),
        (
            {"a": {}, "b": {"folds": 3}},
            {},
            {},
            "settings.b: folds cannot be set: all settings are tested on the same folds",
        ),
        (TWO, {"folds": 1}, {}, "folds is 1: expected a whole number of 2 or more"),
        (
            TWO,
            {"folds": 10**9},
            {"seeds": 1},
            "the comparison has 2,000,000,000 trainings: expected at most 100,000; give fewer seeds or folds",
        ),
        (
            TWO,
            {},
            {"seeds": 10**9},
            "the comparison has 1,000,000,000 trainings: expected at most 100,000; give fewer seeds or folds",
        ),
        (TWO, {"folds": 3, "fold": 1}, {}, "fold cannot be set: every fold is tested once"),
        (
            TWO,
            {"folds": 3, "test": "x"},
            {},
            "settings.a: test and folds are both given: choose one",
        ),
        ({"a": {}, "b": {"test": "x"}}, {}, {}, "test is None in 'a' and 'x' in 'b'"),
        ({"a": {}, "b": {"valid_share": 0.3}}, {}, {}, "valid_share is None in 'a'"),
        ({"a": {}, "b": {"layers": 0}}, {}, {}, "settings.b: layers is 0"),
    ],
)
def test_mistakes(changed, common, options, message):
    with pytest.raises(UserError) as error:
        make_plan(changed, common, **{"seeds": 1, **options})
    assert message in str(error.value)


def test_varied_values_are_read_in_the_type_of_their_setting():
    assert vary(["dropout=0,0.5"]) == {"dropout=0": {"dropout": 0}, "dropout=0.5": {"dropout": 0.5}}
    assert vary(["constrained=true,false"])["constrained=true"] == {"constrained": True}
    assert vary(["vectors=a/b.txt,c.txt"])["a-b.txt"] == {"vectors": "a/b.txt"}
    assert vary([]) == {}


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("class_weights", "vary is 'class_weights': expected NAME=VALUE,VALUE"),
        ("los=focal", "vary: unknown setting 'los'; nearest: 'loss'"),
        ("loss=focl", "vary: loss is 'focl'"),
        ("layers=one", "vary: layers is 'one': expected a whole number"),
        ("loss=ldam,ldam", "two settings are named 'ldam'"),
    ],
)
def test_mistakes_of_vary(option, message):
    with pytest.raises(UserError) as error:
        vary([option])
    assert message in str(error.value)


def test_a_file_is_split_into_common_settings_tables_and_options():
    table = {
        "epochs": 3,
        "seeds": [1, 2],
        "baseline": "a",
        "settings": {"a": {}, "b": {"layers": 2}},
    }
    assert split_table(table, source="c.toml") == (
        {"epochs": 3},
        {"a": {}, "b": {"layers": 2}},
        {"seeds": [1, 2], "baseline": "a"},
    )
    with pytest.raises(UserError, match=r"c.toml: settings: expected tables"):
        split_table({"settings": {"a": 1}}, source="c.toml")
    with pytest.raises(UserError, match=r"c.toml: settings.a: unknown setting 'layer'; nearest"):
        split_table({"settings": {"a": {"layer": 1}}}, source="c.toml")


FILES = {"train": "train.conll", "test": "test.conll"}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (
            {"class_weights": "balancd"},
            "class_weights is 'balancd': expected one of none, balanced, ",
        ),
        ({"class_weight": ("none",)}, "class_weight is 'none': expected NAME=VALUE"),
        ({"class_weights": "gone.toml"}, "gone.toml"),
    ],
)
def test_unknown_weights_are_refused(changed, said):
    with pytest.raises(SettingsError, match=r"settings\.wrong: ") as caught:
        make_plan({"none": {}, "wrong": changed}, FILES, seeds=1)
    assert said in str(caught.value)
