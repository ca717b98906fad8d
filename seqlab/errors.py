"""The one family of errors that a user can cause.

A command prints such an error as one line and exits with 2; a script may catch `UserError`.
A fault of seqlab's own is never a `UserError`: it keeps its traceback.
"""

import difflib
from collections.abc import Iterable


class UserError(ValueError):
    """Something that the user can mend: the message names the place, the fact, and what was expected."""


class CorpusError(UserError):
    """A corpus file that can't be read as asked.

    >>> str(CorpusError("expected 2 columns, found 3", path="train.conll", line=17, text="EU NNP B-ORG"))
    "train.conll:17: expected 2 columns, found 3: 'EU NNP B-ORG'"
    """

    def __init__(
        self, fact: str, *, path: str, line: int | None = None, text: str | None = None
    ) -> None:
        place = path if line is None else f"{path}:{line}"
        shown = "" if text is None else f": {shorten(text)!r}"
        super().__init__(f"{place}: {fact}{shown}")


class SettingsError(UserError):
    """A setting that does not exist, has the wrong type, or contradicts another."""


class WeightsError(UserError):
    """Weights whose shape, sign or names do not fit the labels."""


class VectorsError(UserError):
    """A file of word vectors that can't be read as one."""


class RunError(UserError):
    """A run directory that is missing, damaged, or would be overwritten."""


def nearest(name: object, known: Iterable[object]) -> str:
    """The clause that names the closest known word, or none at all; what is no text counts as its own.

    >>> nearest("bacth_size", ["batch_size", "epochs"])
    "; nearest: 'batch_size'"
    >>> nearest("qqq", ["epochs"])
    ''
    """
    lowered = {str(word).lower(): str(word) for word in known}
    close = difflib.get_close_matches(str(name).lower(), lowered, n=1, cutoff=0.5)
    return f"; nearest: {lowered[close[0]]!r}" if close else ""


def named(found: object) -> str:
    """What something is, for messages.

    >>> named([1, 2])
    'list [1, 2]'
    """
    return f"{type(found).__name__} {shorten(repr(found))}"


def shorten(text: str, limit: int = 80) -> str:
    """`text` cut to `limit` characters for a message, the cut marked."""
    return text if len(text) <= limit else text[: limit - 1] + "…"
