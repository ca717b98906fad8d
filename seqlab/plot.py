"""Figures of a run, for notebooks and files.

Each function takes a run, as `seqlab.train_tagger` returns it, or the path of a run directory, and returns a `Figure`:
a notebook shows it, and `figure.save("f1.svg")` or `figure.save("f1.png")` writes it.
"""

from collections.abc import Callable, Sequence
from functools import wraps
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from seqlab.errors import RunError, SettingsError, nearest
from seqlab.reporting.curve_charts import reliability_chart, threshold_chart
from seqlab.reporting.epoch_chart import epoch_chart
from seqlab.reporting.epoch_lines import class_lines, overall_lines
from seqlab.reporting.figure import Figure, figure_of
from seqlab.reporting.heat_map import heat_map
from seqlab.reporting.read_run import page_errors, read_run
from seqlab.reporting.run_values import RunValues
from seqlab.reporting.sections.thresholds import by_rarity

if TYPE_CHECKING:
    from seqlab.experiment.finished_run import Run

Plot = TypeVar("Plot", bound=Callable[..., Figure])

__all__ = ["Figure", "class_f1", "confusion", "losses", "reliability", "thresholds"]


def refuses_damage(plot: Plot) -> Plot:
    """The function, but it raises RunError for a run directory whose files hold values that cannot be shown."""

    @wraps(plot)
    def checked(run: "Run | str | Path", **options: Any) -> Figure:
        signature(plot).bind(run, **options)  # a TypeError here is about the call
        path = run if isinstance(run, str | Path) else getattr(run, "path", None)
        if path is None:
            return plot(run, **options)
        with page_errors(Path(path)):
            return plot(run, **options)

    return cast(Plot, checked)


@refuses_damage
def class_f1(run: "Run | str | Path", *, classes: Sequence[str] | None = None) -> Figure:
    """F1 of each class over the epochs, above the loss, rarest class first.

    classes: those to show; by default all with gold items in validation, since the others have no F1.
    Raises UserError for a class that the run does not have, or that has no gold, and for a run that cannot be read.
    """
    values = values_of(run)
    names = chosen(classes, [name for name in values.names() if values.support(name)])
    panels = [
        (f"{name}  {values.support(name):,} gold", epoch_chart(class_lines(values, name)))
        for name in names
    ]
    return figure_of(panels, title=f"F1 by epoch, {values.title}")


@refuses_damage
def losses(run: "Run | str | Path") -> Figure:
    """Macro F1 (solid) and micro F1 (dashed) over the epochs, above the losses of training (dotted) and validation."""
    values = values_of(run)
    panels = [("macro F1, micro F1 dashed", epoch_chart(overall_lines(values)[0]))]
    return figure_of(panels, title=f"Loss by epoch, {values.title}")


@refuses_damage
def confusion(run: "Run | str | Path", *, split: str | None = None) -> Figure:
    """The confusion of classes by token as a heat map. split: "valid" or "test"; the last one by default.

    Raises UserError for a split that the run does not have, and for a run that cannot be read.
    """
    values = values_of(run)
    splits = {name: one["confusion"] for name, one in values.splits.items() if "confusion" in one}
    if not splits:
        raise RunError(
            f"{values.title}: has no confusion matrix yet; it is computed when training ends"
        )
    name = list(splits)[-1] if split is None else split
    if name not in splits:
        raise SettingsError(f"the run has no split {name!r}{nearest(name, splits)}")
    return figure_of(
        [("", heat_map(splits[name]))], title=f"Confusion by token, {name} split, {values.title}"
    )


@refuses_damage
def thresholds(run: "Run | str | Path", *, classes: Sequence[str] | None = None) -> Figure:
    """Precision (solid) and recall (dashed) of each class over its bias, with a line at the bias in use."""
    values = values_of(run)
    curves = values.details.thresholds if values.details else None
    if curves is None:
        raise RunError(f"{values.title}: has no thresholds: its report.json is missing")
    known = [name for name in by_rarity(values, curves.classes) if curves.classes[name].points]
    panels = [
        (name, threshold_chart(curves.classes[name], label=name)) for name in chosen(classes, known)
    ]
    return figure_of(
        panels, title=f"Precision and recall by bias, {curves.split} split, {values.title}"
    )


@refuses_damage
def reliability(run: "Run | str | Path", *, classes: Sequence[str] | None = None) -> Figure:
    """Confidence against the share of right tokens, for each class. A larger dot holds more tokens."""
    values = values_of(run)
    diagrams = values.details.reliability if values.details else None
    if diagrams is None:
        raise RunError(f"{values.title}: has no reliability diagrams: its report.json is missing")
    known = [name for name in by_rarity(values, diagrams.classes) if diagrams.classes[name]]
    panels = [
        (name, reliability_chart(diagrams.classes[name], label=name))
        for name in chosen(classes, known)
    ]
    return figure_of(
        panels, title=f"Reliability, {diagrams.split} split, {values.title}", columns=4
    )


def chosen(wanted: Sequence[str] | None, known: Sequence[str]) -> Sequence[str]:
    """The classes to show. Raises SettingsError for one that is not there."""
    if wanted is None:
        return known
    for name in wanted:
        if name not in known:
            raise SettingsError(f"the run has no class {name!r} to show{nearest(name, known)}")
    return wanted


def values_of(run: Any) -> RunValues:
    """What there is to plot. Raises SettingsError for what is no run."""
    if isinstance(run, str | Path):
        return read_run(Path(run))
    if not hasattr(run, "history") or not hasattr(run, "metrics"):
        raise SettingsError(
            f"a run or the path of its directory is expected, not {type(run).__name__}"
        )
    return read_run(Path(run.path)) if run.path is not None else run.values()
