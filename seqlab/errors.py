"""Errors that a user can cause. They all derive from UserError.

A command prints such an error as one line and exits with code 2. Scripts can catch `UserError`.
A bug in seqlab never raises UserError, so it keeps its traceback.
"""

import difflib
from collections.abc import Iterable
from typing import Any

LONGEST_FACT = 600  # characters
LONGEST_MESSAGE = 1400  # characters of a fact, its location, and a piece of a line


class UserError(ValueError):
    """A mistake that the user can correct. The message says where it is, what is wrong, and what to do.

    It is one printable line, whatever the values in it hold.
    """

    def __init__(self, message: str = "") -> None:
        super().__init__(one_line(message, longest=LONGEST_MESSAGE))


class CorpusError(UserError):
    """A corpus file cannot be read with the given options.

    >>> str(CorpusError("expected 2 columns, found 3", path="train.conll", line=17, text="EU NNP B-ORG"))
    "train.conll:17: expected 2 columns, found 3: 'EU NNP B-ORG'"
    """

    def __init__(
        self, fact: str, *, path: str, line: int | None = None, text: str | None = None
    ) -> None:
        location = path if line is None else f"{path}:{line}"
        shown = "" if text is None else f": {shorten(text)!r}"
        super().__init__(f"{location}: {one_line(fact)}{shown}")

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the message, so that a process can send the error to another."""
        return _corpus_error, self.args


def _corpus_error(message: str) -> CorpusError:
    error = CorpusError.__new__(CorpusError)
    error.args = (message,)
    return error


class SettingsError(UserError):
    """A setting does not exist, has the wrong type, or contradicts another one."""


class WeightsError(UserError):
    """Weights do not fit the labels in shape, sign or names."""


class VectorsError(UserError):
    """A file of word vectors cannot be read."""


class RunError(UserError):
    """A run directory is missing, damaged, or would be overwritten."""


def pip_install(extra: str, package: str) -> str:
    """What installs a missing package: an extra of seqlab; in an exported tagger, which has no such extra, the package.

    >>> pip_install("cas", "dkpro-cassis")
    "pip install 'seqlab[cas]'"
    """
    return (
        f"pip install 'seqlab[{extra}]'"
        if __name__ == "seqlab.errors"
        else f"pip install {package}"
    )


def nearest(name: object, known: Iterable[object]) -> str:
    """A clause that suggests the closest known name; empty if none is close.

    >>> nearest("bacth_size", ["batch_size", "epochs"])
    "; nearest: 'batch_size'"
    >>> nearest("qqq", ["epochs"])
    ''
    """
    lowered = {str(word).lower(): str(word) for word in known}
    close = difflib.get_close_matches(str(name).lower(), lowered, n=1, cutoff=0.5)
    return f"; nearest: {lowered[close[0]]!r}" if close else ""


def with_type(value: object) -> str:
    """A value for messages, with its type before it.

    >>> with_type([1, 2])
    'list [1, 2]'
    """
    return f"{type(value).__name__} {shorten(repr(value))}"


def one_line(fact: str, *, longest: int = LONGEST_FACT) -> str:
    r"""The fact as one line of at most `longest` characters: names in it come from files, which may hold anything.

    Line breaks and invisible characters are spelled out. Of a fact that is too long, the middle is left out.

    >>> one_line("no column 'a\vb'")
    "no column 'a\\x0bb'"
    """
    if len(fact) > longest or not fact.isprintable():
        ends = _without_middle(fact, longest)  # first, as a fact may be as long as a file
        spelled = (c if c.isprintable() else ascii(c)[1:-1] for c in ends)
        return _without_middle("".join(spelled), longest)
    return fact


def _without_middle(fact: str, longest: int) -> str:
    if len(fact) <= longest:
        return fact
    half = longest // 2
    return f"{fact[:half]} … {fact[-half:]}"


def shorten(text: str, limit: int = 80) -> str:
    """The text cut to `limit` characters; an ellipsis marks the cut."""
    return text if len(text) <= limit else text[: limit - 1] + "…"
