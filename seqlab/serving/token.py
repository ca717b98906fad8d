"""The token of a server, from a file or the environment; never from the command line, which other users see."""

import os

from seqlab.errors import SettingsError

VARIABLE = "SEQLAB_TOKEN"
LONGEST = 1_000


def read_token(file: str | None) -> str | None:
    """The token in a file, or else in the environment; None if there is none.

    Raises SettingsError for a file that cannot be read, and for a token that no header can hold.
    """
    if file is None:
        value = os.environ.get(VARIABLE)
        return None if value is None else checked_token(value, VARIABLE)
    try:
        with open(file, "rb") as stream:  # noqa: PTH123, also a pipe
            content = stream.read(LONGEST + 2)
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise SettingsError(f"{file}: cannot be read: {reason}") from None
    return checked_token(content.decode("utf-8", "replace"), file)


def checked_token(text: str, place: str) -> str:
    """The token without white space around it. place: where it comes from, for errors."""
    token = text.strip()
    if not token:
        raise SettingsError(f"{place}: holds no token")
    if len(token) > LONGEST or not (token.isascii() and token.isprintable()) or " " in token:
        raise SettingsError(
            f"{place}: expected one token of at most {LONGEST} printable ASCII characters"
        )
    return token
