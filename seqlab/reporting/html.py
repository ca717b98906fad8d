"""HTML from jinja2 templates. Every inserted text is escaped, and its control characters are made visible."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from seqlab.machine.terminal import visible

TEMPLATES = Path(__file__).parent / "templates"
HARMLESS = str.maketrans({"<": r"\u003c", ">": r"\u003e", "&": r"\u0026"})


def render(template: str, **values: Any) -> Markup:
    """Fill in a template of the folder `templates`."""
    return Markup(environment().get_template(template).render(**values))  # noqa: S704, autoescaped


@cache
def environment() -> Environment:
    """The jinja2 environment, which is created once."""
    return Environment(
        loader=FunctionLoader(read_template),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: visible(value) if type(value) is str else value,
    )


def read_template(name: str) -> str:
    """A template without its indentation and line breaks, which would become white space on the page."""
    text = (TEMPLATES / name).read_text(encoding="utf-8")
    return "".join(line.strip() for line in text.splitlines())


@cache
def assets(folder: str) -> Markup:
    """All files of a folder in `templates` in alphabetical order, to be inserted as they are."""
    files = sorted((TEMPLATES / folder).iterdir())
    return Markup("\n".join(file.read_text(encoding="utf-8") for file in files))  # noqa: S704, files of this package


def json_island(name: str, value: Any) -> Markup:
    r"""Data for the page's script. It is no script itself, and its text cannot end the element.

    >>> print(json_island("rows", ["</script>"]))
    <script type="application/json" id="data-rows">["\u003c/script\u003e"]</script>
    """
    text = json.dumps(value, allow_nan=False, separators=(",", ":")).translate(HARMLESS)
    return Markup('<script type="application/json" id="data-{}">{}</script>').format(
        name,
        Markup(text),  # noqa: S704, without < > &
    )
