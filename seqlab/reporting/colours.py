"""Colours for scores on a terminal: classes at risk, alarms, the best epoch so far.

The text says the same without colours. They are added last, so that no file and no pipe gets them.
"""

from collections.abc import Callable
from typing import TextIO

from rich.color import ColorSystem
from rich.console import Console
from rich.style import Style

from seqlab.reporting.table import AT_RISK

ALARM = Style(bold=True, color="red")
RISK = Style(color="red")
ANSWER = Style(color="yellow")
BEST = Style(bold=True)


def painter(output: TextIO) -> Callable[[str], str]:
    """A function that colours a text for this output, or leaves it if the output takes no colours.

    A terminal takes colours. `NO_COLOR` forbids them, and `FORCE_COLOR` demands them also for files and pipes.
    """
    console = Console(file=output)
    return str if console.no_color or console.color_system is None else coloured


def coloured(text: str) -> str:
    """A text with colours, line by line."""
    return "\n".join(
        style_of(line).render(line, color_system=ColorSystem.STANDARD) for line in text.split("\n")
    )


def style_of(line: str) -> Style:
    """The style of a line of the log; most have none."""
    if line.startswith("  ALARM"):
        return ALARM
    if line.startswith(AT_RISK):
        return RISK
    if line.startswith("  ANSWER"):
        return ANSWER
    return BEST if line.startswith("epoch ") and line.endswith("  *") else Style.null()
