"""Only `machine/` renames, locks or checksums files."""

import ast
from pathlib import Path

import pytest

import seqlab
from seqlab.machine import atomic, checksums, locks

PACKAGE = Path(seqlab.__file__).parent
MODULES = {"fcntl", "hashlib", "tempfile"}
RENAMES = {"rename", "renames", "replace"}


def violations(path):
    """Imports of locking or hashing modules, and calls that rename files: `x.replace(y)` has one argument."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            of_os = isinstance(owner, ast.Name) and owner.id in ("os", "shutil")
            one_argument = len(node.args) == 1 and not node.keywords
            if node.func.attr in RENAMES | {"move"} and (of_os or one_argument):
                yield node.lineno, node.func.attr
        for name in MODULES.intersection(names):
            yield node.lineno, name


def test_no_other_package_renames_locks_or_checksums_files():
    outside = [p for p in PACKAGE.rglob("*.py") if PACKAGE / "machine" not in p.parents]
    assert len(outside) > 100
    assert {str(p): lines for p in outside if (lines := list(violations(p)))} == {}


@pytest.mark.parametrize("module", [atomic, checksums, locks])
def test_the_search_finds_what_machine_does(module):
    assert list(violations(Path(module.__file__)))
