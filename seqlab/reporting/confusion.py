"""The confusion matrix of a split as a table of the report: where the tokens of each class went."""

from collections.abc import Mapping
from typing import Any

from seqlab.machine.wording import plural
from seqlab.reporting.table import text
from seqlab.scoring.confusion import ConfusionMatrix

WIDEST = 24  # classes that fit on a page
MOST = 10  # mistakes that are listed
RIGHT, WRONG = "0 114 178", "213 94 0"


def confusion_section(confusion: Mapping[str, Any]) -> str:
    """A table shaded by the share of each gold class, and the most frequent mistakes.

    confusion: as metrics.json holds it, "names" and "counts", tokens; a row is a gold class.
    """
    matrix = ConfusionMatrix.from_json(confusion)
    many = len(matrix.names) > WIDEST
    table = "" if many else f'<div class="wide">{confusion_table(matrix)}</div>'
    mistakes = [
        f"<li>{plural(mistake.tokens, 'token')} of {text(mistake.gold)} tagged {text(mistake.predicted)}</li>"
        for mistake in matrix.most_confused(MOST)
    ]
    heading = "<h3>Tokens by gold class (rows) and by predicted class (columns)</h3>"
    return f"{heading}{table}<ul>{''.join(mistakes) or '<li>No mistake.</li>'}</ul>"


def confusion_table(matrix: ConfusionMatrix) -> str:
    """A cell the darker, the larger its share of the row; classes without a gold token have no row."""
    header = "".join(f"<th>{text(column)}</th>" for column in matrix.names)
    rows = []
    for row, (gold, counts) in enumerate(zip(matrix.names, matrix.counts.tolist(), strict=True)):
        total = sum(counts)
        if total:
            cells = (
                cell(count, count / total, right=row == column)
                for column, count in enumerate(counts)
            )
            rows.append(f"<tr><td>{text(gold)}</td>{''.join(cells)}</tr>")
    return f"<table><tr><th></th>{header}</tr>{''.join(rows)}</table>"


def cell(count: int, share: float, *, right: bool) -> str:
    """One number; nothing where it is 0."""
    if not count:
        return "<td></td>"
    colour = f"rgb({RIGHT if right else WRONG} / {0.6 * share:.3f})"
    return f'<td style="background: {colour}" title="{share:.1%} of its tokens">{count:,}</td>'
