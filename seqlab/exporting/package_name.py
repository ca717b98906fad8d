"""The name and the version of an exported package, checked before anything is written."""

import re
import sys
from keyword import iskeyword

from seqlab.errors import UserError, shorten

NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*([-_.]+[A-Za-z0-9]+)*")
VERSION = re.compile(
    r"(0|[1-9]\d*)(\.(0|[1-9]\d*))*((a|b|rc)\d+)?(\.post\d+)?(\.dev\d+)?(\+[a-z0-9]+(\.[a-z0-9]+)*)?",
    re.ASCII,
)
LONGEST = 64  # characters; file systems and installers take longer ones, with paths around them
DEVICES = {
    "aux",
    "con",
    "nul",
    "prn",
    *(f"{port}{n}" for port in ("com", "lpt") for n in range(10)),
}
"""Files of these names cannot exist on Windows."""
OTHERS = {
    "seqlab", "numpy", "regex", "sentencex", "threadpoolctl", "fastapi", "uvicorn", "httptools", "uvloop",
    "starlette", "pydantic", "pydantic_core", "anyio", "idna", "sniffio", "click", "colorama", "h11",
    "annotated_types", "annotated_doc", "typing_extensions", "typing_inspection", "exceptiongroup", "opentelemetry_api",
    "pip", "setuptools", "pkg_resources", "wheel", "test",
}  # fmt: skip
"""Packages that the exported package would hide or replace: what it needs, what installs it, and Python's own tests."""

COMMANDS = re.compile(r"((python|pythonw|pip|pydoc)[0-9.]*|activate|deactivate)")
"""Commands of an environment, which that of the package would replace."""


def import_name(name: str) -> str:
    """The name under which Python imports the package of a distribution.

    >>> import_name("Invoice-Tagger")
    'invoice_tagger'
    """
    return re.sub(r"[-_.]+", "_", name).lower()


def check_name(name: str) -> None:
    """Raise UserError for a name that is unsafe in a path, or that Python or an installed package needs."""
    if len(name) > LONGEST or not NAME.fullmatch(name):
        raise UserError(
            f"name is {shorten(name)!r}: expected letters, digits and single hyphens, a letter first, such as invoice-tagger"
        )
    module = import_name(name)
    if iskeyword(module) or module in DEVICES:
        raise UserError(f"name is {name!r}: no package can have this name; choose another")
    if module in OTHERS or module in sys.stdlib_module_names:
        raise UserError(f"name is {name!r}: it would hide the package {module!r}; choose another")
    if COMMANDS.fullmatch(name.lower()):
        raise UserError(f"name is {name!r}: it would replace a command of Python; choose another")


def check_version(version: str) -> None:
    """Raise UserError for a version that Python's packages cannot have (PEP 440, in its normal form)."""
    if len(version) > LONGEST or not VERSION.fullmatch(version):
        raise UserError(
            f"version is {shorten(version)!r}: expected numbers separated by dots, such as 1.0.0 or 1.2.0rc1"
        )
