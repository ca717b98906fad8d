"""How the spelling of a token becomes its vocabulary entry.

This file stands alone because every saved vocabulary depends on these two functions: they must not change.
"""

import re

DIGITS = re.compile(r"\d")


def normalise(token: str) -> str:
    """Return the vocabulary entry of a token: lower case, every digit a 0.

    The network still sees case and digits, in the characters of the token. A token that equals its entry
    is returned itself, so that a large vocabulary is held in memory once, not twice.

    >>> normalise("Boeing-747")
    'boeing-000'
    """
    lowered = token.lower()
    entry = lowered if lowered.isalpha() else DIGITS.sub("0", lowered)
    return token if entry == token else entry


def fold_apostrophes(word: str) -> str:
    """Return the normalised word with ' for both apostrophes.

    >>> fold_apostrophes("L’Île")
    "l'île"
    """
    return normalise(word).replace("’", "'")
