"""Errors about files that a user names: missing, or not TOML."""

import pytest

from seqlab.errors import SettingsError, WeightsError
from seqlab.machine.files import nearest_sibling, read_toml


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
