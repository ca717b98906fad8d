import pytest

from seqlab.deciding.costs import Cost, parse_recalls, read_costs
from seqlab.errors import SettingsError

CLASSES = ("PER", "LOC")


def test_one_table_per_class(tmp_path):
    path = tmp_path / "costs.toml"
    path.write_text("[PER]\nmiss = 5\n[LOC]\nfalse_alarm = 0.5\n")
    assert read_costs(path, CLASSES) == {"PER": Cost(miss=5), "LOC": Cost(false_alarm=0.5)}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[PRE]\nmiss = 1", "'PRE' is not one of the 2 classes; nearest: 'PER'"),
        ("PER = 3", "'PER' is 3; expected a table of miss and false_alarm"),
        ("[PER]\nmis = 3", "'PER' has 'mis'; expected miss and false_alarm; nearest: 'miss'"),
        ("[PER]\nmiss = -1", "miss of 'PER' is -1; expected a number, 0 or more"),
        ("[PER]\nmiss = true", "miss of 'PER' is True; expected a number, 0 or more"),
        ("[PER]\nmiss = inf", "miss of 'PER' is inf; expected a number, 0 or more"),
        ("[PER]\nmiss = 1e308", "miss of 'PER' is 1e+308; expected at most 1e+09"),
        (
            f"[PER]\nmiss = {'9' * 400}",
            f"miss of 'PER' is {'9' * 79}…; expected at most 1e+09",
        ),
    ],
)
def test_an_error_names_the_file(tmp_path, text, message):
    path = tmp_path / "costs.toml"
    path.write_text(text)
    with pytest.raises(SettingsError) as caught:
        read_costs(path, CLASSES)
    assert str(caught.value) == f"{path}: {message}"


@pytest.mark.parametrize("content", [b"\xff\xfe", b"PER", None])
def test_a_file_that_is_not_toml(tmp_path, content):
    path = tmp_path / "costs.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SettingsError, match=r"costs\.toml: "):
        read_costs(path, CLASSES)


def test_recalls():
    assert parse_recalls(["PER=0.8", "LOC=1"], CLASSES) == {"PER": 0.8, "LOC": 1.0}


@pytest.mark.parametrize("text", ["PER", "=0.5", "PER=", "PER=x", "PER=0", "PER=1.5", "PER=nan"])
def test_a_malformed_recall(text):
    with pytest.raises(SettingsError) as caught:
        parse_recalls([text], CLASSES)
    assert str(caught.value) == (
        f"recall {text!r}: expected NAME=VALUE with a value above 0 and at most 1, as 'PER=0.8'"
    )


def test_a_recall_of_an_unknown_class():
    with pytest.raises(SettingsError) as caught:
        parse_recalls(["PRE=0.5"], CLASSES)
    assert (
        str(caught.value) == "recall 'PRE=0.5': 'PRE' is not one of the 2 classes; nearest: 'PER'"
    )


def test_a_repeated_recall():
    with pytest.raises(SettingsError) as caught:
        parse_recalls(["PER=0.5", "LOC=0.5", "PER=0.7"], CLASSES)
    assert str(caught.value) == "recall 'PER=0.7': 'PER' is given twice; give each class once"
