"""A page as one file: head, content security policy, navigation, sections, and the data for its script."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from markupsafe import Markup

from seqlab.machine.checksums import policy_source
from seqlab.reporting.html import assets, json_island, render


@dataclass(frozen=True, kw_only=True)
class Section:
    """A section of a page.

    id: its anchor. short: its name in the navigation. lead: what it shows, in a sentence or two.
    data: values for the page's script, by name.
    """

    id: str
    short: str
    heading: str
    body: Markup
    lead: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


def page_of(
    sections: Sequence[Section], *, title: str, facts: Sequence[str], command: str = ""
) -> str:
    """The whole page. facts: short texts under the title. command: repeats what the page shows; empty if unknown."""
    style, script = assets("style"), assets("scripts")
    data = {name: value for section in sections for name, value in section.data.items()}
    policy = (
        f"default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; "
        f"style-src {policy_source(style)}; script-src {policy_source(script)}"
    )
    html = render(
        "page.html",
        title=title,
        facts=facts,
        command=command,
        policy=Markup(policy),  # noqa: S704, hashes alone
        style=style,
        script=script,
        sections=sections,
        islands=[json_island(name, value) for name, value in data.items()],
    )
    return f"{html}\n"


def write_page(path: Path, html: str) -> None:
    """Write the page in UTF-8; lone surrogates become character references."""
    path.write_text(html, encoding="utf-8", errors="xmlcharrefreplace")
