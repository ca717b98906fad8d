import pytest

from seqlab.errors import SettingsError
from seqlab.tuning.costs import Cost, read_costs

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


def test_costs_up_to_a_billion(tmp_path):
    path = tmp_path / "costs.toml"
    path.write_text("[PER]\nmiss = 1e9\nfalse_alarm = 0\n")
    assert read_costs(str(path), CLASSES) == {"PER": Cost(miss=1e9, false_alarm=0.0)}
    path.write_text("[PER]\nmiss = 1000000001\n")
    with pytest.raises(
        SettingsError, match=r"miss of 'PER' is 1000000001; expected at most 1e\+09"
    ):
        read_costs(path, CLASSES)
