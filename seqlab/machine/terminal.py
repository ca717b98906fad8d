"""What a person reads: lines on standard output and standard error."""

import os
import sys
from contextlib import suppress


def say(text: str) -> None:
    """Print one text at once, so that a log that is being watched does not lag behind."""
    encoding = sys.stdout.encoding or "utf-8"
    shown = printable(text, but="\n\t").encode(encoding, "replace").decode(encoding)
    print(shown, flush=True)  # noqa: T201


def keep_saying(text: str) -> None:
    """Print one text; when nobody reads any more (`| head`, a full disk), work on in silence."""
    try:
        say(text)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def complain(message: str, *, code: int = 2) -> int:
    """Print one line on standard error and give the exit code."""
    with suppress(OSError):  # nobody is there to read it
        print(f"error: {printable(message)}", file=sys.stderr)  # noqa: T201
    return code


def printable(text: str, *, but: str = "") -> str:
    r"""A text with nothing in it that moves the cursor, hides, or colours what follows.

    >>> print(printable("a\x1b[2Jb"))
    a\x1b[2Jb
    """
    return "".join(c if c.isprintable() or c in but else f"\\x{ord(c):02x}" for c in text)
