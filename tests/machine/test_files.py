"""What is said of a file that a user names and that is not there, or is no TOML; files written whole."""

import pytest

from seqlab.errors import SettingsError, WeightsError
from seqlab.machine.files import nearest_sibling, new_file, read_toml


def test_a_table_is_read_with_its_byte_order_mark(tmp_path):
    path = tmp_path / "a.toml"
    path.write_bytes(b"\xef\xbb\xbfa = 1\n[b]\nc = 'x'\n")
    assert read_toml(path) == {"a": 1, "b": {"c": "x"}}


def test_a_missing_file_names_the_nearest_or_the_missing_directory(tmp_path):
    (tmp_path / "weights.toml").touch()
    with pytest.raises(WeightsError) as caught:
        read_toml(tmp_path / "wieghts.toml", error=WeightsError)
    assert str(caught.value) == (
        f"{tmp_path / 'wieghts.toml'}: no such file; nearest: 'weights.toml'"
    )
    far = tmp_path / "no" / "x.toml"
    assert nearest_sibling(far) == f": there is no directory {str(tmp_path / 'no')!r}"


def test_a_file_that_is_nested_too_deep_is_one_line(tmp_path):
    path = tmp_path / "deep.toml"
    path.write_text("a = " + "[" * 100_000)
    with pytest.raises(SettingsError, match="not a TOML file"):
        read_toml(path)


def test_a_new_file_stands_when_its_block_has_ended_and_not_before(tmp_path):
    path = tmp_path / "a.txt.gz"
    with new_file(path, overwrite=False) as new:
        assert new.partial.name.endswith(".txt.gz")  # writers go by the ending
        new.partial.write_text("whole", encoding="utf-8")
        assert not path.exists()
    assert (new.path, path.read_text(encoding="utf-8")) == (path, "whole")
    assert list(tmp_path.iterdir()) == [path]


def spoil(path):
    with new_file(path, overwrite=True) as new:
        new.partial.write_text("half", encoding="utf-8")
        raise RuntimeError


def test_a_block_that_fails_leaves_what_was_there(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(RuntimeError):
        spoil(path)
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_somebody_elses_file_of_the_meantime_is_not_replaced_unasked(tmp_path):
    path = tmp_path / "a.txt"
    for expected in ("a.txt", "a-2.txt", "a-3.txt"):
        with new_file(path, overwrite=False) as new:
            new.partial.write_text(expected, encoding="utf-8")
        assert new.path.name == expected
        assert new.path.read_text(encoding="utf-8") == expected
