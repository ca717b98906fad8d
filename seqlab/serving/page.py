"""The page of the server: text is tagged as it is typed. One response holds the page, its style and its script."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from seqlab.machine.checksums import policy_source

FILES = Path(__file__).parent / "page"


@cache
def page() -> bytes:
    """The page in UTF-8. It is the same for all taggers: its script reads their names and labels from the server."""
    html = (FILES / "page.html").read_text(encoding="utf-8")
    filled = html.replace("{{ style }}", joined("style")).replace("{{ script }}", joined("scripts"))
    return filled.encode()


@cache
def page_headers() -> Mapping[str, str]:
    """The headers of the page. They forbid every script and style but its own, and every other server.

    Its script cannot make HTML of a text, and no other page can show it in a frame.
    """
    style, script = policy_source(joined("style")), policy_source(joined("scripts"))
    policy = (
        f"default-src 'none'; style-src {style}; script-src {script}; connect-src 'self'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
    return {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": policy,
        "Cache-Control": "no-cache",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }


def joined(folder: str) -> str:
    """All files of a folder in alphabetical order."""
    files = sorted((FILES / folder).iterdir())
    return "\n".join(file.read_text(encoding="utf-8") for file in files)
