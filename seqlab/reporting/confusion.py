"""The confusion matrix of a split, as text for the terminal and as a shaded table for the report."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from seqlab.machine.terminal import visible
from seqlab.machine.wording import plural
from seqlab.reporting.table import HtmlCell, html_table, text_table
from seqlab.scoring.confusion import ConfusionMatrix

if TYPE_CHECKING:
    from markupsafe import Markup

WIDEST_TEXT = 12  # more classes do not fit on a line of the terminal
WIDEST_HTML = 24  # nor on a page
MOST_MISTAKES = 10
RIGHT_COLOUR, WRONG_COLOUR = "0 114 178", "213 94 0"


def confusion_text(matrix: ConfusionMatrix, *, most: int = MOST_MISTAKES) -> str:
    """The matrix by token, unless it is too wide, and the most frequent mistakes."""
    lines = ["confusion by token (rows: gold, columns: predicted)"]
    names = [visible(name) for name in matrix.names]
    if len(names) <= WIDEST_TEXT:
        rows = [[name, *map(str, row)] for name, row in zip(names, matrix.counts, strict=True)]
        lines.append(text_table(["", *names], rows))
    else:
        lines.append(f"  {len(names)} classes are too many for a table here; --json has it")
    lines += [f"  {mistake}" for mistake in mistakes_text(matrix, most)]
    return "\n".join(lines)


def confusion_html(confusion: Mapping[str, Any]) -> dict[str, Any]:
    """The table and the mistakes for the report's template; no table if it is too wide.

    confusion: as in metrics.json.
    """
    matrix = ConfusionMatrix.from_json(confusion)
    table = None if len(matrix.names) > WIDEST_HTML else confusion_table(matrix)
    return {"table": table, "mistakes": mistakes_text(matrix, MOST_MISTAKES)}


def mistakes_text(matrix: ConfusionMatrix, most: int) -> list[str]:
    """A line for each of the most frequent mistakes."""
    return [
        f"{plural(mistake.tokens, 'token')} of {visible(mistake.gold)} "
        f"tagged {visible(mistake.predicted)}"
        for mistake in matrix.most_confused(most)
    ]


def confusion_table(matrix: ConfusionMatrix) -> "Markup":
    """A row for each class with gold tokens; the larger a cell's share of its row, the darker it is."""
    rows: list[list[str | HtmlCell]] = []
    for row, (gold, counts) in enumerate(zip(matrix.names, matrix.counts.tolist(), strict=True)):
        total = sum(counts)
        if total:
            cells = (
                confusion_cell(count, count / total, right=row == column)
                for column, count in enumerate(counts)
            )
            rows.append([gold, *cells])
    return html_table(["", *matrix.names], rows)


def confusion_cell(count: int, share: float, *, right: bool) -> HtmlCell:
    """A count with its shade; an empty cell for 0."""
    if not count:
        return HtmlCell("")
    colour = f"rgb({RIGHT_COLOUR if right else WRONG_COLOUR} / {0.6 * share:.3f})"
    title = f"{share:.1%} of its tokens"
    return HtmlCell(f"{count:,}", {"style": f"background: {colour}", "title": title})
