"""Every class's F1 inside Keras' own `fit`: a callback for scripts that keep their own loop."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from seqlab.corpus.schemes import Scheme, parse_scheme
from seqlab.errors import UserError
from seqlab.scoring.figures import Figures
from seqlab.scoring.score import score
from seqlab.training.collapse import Alarm, CollapseRules, find_alarms


@dataclass(frozen=True, kw_only=True)
class TrackedEpoch:
    """One epoch of `fit`: what the collapse rules read."""

    figures: Figures
    train_loss: float | None
    valid_loss: float | None


class TrackClasses(keras.callbacks.Callback):
    """Scores every class of a validation split after each epoch, and watches for collapse.

    Adds `val_macro_f1` and `val_micro_f1` to the epoch's logs, so that callbacks behind it in the
    list (ModelCheckpoint, EarlyStopping) can monitor them with mode="max".

    Args:
        inputs: the network's inputs, arrays (N, T) and (N, T, W).
        labels: float32 (N, T, C), one-hot; all-zero rows are padding and are not scored.
        tags: the C tags. scheme: how they are written.
        say: gets the alarms, one line each (`print` shows them). rules: thresholds of the alarms.

    Attributes:
        history: one `TrackedEpoch` an epoch. alarms: those of the last epoch.
    """

    def __init__(
        self,
        inputs: Any,
        labels: NDArray[np.float32],
        *,
        tags: Sequence[str],
        scheme: Scheme | str,
        say: Callable[[str], None] = lambda text: None,
        rules: CollapseRules | None = None,
    ) -> None:
        super().__init__()
        self.inputs, self.tags, self.say = inputs, tuple(tags), say
        self.scheme = parse_scheme(scheme)
        if labels.ndim != 3 or labels.shape[-1] != len(self.tags):
            raise UserError(
                f"labels have shape {labels.shape}: expected (N, T, {len(self.tags)}), one-hot over the "
                f"{len(self.tags)} tags"
            )
        self.rules = rules or CollapseRules()
        self.mask: NDArray[np.bool_] = np.any(labels, axis=-1)
        self.gold = self.names(labels.argmax(axis=-1))
        self.history: list[TrackedEpoch] = []
        self.alarms: tuple[Alarm, ...] = ()

    def names(self, classes: NDArray[np.int64]) -> list[list[str]]:
        """The tags of the real tokens of every sentence."""
        return [
            [self.tags[number] for number in row[mask]]
            for row, mask in zip(classes, self.mask, strict=True)
        ]

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Predict, score, and say which classes are in collapse."""
        logs = {} if logs is None else logs
        scores = self.model.predict(self.inputs, verbose=0)
        predicted = self.names(scores.argmax(axis=-1))
        figures = score(self.gold, predicted, self.scheme, strict=False)
        now = TrackedEpoch(
            figures=figures, train_loss=logs.get("loss"), valid_loss=logs.get("val_loss")
        )
        self.history.append(now)
        self.alarms = find_alarms(self.history, self.rules)
        for alarm in self.alarms:
            self.say(f"ALARM {alarm.rule}: {alarm.message()}")
        for name, value in (("macro", figures.macro_f1), ("micro", figures.micro_f1)):
            if value is not None:
                logs[f"val_{name}_f1"] = value
