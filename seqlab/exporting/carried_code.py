"""The code that the wheel of a tagger carries: the deployed part, under another name.

Its imports of `seqlab` become imports of `NAME._seqlab`. So taggers of two versions work in one environment, beside seqlab.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from seqlab.exporting.deployed import DEPLOYED

SOURCE = Path(__file__).parents[1]
CARRIED = "_seqlab"


def carried_code(package: str) -> dict[str, bytes]:
    """The content of each file of the deployed part, by its path in the wheel."""
    files = {f"{package}/{CARRIED}/__init__.py": b'"""The part of seqlab that tags."""\n'}
    for path in sorted(deployed_files()):
        name = f"{package}/{CARRIED}/{path.relative_to(SOURCE).as_posix()}"
        content = path.read_bytes()
        if path.suffix == ".py":
            content = with_imports_of(content.decode(), f"{package}.{CARRIED}").encode()
        files[name] = content
    return files


def deployed_files() -> Iterator[Path]:
    """The files of the deployed part, without what Python has compiled."""
    for name in DEPLOYED:
        if (SOURCE / f"{name}.py").is_file():
            yield SOURCE / f"{name}.py"
            continue
        for path in (SOURCE / name).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path


def with_imports_of(code: str, root: str) -> str:
    """Python code whose imports from `seqlab` are imports from `root`.

    Only the module name of an import statement changes; strings and comments stay.
    Raises ValueError for `import seqlab…`, which would bind another name.

    >>> with_imports_of("from seqlab.errors import UserError", "invoices._seqlab")
    'from invoices._seqlab.errors import UserError'
    """
    lines = code.split("\n")
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import) and any(is_ours(one.name) for one in node.names):
            raise ValueError(f"line {node.lineno}: write `from seqlab… import …`")
        if isinstance(node, ast.ImportFrom) and node.level == 0 and is_ours(node.module or ""):
            line = node.lineno - 1
            lines[line] = lines[line].replace("from seqlab", f"from {root}", 1)
    return "\n".join(lines)


def is_ours(module: str) -> bool:
    """Whether a module is in the package seqlab."""
    return module.partition(".")[0] == "seqlab"
