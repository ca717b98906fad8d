"""Every class's F1 inside Keras' own `fit`: a callback for scripts that keep their own loop."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import ArrayLike

from seqlab.arrays import AnyFloatArray
from seqlab.corpus.schemes import Scheme, parse_scheme
from seqlab.corpus.sentence_checks import tuple_of_strings
from seqlab.errors import UserError, nearest
from seqlab.machine.numbers import is_whole
from seqlab.scoring.figures import Figures
from seqlab.scoring.score import score
from seqlab.training.collapse import Alarm, CollapseRules, find_alarms
from seqlab.training.tracked_labels import check_tags, tracked_labels

ADVICE = "Try a larger class weight for it, more training examples of it, or an earlier epoch"


@dataclass(frozen=True, kw_only=True)
class TrackedEpoch:
    """One epoch of `fit`: what the collapse rules read."""

    figures: Figures
    train_loss: float | None
    valid_loss: float | None


class TrackClasses(keras.callbacks.Callback):
    """Scores every class of a validation split after each epoch, and watches for collapse.

    Adds `val_macro_f1`, `val_micro_f1` and `val_min_f1` to the epoch's logs, so that callbacks behind
    it in the list (ModelCheckpoint, EarlyStopping) can monitor them with mode="max".

    Epochs count from the first of `fit`; a second `fit` of the same model goes on, another model begins anew.

    Args:
        inputs: what `model.predict` takes: arrays of N rows, in the order of the labels.
        labels: the tags of the split's sentences, lists of str, with a mask. A tag without a class then
            counts as missed, and sentences that are cut into several rows are whole. Or arrays, every row a
            sentence: one-hot (N, T, C), all-zero rows padding; or class ids, int (N, T), with a mask.
        tags: the C tags, in the order of the network's classes; padding is none.
        scheme: how they are written.
        mask: bool (N, T), True on tokens.
        output: which output of a network with several, by its key where they are a dict, else by number.
        monitored: classes whose F1 goes into the logs too, as `val_f1_NAME`.
        say: gets the alarms, one line each (`print` shows them). rules: thresholds of the alarms.

    Attributes:
        history: one `TrackedEpoch` an epoch. alarms: those of the last epoch.

    Raises UserError when the arguments do not fit each other; in `fit`, when the network's scores do not fit
    them, or are no numbers.
    """

    def __init__(
        self,
        inputs: Any,
        labels: Any,
        *,
        tags: Sequence[str],
        scheme: Scheme | str,
        mask: ArrayLike | None = None,
        output: str | int | None = None,
        monitored: Sequence[str] = (),
        say: Callable[[str], None] = lambda text: None,
        rules: CollapseRules | None = None,
    ) -> None:
        super().__init__()
        self.scheme = parse_scheme(scheme)
        self.tags = check_tags(tags, self.scheme)
        self.labels = tracked_labels(labels, tags=self.tags, scheme=self.scheme, mask=mask)
        self.inputs, self.output, self.say = inputs, output, say
        self.rules = rules or CollapseRules()
        if not isinstance(self.rules, CollapseRules):
            raise UserError(f"rules is {rules!r}: expected CollapseRules(...)")
        self.monitored = self.check_monitored(monitored)
        self.history: list[TrackedEpoch] = []
        self.alarms: tuple[Alarm, ...] = ()
        self.tracked: keras.Model | None = None

    def check_monitored(self, names: Sequence[str]) -> tuple[str, ...]:
        """The classes whose F1 is to be logged, all of them in the labels."""
        found = tuple_of_strings(
            [names] if isinstance(names, str) else names, "monitored takes a list of classes"
        )
        known = score(self.labels.sentences, self.labels.sentences, self.scheme, strict=False)
        for name in found:
            if name not in known.classes:
                raise UserError(f"no class {name!r} in the labels{nearest(name, known.classes)}")
        return found

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Forget another model's epochs, and look at the shape of this one's output, where it is known."""
        if self.model is not self.tracked:
            self.tracked, self.history, self.alarms = self.model, [], ()
        try:
            shape = chosen(self.model.output_shape, self.output)
        except (AttributeError, ValueError):  # a subclassed model, not built yet
            return
        if None not in shape[2:]:
            self.check_shape((*self.labels.mask.shape, *shape[2:]))

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Predict, score, and say which classes are in collapse."""
        logs = {} if logs is None else logs
        figures = self.figures(chosen(self.model.predict(self.inputs, verbose=0), self.output))
        now = TrackedEpoch(
            figures=figures, train_loss=logs.get("loss"), valid_loss=logs.get("val_loss")
        )
        self.history.append(now)
        self.alarms = find_alarms(self.history, self.rules)
        for alarm in self.alarms:
            self.say(f"ALARM {alarm.rule}: {alarm.fact()}. {ADVICE}")
        logs.update({f"val_{name}": value for name, value in self.logged(figures).items()})

    def figures(self, scores: AnyFloatArray) -> Figures:
        """What scores (N, T, C) are worth."""
        self.check_shape(scores.shape)
        found = scores[self.labels.mask]
        bad = int((~np.isfinite(found)).any(axis=-1).sum())
        if bad:
            raise UserError(
                f"the network's scores of {bad} of {len(found)} tokens are no numbers: training has diverged; "
                "try a smaller learning rate, or clipnorm= of the optimizer"
            )
        predicted = [self.tags[number] for number in found.argmax(axis=-1).tolist()]
        gold = self.labels.sentences
        return score(gold, self.labels.by_sentence(predicted), self.scheme, strict=False)

    def check_shape(self, shape: tuple[int, ...]) -> None:
        """Refuse scores that are not one for each tag and token."""
        expected = (*self.labels.mask.shape, len(self.tags))
        if shape != expected:
            raise UserError(
                f"the network gives scores of shape {shape}; expected {expected}, for each of the "
                f"{len(self.tags)} tags one, in their order and without one for padding"
            )

    def logged(self, figures: Figures) -> dict[str, float]:
        """The figures of the epoch's logs; what is undefined is not among them."""
        values = {
            "macro_f1": figures.macro_f1,
            "micro_f1": figures.micro_f1,
            "min_f1": figures.min_f1,
        }
        values |= {f"f1_{name}": figures.classes[name].f1 for name in self.monitored}
        return {name: value for name, value in values.items() if value is not None}


def chosen(outputs: Any, output: str | int | None) -> Any:
    """One of a network's outputs, or of their shapes.

    Raises UserError where there are several and none is named, or there is not the one that is named.
    """
    several = isinstance(outputs, list | dict) or (
        isinstance(outputs, tuple) and not all(size is None or is_whole(size) for size in outputs)
    )
    given = outputs if several else [outputs]
    named = given if isinstance(given, dict) else dict(enumerate(given))
    if output is None and len(named) == 1:
        (output,) = named
    if output not in list(named):
        names = ", ".join(map(repr, named))
        raise UserError(
            f"output is {output!r}: the network has {len(named)}; expected one of {names}"
        )
    return named[output]
