"""The deployed part of seqlab: the packages that the wheel of a tagger carries.

They import one another, the standard library and the libraries below, and nothing else. import-linter proves it: the
contract "the deployed part is closed" in pyproject.toml names the same packages, and a test compares both lists.
"""

DEPLOYED = (
    "errors",
    "arrays",
    "architecture",
    "machine",
    "settings",
    "text",
    "annotations",
    "corpus",
    "encoding",
    "inference",
    "deciding",
    "tagging",
    "storing",
    "streaming",
    "serving",
)

PYTHON = ">=3.11"
REQUIREMENTS = ("numpy>=2.2", "regex>=2024.5.15", "sentencex>=1.0.32,<2")
SERVE_REQUIREMENTS = (
    "fastapi>=0.115",
    "uvicorn>=0.34,<1",
    "httptools>=0.6",
    "uvloop>=0.21; sys_platform != 'win32'",
)
"""The extra serve. Both lists are those of pyproject.toml; a test compares them."""
OPTIONAL_LIBRARIES = ("threadpoolctl",)  # tagging works without it
