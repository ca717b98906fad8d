"""A run in a notebook: its most important figures, and F1 of every class by epoch."""

from html import escape

from seqlab.machine.terminal import visible
from seqlab.reporting.class_states import lost_classes
from seqlab.reporting.epoch_chart import epoch_chart
from seqlab.reporting.epoch_lines import class_lines
from seqlab.reporting.figure import figure_of
from seqlab.reporting.run_values import RunValues
from seqlab.reporting.table import figure

MOST_PANELS = 12


def run_html(run: RunValues) -> str:
    """A paragraph and a figure. Of many classes, the rarest ones with gold are shown."""
    name, split = list(run.splits.items())[-1]
    never = ", ".join(one.name for one in lost_classes(split, (), 0))
    facts = [
        f"macro F1 {figure(split['macro_f1'])}, micro F1 {figure(split['micro_f1'])} on {name}",
        f"epoch {run.kept_epoch} of {len(run.history)} kept",
        *([f"lost: {never}"] if never else []),
    ]
    names = [one for one in run.names() if run.support(one)][:MOST_PANELS]
    panels = [
        (f"{one}  {run.support(one):,} gold", epoch_chart(class_lines(run, one))) for one in names
    ]
    shown = figure_of(panels, title="F1 by epoch, above the loss")
    text = escape(visible(f"{run.title}: {'; '.join(facts)}."))
    return f"<p>{text}</p>{shown.svg}"
