"""How counts and lists are written in messages."""

from collections.abc import Sequence

NAMED = 3


def plural(count: int, noun: str) -> str:
    """A count with its noun.

    >>> plural(1, "token"), plural(4, "token")
    ('1 token', '4 tokens')
    """
    return f"{count} {noun}{'' if count == 1 else 's'}"


def listed(names: Sequence[str]) -> str:
    """The first few of some names, and how many more there are.

    >>> listed(["'A'", "'B'", "'C'", "'D'"])
    "'A', 'B', 'C' and 1 more"
    """
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
