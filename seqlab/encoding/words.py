"""How a token is read: its entry in the word vocabulary, its characters and its case."""

import re

DIGITS = re.compile(r"\d")
CASES = ("lower", "capitalised", "upper", "mixed", "number", "with digits", "other")


def normalise(token: str) -> str:
    """The token's entry in the word vocabulary: lower case, every digit a 0.

    Case and digits themselves are not lost: the characters keep them.

    >>> normalise("Boeing-747")
    'boeing-000'
    """
    lowered = token.lower()
    return lowered if lowered.isalpha() else DIGITS.sub("0", lowered)


def cut(token: str, max_chars: int) -> str:
    """The characters of a long word that are read: its head and its tail, never more than `max_chars`.

    >>> cut("internationalisation", 15)
    'internatisation'
    """
    if len(token) <= max_chars:
        return token
    head = (max_chars + 1) // 2
    return token[:head] + token[len(token) - (max_chars - head) :]


def case_id(token: str) -> int:
    """The token's case pattern, from 1 (0 is padding), in the order of `CASES`.

    >>> [CASES[case_id(token) - 1] for token in ("dog", "Dog", "DOG", "iPod", "42", "B52", "...")]
    ['lower', 'capitalised', 'upper', 'mixed', 'number', 'with digits', 'other']
    """
    if not token.isalpha() and any(character.isdigit() for character in token):
        return 5 if re.fullmatch(r"[\d.,:/%+-]+", token) else 6
    if token.islower():
        return 1
    if len(token) > 1 and token.isupper():
        return 3
    if token[:1].isupper() and (len(token) == 1 or token[1:].islower()):
        return 2
    return 4 if any(character.isalpha() for character in token) else 7
