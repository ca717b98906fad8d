"""How a token is read: its entry in the word vocabulary, and its characters."""

import re

DIGITS = re.compile(r"\d")


def normalise(token: str) -> str:
    """The token's entry in the word vocabulary: lower case, every digit a 0.

    Case and digits themselves are not lost: the characters keep them.
    A token that is its own entry comes back itself: a large vocabulary is held once, not twice.

    >>> normalise("Boeing-747")
    'boeing-000'
    """
    lowered = token.lower()
    entry = lowered if lowered.isalpha() else DIGITS.sub("0", lowered)
    return token if entry == token else entry
