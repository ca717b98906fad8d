import doctest
import importlib
import pkgutil

import bench
import pytest

MODULES = [found.name for found in pkgutil.iter_modules(bench.__path__) if found.name != "run"]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_docstrings(name):
    assert doctest.testmod(importlib.import_module(f"bench.{name}")).failed == 0
