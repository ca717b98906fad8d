"""Sphinx settings of the documentation. `scripts/docs` builds it; every warning is an error."""

import sys
from importlib.metadata import version as installed_version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))

from reference import write_pages

project = "seqlab"
author = "the seqlab developers"
release = version = installed_version("seqlab")
extensions = ["myst_parser"]
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = f"seqlab {release}"
html_show_sourcelink = False
exclude_patterns: list[str] = []
suppress_warnings = ["misc.highlighting_failure"]  # excerpts of TOML and JSON in measurement pages

write_pages()
