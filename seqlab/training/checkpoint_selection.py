"""The choice of the best epoch, by the figure that the setting `select` names."""

import math
from collections.abc import Collection

from seqlab.errors import SettingsError, nearest, shorten
from seqlab.scoring.figures import Figures

CheckpointRank = tuple[float, float, float]


def check_selection(select: str, classes: Collection[str], supported: Collection[str]) -> None:
    """Raise SettingsError if no epoch could have the selected figure, before any training.

    classes: classes of the training split. supported: classes with gold in the validation split.
    """
    if select == "valid_loss":
        return
    if select.startswith("f1:"):
        name = select.removeprefix("f1:")
        if name not in classes:
            expected = shorten(", ".join(f"f1:{known}" for known in classes))
            raise SettingsError(
                f"select is {select!r}: expected one of {expected}{nearest(name, classes)}"
            )
        supported = [class_name for class_name in supported if class_name == name]
    if not supported:
        raise SettingsError(
            f"select is {select!r}, but the validation split has no gold for it; "
            "give more validation data, or select by valid_loss"
        )


def selected_figure(select: str, figures: Figures, valid_loss: float | None) -> float | None:
    """The selected figure: an F1 from 0 to 1, or the loss in nats; None if undefined."""
    if select == "valid_loss":
        return valid_loss
    if select.startswith("f1:"):
        of_class = figures.classes.get(select.removeprefix("f1:"))
        return None if of_class is None else of_class.f1
    value: float | None = getattr(figures, select)
    return value


def checkpoint_rank(select: str, figures: Figures, valid_loss: float | None) -> CheckpointRank:
    """A key that is greater for the better epoch.

    Among equal figures the higher macro-F1 wins, then the lower validation loss. Ties are common while rare classes
    still have F1 0, and patience must not run out on a network that is still learning.
    """
    low = float("-inf")
    by_loss = low if valid_loss is None or math.isnan(valid_loss) else -valid_loss
    if select == "valid_loss":
        return by_loss, 0.0, 0.0
    value = selected_figure(select, figures, valid_loss)
    macro = figures.macro_f1
    return low if value is None else value, low if macro is None else macro, by_loss
