"""The confusion matrix as a picture. Pillow draws it, which comes with TensorBoard."""

from collections.abc import Mapping
from typing import Any

from seqlab.errors import shorten
from seqlab.machine.terminal import visible
from seqlab.scoring.confusion import ConfusionMatrix

CELL, FONT_SIZE, MARGIN = 46, 13, 8
MOST_CLASSES = 40
LONGEST_NAME = 18
RIGHT, WRONG = (0, 114, 178), (213, 94, 0)


def confusion_picture(confusion: Mapping[str, Any] | None) -> Any:
    """A picture of Pillow: rows are gold classes, columns predicted ones; a darker cell is a larger share of its row.

    confusion: as in metrics.json. None without one, without tokens, and for too many classes.
    """
    matrix = None if confusion is None else ConfusionMatrix.from_json(confusion)
    if matrix is None or not 0 < len(matrix.names) <= MOST_CLASSES:
        return None
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.load_default(FONT_SIZE)
    names = [shorten(visible(name), LONGEST_NAME) for name in matrix.names]
    left = 2 * MARGIN + int(max(font.getlength(name) for name in names))
    size = CELL * len(names)
    picture = Image.new("RGB", (left + size + MARGIN, left + size + MARGIN), "white")
    draw = ImageDraw.Draw(picture)
    for row, counts in enumerate(matrix.counts.tolist()):
        y = left + CELL * row
        draw.text((left - MARGIN, y + CELL / 2), names[row], fill="black", font=font, anchor="rm")
        for column, count in enumerate(counts):
            share = count / max(1, sum(counts))
            x = left + CELL * column
            colour = shade(RIGHT if row == column else WRONG, share)
            draw.rectangle((x, y, x + CELL - 2, y + CELL - 2), fill=colour)
            if count:
                ink = "white" if share > 0.5 else "black"
                middle = (x + CELL / 2, y + CELL / 2)
                draw.text(middle, short_number(count), fill=ink, font=font, anchor="mm")
    draw_columns(picture, names, font, left)
    return picture


def draw_columns(picture: Any, names: list[str], font: Any, left: int) -> None:
    """Write the names of the columns from below to above."""
    from PIL import Image, ImageDraw

    strip = Image.new("RGB", (left - MARGIN, CELL * len(names)), "white")
    draw = ImageDraw.Draw(strip)
    for column, name in enumerate(names):
        draw.text((0, CELL * column + CELL / 2), name, fill="black", font=font, anchor="lm")
    picture.paste(strip.rotate(90, expand=True), (left, 0))


def shade(colour: tuple[int, int, int], share: float) -> tuple[int, ...]:
    """A colour between white and a colour; small shares stay visible."""
    strength = 0.0 if share == 0 else 0.12 + 0.88 * share
    return tuple(round(255 - (255 - part) * strength) for part in colour)


def short_number(count: int) -> str:
    """A count that fits into a cell.

    >>> short_number(999), short_number(15234), short_number(2_000_000)
    ('999', '15k', '2.0M')
    """
    if count < 10_000:
        return str(count)
    return f"{count / 1000:.0f}k" if count < 1_000_000 else f"{count / 1_000_000:.1f}M"
