"""Text for people, on standard output and standard error."""

import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TextIO

from seqlab.machine.progress import hidden_progress


def say(text: str, *, paint: Callable[[str], str] = str) -> None:
    """Print a text and flush, so that a log shows it at once. paint: adds colours, after control characters are gone."""
    encoding = sys.stdout.encoding or "utf-8"
    shown = printable(text, but="\n\t").encode(encoding, "replace").decode(encoding)
    with hidden_progress():
        print(paint(shown), flush=True)  # noqa: T201


def say_json(value: object) -> None:
    """Print a value as JSON."""
    say(json.dumps(value, indent=1, allow_nan=False))


def write_data(text: bytes) -> None:
    """Write UTF-8 text for other programs to standard output, and flush.

    A file or pipe gets it unchanged. A terminal gets control characters spelled out, so that it obeys none of them.
    """
    if sys.stdout.isatty():
        text = printable(text.decode(), but="\n\t").encode()
    sys.stdout.buffer.write(text)
    sys.stdout.buffer.flush()


def say_if_read(text: str, *, paint: Callable[[str], str] = str) -> None:
    """Print a text. If that fails (`| head`, a full disk), discard all further output and work on. paint: as for `say`."""
    try:
        say(text, paint=paint)
    except BrokenPipeError:
        discard_output(sys.stdout)
    except OSError as error:
        discard_output(sys.stdout)
        print_note(f"{error}; the work goes on")


def discard_output(output: TextIO) -> None:
    """Send all further output to nowhere, also what Python has not written yet."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, output.fileno())
    os.close(null)


def print_error(message: str, *, code: int = 2) -> int:
    """Print one line on standard error. Returns the exit code."""
    print_aside(f"error: {message}")
    return code


def print_note(message: str) -> None:
    """Print a note on standard error."""
    print_aside(f"note: {message}")


def print_aside(line: str) -> None:
    """Print a line on standard error. If that fails, nobody is there to hear of it."""
    if sys.stderr is not None:  # closed; `print` would write to standard output
        with suppress(OSError), hidden_progress():
            print(printable(line), file=sys.stderr, flush=True)  # noqa: T201


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
