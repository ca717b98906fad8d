"""Tables of classes as plain text, the same on a terminal and in a log."""

import math
from collections.abc import Sequence
from html import escape

from rich.cells import cell_len

from seqlab.machine.wording import UNDEFINED, percent
from seqlab.scoring.figures import ClassFigures, Figures, Summary
from seqlab.training.epoch_record import Losses


def figure(value: float | None, digits: int = 3) -> str:
    """A number, or a dash where it is undefined."""
    return UNDEFINED if value is None or not math.isfinite(value) else f"{value:.{digits}f}"


def visible(text: str) -> str:
    """A text from a corpus with nothing in it that moves the cursor or hides."""
    return "".join(c if c.isprintable() else f"\\u{{{ord(c):x}}}" for c in text)


def text_table(header: Sequence[str], rows: Sequence[Sequence[str]], *, indent: int = 2) -> str:
    """Columns in line: the first to the left, numbers to the right.

    >>> print(text_table(["class", "F1"], [["person", "0.5"], ["law", "0.25"]], indent=0))
    class     F1
    person   0.5
    law     0.25
    """
    cells = [list(header), *(list(row) for row in rows)]
    widths = [max(cell_len(row[i]) for row in cells) for i in range(len(header))]
    lines = []
    for row in cells:
        padding = [" " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)]
        first = row[0] + padding[0]
        rest = [pad + cell for pad, cell in zip(padding[1:], row[1:], strict=True)]
        lines.append(" " * indent + "  ".join([first, *rest]).rstrip())
    return "\n".join(lines)


def class_row(name: str, found: ClassFigures) -> list[str]:
    """Name, gold, predicted, precision, recall and F1 of a class."""
    scores = (found.precision, found.recall, found.f1)
    return [visible(name), str(found.support), str(found.predicted), *map(figure, scores)]


def class_table(figures: Figures | Summary, *, train: Losses | None = None) -> str:
    """Every class of a split.

    train: adds a class's mean weight, its share of the training loss, and its training tokens; what
    has no figures (`O`, which is no span) gets a row all the same.
    """
    header = ["class", "gold", "predicted", "precision", "recall", "F1"]
    rows = [class_row(name, found) for name, found in figures.classes.items()]
    if train is None:
        return text_table(header, rows)
    header += ["weight", "loss share", "train tokens"]
    outside = [name for name in train.weights if name not in figures.classes]
    rows += [[visible(name), *[""] * 5] for name in outside]
    for name, row in zip([*figures.classes, *outside], rows, strict=True):
        row += [
            figure(train.weights.get(name)),
            percent(train.shares.get(name)),
            str(train.tokens.get(name, 0)),
        ]
    return text_table(header, rows)


def text(value: str) -> str:
    """A text from a corpus, made harmless.

    >>> text("<b>")
    '&lt;b&gt;'
    """
    return escape(visible(value))
