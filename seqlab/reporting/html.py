"""Texts of a corpus in HTML."""

from html import escape

from seqlab.reporting.table import visible


def text(value: str) -> str:
    """A text from a corpus, made harmless.

    >>> text("<b>")
    '&lt;b&gt;'
    """
    return escape(visible(value))
