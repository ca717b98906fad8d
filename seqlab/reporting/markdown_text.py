"""Text of a corpus in Markdown, as it stands: nothing in it becomes a link, a table or HTML."""

from collections.abc import Iterable, Sequence

from seqlab.machine.terminal import visible

OBEYED = frozenset("\\`*_{}[]<>#+!|~&$")
"""Characters that Markdown or HTML would obey within a line."""


def markdown_escaped(text: str) -> str:
    r"""The text with a backslash before each character that Markdown would obey.

    >>> print(markdown_escaped("a|b <i>"))
    a\|b \<i\>
    """
    return "".join(f"\\{c}" if c in OBEYED else c for c in visible(text))


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]], *, text: int = 1) -> str:
    """A table; all columns but the first `text` ones are aligned to the right. Cells are Markdown already."""
    marks = ["---" if column < text else "---:" for column in range(len(header))]
    lines = (f"| {' | '.join(cells)} |" for cells in (header, marks, *rows))
    return "\n".join(lines)
