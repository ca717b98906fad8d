"""Figures as a table shows them."""

from seqlab.reporting.table import UNDEFINED


def amount(weight: float) -> str:
    """A weight with three digits, never as a power of ten.

    >>> amount(0.14963), amount(9.0), amount(1234.5)
    ('0.150', '9.00', '1,234')
    """
    digits = 3 if weight < 1 else 2 if weight < 10 else 1 if weight < 100 else 0
    return f"{weight:,.{digits}f}"


def percent(share: float | None) -> str:
    """A share with one decimal; a tiny one is not shown as none.

    >>> percent(0.5), percent(0.0), percent(0.0001), percent(None)
    ('50.0%', '0%', '<0.1%', '–')
    """
    if share is None:
        return UNDEFINED
    if not share:
        return "0%"
    return "<0.1%" if share < 0.0005 else f"{share:.1%}"
