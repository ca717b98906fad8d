"""Which epoch is kept: the figure that a run is told to select by."""

import math
from collections.abc import Collection

from seqlab.errors import SettingsError, nearest
from seqlab.scoring.figures import Figures

Rank = tuple[float, float, float]


def check_selection(select: str, classes: Collection[str], supported: Collection[str]) -> None:
    """Refuse a selection that no epoch could ever fulfil, before any training.

    classes: those of the training split. supported: those with gold in the validation split.
    """
    if select == "valid_loss":
        return
    if select.startswith("f1:"):
        name = select.removeprefix("f1:")
        if name not in classes:
            raise SettingsError(
                f"select is {select!r}: {name!r} is not one of the {len(classes)} classes"
                f"{nearest(name, classes)}"
            )
        supported = [each for each in supported if each == name]
    if not supported:
        raise SettingsError(
            f"select is {select!r}, but the validation split has no gold for it: "
            "give more validation data, or select by valid_loss"
        )


def selected_figure(select: str, figures: Figures, valid_loss: float | None) -> float | None:
    """The figure by its name in the settings; F1 between 0 and 1, or the loss in nats."""
    if select == "valid_loss":
        return valid_loss
    if select.startswith("f1:"):
        found = figures.classes.get(select.removeprefix("f1:"))
        return None if found is None else found.f1
    value: float | None = getattr(figures, select)
    return value


def rank(select: str, figures: Figures, valid_loss: float | None) -> Rank:
    """A key that is greater for the better epoch.

    Ties are common while rare classes are still at 0: then the higher macro-F1 wins, and then the
    lower validation loss, so that patience does not run out on a network that is still learning.
    """
    low = float("-inf")
    by_loss = low if valid_loss is None or math.isnan(valid_loss) else -valid_loss
    if select == "valid_loss":
        return by_loss, 0.0, 0.0
    value = selected_figure(select, figures, valid_loss)
    macro = figures.macro_f1
    return low if value is None else value, low if macro is None else macro, by_loss
