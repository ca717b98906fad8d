"""The deployed part of seqlab: the packages that the wheel of a tagger carries.

They import one another, the standard library and `LIBRARIES`, and nothing else. import-linter proves it: the contract "the
deployed part is closed" in pyproject.toml names the same packages, and a test compares both lists.
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

LIBRARIES = ("numpy", "regex", "sentencex")
OPTIONAL_LIBRARIES = ("threadpoolctl",)  # tagging works without it
"""Libraries of extras stand in named modules, which say in one line what to install: see `pyproject.toml`."""
