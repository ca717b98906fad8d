"""The lowest versions that `scripts/wheel` installs are the lower bounds in pyproject.toml."""

import re
import tomllib

from tests.conftest import ROOT

BOUND = re.compile(r"^([\w-]+)>=([\w.]+)")


def pins(name):
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if not line.startswith("#"))


def release(version):
    """A version without zeros at its end: 2.0 and 2.0.0 are the same."""
    return re.sub(r"(\.0)+$", "", version)


def test_the_lowest_versions_are_those_of_the_project():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    bounds = dict(BOUND.match(line).groups() for line in project["dependencies"])
    lowest = pins("constraints-lowest.txt")
    assert {name: release(lowest[name]) for name in bounds} == {
        name: release(version) for name, version in bounds.items()
    }


def test_constraints_hold_versions_and_no_addresses():
    for name in ("constraints.txt", "constraints-lowest.txt"):
        assert all(re.fullmatch(r"[\w.-]+", version) for version in pins(name).values())
