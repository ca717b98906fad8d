"""The confusion matrix of a split, as text for the terminal."""

from seqlab.machine.terminal import visible
from seqlab.machine.wording import plural
from seqlab.reporting.table import text_table
from seqlab.scoring.confusion import ConfusionMatrix

WIDEST_TEXT = 12  # more classes do not fit on a line of the terminal
MOST_MISTAKES = 10


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


def mistakes_text(matrix: ConfusionMatrix, most: int) -> list[str]:
    """A line for each of the most frequent mistakes."""
    return [
        f"{plural(mistake.tokens, 'token')} of {visible(mistake.gold)} "
        f"tagged {visible(mistake.predicted)}"
        for mistake in matrix.most_confused(most)
    ]
