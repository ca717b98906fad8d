"""A Keras callback that tracks the F1 of every class in `fit`, for scripts with their own training."""

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
from seqlab.machine.wording import plural
from seqlab.scoring.figures import Figures
from seqlab.scoring.score import score
from seqlab.training.collapse import Alarm, CollapseRules, find_alarms
from seqlab.training.tracked_labels import check_tags, tracked_labels

ADVICE = "Try a larger class weight for it, more training examples of it, or an earlier epoch"


@dataclass(frozen=True, kw_only=True)
class TrackedEpoch:
    """The values of one epoch of `fit` that the collapse rules read."""

    figures: Figures
    train_loss: float | None
    valid_loss: float | None


class TrackClasses(keras.callbacks.Callback):
    """Scores every class of a validation split after each epoch, and reports collapses.

    It adds `val_macro_f1`, `val_micro_f1` and `val_min_f1` to the epoch's logs. Later callbacks in the list
    (ModelCheckpoint, EarlyStopping) can monitor them with mode="max".

    A second `fit` of the same model continues the history; another model starts a new one.

    Args:
        inputs: inputs for `model.predict`: arrays of N rows, in the order of the labels.
        labels: tags of the split's sentences, lists of str, with a mask. Then a gold tag without a class counts as
            missed, and a sentence can extend over several rows. Or an array in which every row is a sentence:
            one-hot (N, T, C), all-zero on padding; or class ids int (N, T), with a mask.
        tags: the C tags, in the order of the network's classes, without padding.
        scheme: tag scheme of the tags.
        mask: bool (N, T), True on tokens.
        output: output to track if the network has several: its key in a dict, else its number.
        monitored: classes whose F1 is also added to the logs, as `val_f1_NAME`.
        say: called with each alarm, one line of text, for example `print`.
        rules: thresholds of the alarms.

    Attributes:
        history: one `TrackedEpoch` per epoch.
        alarms: alarms of the last epoch.

    Raises UserError if the arguments do not fit each other. In `fit` it raises UserError if the network's scores have
    the wrong shape, or are NaN or infinite.
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
            raise UserError(f"rules is {rules!r}; expected CollapseRules(...)")
        self.monitored = self.check_monitored(monitored)
        self.history: list[TrackedEpoch] = []
        self.alarms: tuple[Alarm, ...] = ()
        self.tracked: keras.Model | None = None

    def check_monitored(self, names: Sequence[str]) -> tuple[str, ...]:
        """The classes to log. Raises UserError for a class that is not in the labels."""
        names = [names] if isinstance(names, str) else names
        classes = tuple_of_strings(names, "monitored takes a list of classes")
        gold = self.labels.sentences
        known = score(gold, gold, self.scheme, strict=False).classes
        for name in classes:
            if name not in known:
                raise UserError(f"no class {name!r} in the labels{nearest(name, known)}")
        return classes

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Start a new history for a new model, and check the shape of its output if that is known."""
        if self.model is not self.tracked:
            self.tracked, self.history, self.alarms = self.model, [], ()
        try:
            shape = select_output(self.model.output_shape, self.output)
        except (AttributeError, ValueError):  # a subclassed model, not built yet
            return
        if None not in shape[2:]:
            self.check_shape((*self.labels.mask.shape, *shape[2:]))

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Predict, score and report collapses."""
        logs = {} if logs is None else logs
        scores = select_output(self.model.predict(self.inputs, verbose=0), self.output)
        figures = self.figures(scores)
        losses = {"train_loss": logs.get("loss"), "valid_loss": logs.get("val_loss")}
        self.history.append(TrackedEpoch(figures=figures, **losses))
        self.alarms = find_alarms(self.history, self.rules)
        for alarm in self.alarms:
            self.say(f"ALARM {alarm.rule}: {alarm.fact()}. {ADVICE}")
        logs.update({f"val_{name}": value for name, value in self.logged(figures).items()})

    def figures(self, scores: AnyFloatArray) -> Figures:
        """The figures of scores (N, T, C). Raises UserError for a wrong shape, NaN and infinity."""
        self.check_shape(scores.shape)
        of_tokens = scores[self.labels.mask]
        bad = int((~np.isfinite(of_tokens)).any(axis=-1).sum())
        if bad:
            raise UserError(
                f"scores of {bad} of {len(of_tokens)} tokens are NaN or infinite: training has diverged; "
                "try a smaller learning rate, or clipnorm= of the optimizer"
            )
        predicted = [self.tags[class_id] for class_id in of_tokens.argmax(axis=-1).tolist()]
        gold = self.labels.sentences
        return score(gold, self.labels.by_sentence(predicted), self.scheme, strict=False)

    def check_shape(self, shape: tuple[int, ...]) -> None:
        """Raise UserError unless there is one score per tag and token."""
        expected = (*self.labels.mask.shape, len(self.tags))
        if shape != expected:
            raise UserError(
                f"the network's scores have shape {shape}; expected {expected}, one score for each of the "
                f"{len(self.tags)} tags, in their order and without padding"
            )

    def logged(self, figures: Figures) -> dict[str, float]:
        """The figures for the epoch's logs; undefined ones are left out."""
        values = {name: getattr(figures, name) for name in ("macro_f1", "micro_f1", "min_f1")}
        values |= {f"f1_{name}": figures.classes[name].f1 for name in self.monitored}
        return {name: value for name, value in values.items() if value is not None}


def select_output(outputs: Any, output: str | int | None) -> Any:
    """One of a network's outputs, or of their shapes.

    Raises UserError for an unknown output, and if there are several and `output` is None.
    """
    # The shape of a single output is a tuple too, but of sizes.
    several = isinstance(outputs, list | dict) or (
        isinstance(outputs, tuple) and not all(size is None or is_whole(size) for size in outputs)
    )
    listed = outputs if several else [outputs]
    by_key = listed if isinstance(listed, dict) else dict(enumerate(listed))
    if output is None and len(by_key) == 1:
        (output,) = by_key
    if output not in list(by_key):
        keys = ", ".join(map(repr, by_key))
        raise UserError(
            f"output is {output!r}, but the network has {plural(len(by_key), 'output')}; expected one of {keys}"
        )
    return by_key[output]
