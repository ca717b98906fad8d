"""HTML from jinja2 templates. Every inserted text is escaped, and its control characters are made visible."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from seqlab.machine.terminal import visible

TEMPLATES = Path(__file__).parent / "templates"


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


def stylesheet(name: str) -> Markup:
    """A style sheet of the folder `templates`, to be inserted as it is."""
    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))  # noqa: S704, a file of this package
