"""Text for people, on standard output and standard error."""

import json
import os
import sys
from contextlib import suppress


def say(text: str) -> None:
    """Print a text and flush, so that a log shows it at once."""
    encoding = sys.stdout.encoding or "utf-8"
    shown = printable(text, but="\n\t").encode(encoding, "replace").decode(encoding)
    print(shown, flush=True)  # noqa: T201


def say_json(value: object) -> None:
    """Print a value as JSON."""
    say(json.dumps(value, indent=1, allow_nan=False))


def say_if_read(text: str) -> None:
    """Print a text. If that fails (`| head`, a full disk), discard all further output and work on."""
    try:
        say(text)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def print_error(message: str, *, code: int = 2) -> int:
    """Print one line on standard error. Returns the exit code."""
    with suppress(OSError):  # standard error may be closed
        print(f"error: {printable(message)}", file=sys.stderr)  # noqa: T201
    return code


def printable(text: str, *, but: str = "") -> str:
    r"""Escape characters that move the cursor, hide text or change colours. but: characters to leave.

    >>> print(printable("a\x1b[2Jb"))
    a\x1b[2Jb
    """
    return "".join(c if c.isprintable() or c in but else f"\\x{ord(c):02x}" for c in text)


def visible(text: str) -> str:
    r"""A text whose control and invisible characters are spelled out, so that no terminal obeys them.

    >>> print(visible("a\x1b[2Jb"))
    a\u{1b}[2Jb
    """
    return "".join(c if c.isprintable() else f"\\u{{{ord(c):x}}}" for c in text)
