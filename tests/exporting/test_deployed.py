"""The deployed part is closed under imports, late ones included."""

import sys
import tomllib
from pathlib import Path

import grimp

from seqlab.exporting.deployed import DEPLOYED, LIBRARIES, OPTIONAL_LIBRARIES

PROJECT = Path(__file__).parents[2]
OF_EXTRAS = {
    ("seqlab.annotations.spacy", "spacy"),
    ("seqlab.annotations.cas", "cassis"),
    ("seqlab.serving.pages", "fastapi"),
    ("seqlab.serving.pages", "starlette"),
    ("seqlab.serving.connections", "uvicorn"),
    ("seqlab.serving.run_server", "fastapi"),
    ("seqlab.serving.run_server", "httptools"),
    ("seqlab.serving.run_server", "uvicorn"),
}


def is_deployed(module: str) -> bool:
    return any(f"{module}.".startswith(f"seqlab.{name}.") for name in DEPLOYED)


def test_the_contract_names_the_same_packages():
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    contracts = settings["tool"]["importlinter"]["contracts"]
    (contract,) = [
        one for one in contracts if one["name"].startswith("the deployed part is closed")
    ]
    assert contract["source_modules"] == [f"seqlab.{name}" for name in DEPLOYED]


def test_the_deployed_part_imports_nothing_else():
    graph = grimp.build_graph("seqlab", include_external_packages=True, cache_dir=None)
    known = {*LIBRARIES, *OPTIONAL_LIBRARIES, *sys.stdlib_module_names, "_typeshed"}
    wrong = {
        (module, found)
        for module in filter(is_deployed, graph.modules)
        for found in graph.find_modules_directly_imported_by(module)
        if not is_deployed(found) and found not in known
    }
    assert wrong == OF_EXTRAS
