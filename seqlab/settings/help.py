"""The settings under headings, as `--help` shows them."""

from itertools import groupby
from typing import TYPE_CHECKING

from cyclopts.help import DefaultFormatter

from seqlab.settings.training import setting_names

if TYPE_CHECKING:
    from cyclopts.help import HelpEntry, HelpPanel
    from rich.console import Console, ConsoleOptions

HEADINGS = {
    "train": "Corpora and files",
    "vectors": "Words",
    "class_weights": "Weights",
    "resample": "Sampling",
    "loss": "Loss and head",
    "word_dim": "Network",
    "epochs": "Training",
    "select": "Rare classes: checkpoint, alarm, decision",
}
"""First setting of each group -> its heading; a group ends where the next begins."""

OWN = "This command"
"""Heading of options that are no settings."""


def headings() -> dict[str, str]:
    """Option of every setting -> the heading it stands under."""
    found, heading = {}, OWN
    for name in setting_names():
        heading = HEADINGS.get(name, heading)
        found[f"--{name.replace('_', '-')}"] = heading
    return found


class GroupedHelp(DefaultFormatter):
    """Help with a panel for each group of settings, the command's own options first."""

    def __call__(self, console: "Console", options: "ConsoleOptions", panel: "HelpPanel") -> None:
        """Print one panel of cyclopts as one for each group; its entries keep their order."""
        known = headings()

        def heading(entry: "HelpEntry") -> str:
            return known.get(entry.positive_names[0], OWN)

        entries = sorted(panel.entries, key=lambda entry: heading(entry) != OWN)
        for title, group in groupby(entries, key=heading):
            super().__call__(console, options, panel.copy(title=title, entries=list(group)))
