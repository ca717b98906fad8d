"""Whoever asserts equal bits names the promise: `@pytest.mark.bits`, see conftest.py."""

import ast
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.conftest import PROMISES, pytest_collection_modifyitems

TESTS = Path(__file__).parent
EXACT = {"assert_array_equal", "array_equal", "tobytes"}


def asserts_bits(node):
    """Whether this is a call of a function of EXACT, or of `(a == b).all` where b is no constant."""
    match node:
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)) if name in EXACT:
            return True
        case ast.Call(func=ast.Attribute(attr="all", value=ast.Compare(ops=[ast.Eq()]) as pair)):
            return not isinstance(pair.comparators[0], ast.Constant)
    return False


def names_a_promise(node):
    return any("pytest.mark.bits" in ast.unparse(each) for each in node)


def unmarked(text):
    """Names of tests that assert equal bits, directly or by a helper in the same file, without a promise."""
    tree = ast.parse(text)
    if names_a_promise(node for node in tree.body if isinstance(node, ast.Assign)):
        return []  # pytestmark
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    exact, before = set(), None
    while exact != before:
        before = set(exact)
        for function in functions:
            for node in ast.walk(function):
                if asserts_bits(node) or (isinstance(node, ast.Name) and node.id in before):
                    exact.add(function.name)
    return [
        function.name
        for function in functions
        if function.name in exact and function.name.startswith("test_")
        if not names_a_promise(function.decorator_list)
    ]


SOURCE = """
def same(a, b):
    np.testing.assert_array_equal(a, b)
def test_by_helper():
    same(1, 2)
def test_by_itself():
    assert (a == b).all()
@pytest.mark.bits("copied")
def test_marked():
    assert a.tobytes() == b
def test_other():
    assert (a == 0).all()
"""


def test_a_test_without_a_promise_is_found():
    assert unmarked(SOURCE) == ["test_by_helper", "test_by_itself"]
    assert unmarked('pytestmark = [pytest.mark.bits("copied")]' + SOURCE) == []


def test_every_test_of_equal_bits_names_its_promise():
    paths = sorted(TESTS.rglob("test_*.py"))
    found = {str(path): unmarked(path.read_text(encoding="utf-8")) for path in paths}
    found = {path: names for path, names in found.items() if names}
    assert found == {}, "add @pytest.mark.bits(PROMISE); tests/conftest.py lists the promises"


@pytest.mark.parametrize("promise", [(), ("faith",), ("copied", "stored")])
def test_an_unknown_promise_is_an_error(promise):
    item = SimpleNamespace(
        nodeid="test_it", iter_markers=lambda name: [pytest.mark.bits(*promise).mark]
    )
    with pytest.raises(pytest.UsageError) as caught:
        pytest_collection_modifyitems([item])
    expected = f"expected one of {', '.join(PROMISES)}"
    assert str(caught.value) == f"test_it: bits{promise}: {expected}"
