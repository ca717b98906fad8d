"""The deployed part is closed under imports, late ones included."""

import ast
import sys
import tomllib
from pathlib import Path

from seqlab.exporting.carried_code import SOURCE, deployed_files
from seqlab.exporting.deployed import (
    DEPLOYED,
    OPTIONAL_LIBRARIES,
    PYTHON,
    REQUIREMENTS,
    SERVE_REQUIREMENTS,
)

PROJECT = Path(__file__).parents[2]
SETTINGS = tomllib.loads((PROJECT / "pyproject.toml").read_text())
LIBRARIES = {"numpy", "regex", "sentencex", *OPTIONAL_LIBRARIES}
OF_EXTRAS = {
    "annotations/spacy.py": {"spacy"},
    "annotations/cas.py": {"cassis"},
    "serving/pages.py": {"fastapi", "starlette"},
    "serving/connections.py": {"uvicorn"},
    "serving/run_server.py": {"fastapi", "httptools", "uvicorn"},
}


def imported(path: Path) -> set[str]:
    """The modules that a file imports, in whatever block: of our own the package, of others the top level."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            names.add(node.module)
    return {".".join(name.split(".")[: 2 if name.startswith("seqlab") else 1]) for name in names}


def test_the_contract_names_the_same_packages():
    contracts = SETTINGS["tool"]["importlinter"]["contracts"]
    (contract,) = [
        one for one in contracts if one["name"].startswith("the deployed part is closed")
    ]
    assert contract["source_modules"] == [f"seqlab.{name}" for name in DEPLOYED]


def test_the_deployed_part_imports_nothing_else():
    ours = {f"seqlab.{name}" for name in DEPLOYED}
    allowed = ours | LIBRARIES | set(sys.stdlib_module_names) | {"_typeshed"}
    files = [path for path in deployed_files() if path.suffix == ".py"]
    others = {path.relative_to(SOURCE).as_posix(): imported(path) - allowed for path in files}
    assert {name: found for name, found in others.items() if found} == OF_EXTRAS


def test_requirements_are_those_of_the_project():
    project = SETTINGS["project"]
    assert project["requires-python"] == PYTHON
    assert set(REQUIREMENTS) <= set(project["dependencies"])
    assert list(SERVE_REQUIREMENTS) == project["optional-dependencies"]["serve"]
