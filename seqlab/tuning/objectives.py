"""What the search for biases maximises: F1, cost or recall, computed from the counts of every class.

An objective returns a tuple. Tuples compare from left to right, so later numbers break ties.
"""

from collections.abc import Callable, Mapping

from seqlab.scoring.figures import ItemCounts, summarise
from seqlab.tuning.costs import Cost, total_cost

ObjectiveValue = tuple[float, ...]
TuningObjective = Callable[[Mapping[str, ItemCounts]], ObjectiveValue]
"""Maps the counts of every class to a value that is greater for better tags."""


def maximise_macro_f1(counts: Mapping[str, ItemCounts]) -> ObjectiveValue:
    """Macro F1, then micro F1."""
    summary = summarise(counts)
    return summary.macro_f1 or 0.0, summary.micro_f1 or 0.0


def maximise_min_f1(counts: Mapping[str, ItemCounts]) -> ObjectiveValue:
    """The F1 of the worst class, then macro F1, then micro F1."""
    return summarise(counts).min_f1 or 0.0, *maximise_macro_f1(counts)


def minimise_cost(costs: Mapping[str, Cost]) -> TuningObjective:
    """Minus the total cost of all mistakes. costs: by class."""
    return lambda counts: (-total_cost(counts, costs),)


def reach_recall(wanted: Mapping[str, float]) -> TuningObjective:
    """Reach a recall per class, then have the fewest false alarms, then the most correct items.

    wanted: recall by class, in (0, 1].
    """

    def value(counts: Mapping[str, ItemCounts]) -> ObjectiveValue:
        rows = {name: counts.get(name, ItemCounts(0, 0, 0)) for name in wanted}
        recalls = {name: row.correct / row.support for name, row in rows.items() if row.support}
        missing = sum(max(0.0, wanted[name] - recall) for name, recall in recalls.items())
        false_alarms = sum(row.predicted - row.correct for row in rows.values())
        return -missing, -false_alarms, sum(row.correct for row in rows.values())

    return value
