"""How counts, shares and lists are written in messages."""

import math
from collections.abc import Sequence

LISTED_NAMES = 3
UNDEFINED = "–"


def plural(count: int, noun: str) -> str:
    """A count with its noun.

    >>> plural(1, "token"), plural(4, "token"), plural(4, "class")
    ('1 token', '4 tokens', '4 classes')
    """
    ending = "es" if noun.endswith("s") else "s"
    return f"{count} {noun}{'' if count == 1 else ending}"


def listed(names: Sequence[str]) -> str:
    """The first three names, and how many more there are.

    >>> listed(["'A'", "'B'", "'C'", "'D'"])
    "'A', 'B', 'C' and 1 more"
    """
    more = len(names) - LISTED_NAMES
    return ", ".join(names[:LISTED_NAMES]) + (f" and {more} more" if more > 0 else "")


def ratio(numerator: float, denominator: float) -> float | None:
    """The quotient as a Python float; None if the denominator is 0."""
    return float(numerator / denominator) if denominator else None


def percent(share: float | None, *, digits: int = 1) -> str:
    """A share in percent; a dash if it is undefined or not finite.

    >>> percent(0.0123), percent(0.0123, digits=2), percent(math.nan)
    ('1.2%', '1.23%', '–')
    """
    return UNDEFINED if share is None or not math.isfinite(share) else f"{share:.{digits}%}"


def percent_above_zero(share: float | None) -> str:
    """A share in percent with one digit; a share above 0 is never written as 0%.

    >>> percent_above_zero(0.5), percent_above_zero(0.0), percent_above_zero(0.0001)
    ('50.0%', '0%', '<0.1%')
    """
    if share == 0:
        return "0%"
    return "<0.1%" if share is not None and 0 < share < 0.0005 else percent(share)


def file_size(count: int) -> str:
    """A number of bytes, in the unit that suits it.

    >>> file_size(812), file_size(48_200), file_size(6_458_404)
    ('812 bytes', '48 KB', '6.5 MB')
    """
    if count < 1000:
        return f"{count} bytes"
    return f"{count / 1e3:.0f} KB" if count < 999_500 else f"{count / 1e6:.1f} MB"
