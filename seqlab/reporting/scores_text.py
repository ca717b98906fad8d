"""The scores of a split as text: rarest class first, with intervals, and the errors by kind. 80 columns wide."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.cells import cell_len

from seqlab.machine.terminal import visible
from seqlab.machine.wording import UNDEFINED
from seqlab.reporting.run_values import ENOUGH_GOLD, at_risk, state_of
from seqlab.reporting.table import WIDTH, figure, fitting_table, short, text_table, with_marks
from seqlab.scoring.figures import ClassFigures, Figures
from seqlab.scoring.score import Evaluation
from seqlab.scoring.semeval import BEYOND_EXACT, Match
from seqlab.scoring.span_errors import ErrorKind
from seqlab.scoring.uncertainty import FEWEST_GOLD, ClassCertainty, Interval

HEADER = ("class", "gold", "predicted", "precision", "recall", "F1", "95 %", "difference")
CANNOT_BE_TOLD = "cannot be told"
NARROWER = (
    "precision",
    "recall",
    "predicted",
)  # columns that give way to long names, in this order
UNKNOWN_CLASS = ClassCertainty(None, None)
NARROW_NAME = 18  # columns of a class name beside all kinds of error


def scores_text(name: str, evaluation: Evaluation, *, elsewhere: str = "--json") -> str:
    """The averages and the table of classes of a split. elsewhere: what has the columns that do not fit."""
    figures, details = evaluation.figures, evaluation.details
    micro = macro = None
    if details is not None:
        micro, macro = details.certainty.micro_f1_interval, details.certainty.macro_f1_interval
    line = (
        f"{visible(name)}: micro F1 {figure(figures.micro_f1)}{between(micro)}"
        f"  macro F1 {figure(figures.macro_f1)}{between(macro)}"
    )
    accuracy = f"  token accuracy {figure(figures.token_accuracy)}"
    if figures.strict is not None:
        strict = figures.strict
        accuracy += f"  strict: micro {figure(strict.micro_f1)}, macro {figure(strict.macro_f1)}"
    table = certain_table(evaluation, elsewhere)
    return "\n".join([line, accuracy, states_text(figures), table, *legend(evaluation)])


def states_text(figures: Figures) -> str:
    """The classes that are lost, at risk, or cannot be judged."""
    names: dict[str, list[str]] = {"lost": [], "at risk": [], "too few": [], "well": []}
    for name, row in figures.classes.items():
        if row.support:
            names[state_of(row.to_json())].append(short(name))
    parts = [f"classes lost: {', '.join(names['lost']) or 'none'}"]
    if names["at risk"]:
        parts.append(f"at risk: {', '.join(names['at risk'])}")
    if names["too few"]:
        few = f"fewer than {ENOUGH_GOLD} gold items, so not judged"
        parts.append(f"{few}: {', '.join(names['too few'])}")
    return filled("; ".join(parts))


def legend(evaluation: Evaluation) -> list[str]:
    """What the columns of the table mean."""
    if evaluation.details is None:
        return []
    return [
        filled(
            f"95 %: interval over resampled {evaluation.details.certainty.resampled}. difference: the smallest "
            f"difference of F1 that a test can find; cannot be told: fewer than {FEWEST_GOLD} gold items."
        )
    ]


def filled(text: str) -> str:
    """Indented lines of at most `WIDTH` columns. No word is cut."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".lstrip()
        if lines[-1] and cell_len(longer) > WIDTH - 2:
            lines.append(word)
        else:
            lines[-1] = longer
    return "\n".join(f"  {line}" for line in lines)


def between(interval: Interval | None) -> str:
    """An interval behind a figure."""
    return "" if interval is None else f" [{interval[0]:.3f}, {interval[1]:.3f}]"


def certain_table(evaluation: Evaluation, elsewhere: str) -> str:
    """A row for each class, rarest first, classes without gold items last. A mark stands before classes at risk.

    elsewhere: what has the columns that do not fit.
    """
    certain: Mapping[str, ClassCertainty] = {}
    if evaluation.details is not None:
        certain = evaluation.details.certainty.classes
    classes = evaluation.figures.classes
    order = sorted(classes, key=lambda n: (classes[n].support == 0, classes[n].support, n))
    rows = [certain_row(n, classes[n], certain.get(n, UNKNOWN_CLASS)) for n in order]
    table, left_out = fitting_table(HEADER, rows, narrower=NARROWER)
    risky = [at_risk(classes[name].to_json()) for name in order]
    return "\n".join([*with_marks(table, risky), *left_out_line(left_out, elsewhere)])


def left_out_line(columns: Sequence[str], elsewhere: str) -> list[str]:
    """A line on the columns that do not fit; none if all do."""
    if not columns:
        return []
    what = "it" if len(columns) == 1 else "them"
    return [
        filled(f"left out to fit {WIDTH} columns: {', '.join(columns)} ({elsewhere} has {what})")
    ]


def certain_row(name: str, row: ClassFigures, certain: ClassCertainty) -> list[str]:
    """Name, counts, figures, interval and smallest difference of a class."""
    interval, difference = certain
    shown = CANNOT_BE_TOLD if difference is None else f"{difference:.3f}"
    if row.support == 0:
        shown = "no gold"
    low_high = figure(None) if interval is None else f"{interval[0]:.3f}-{interval[1]:.3f}"
    scores = [figure(value) for value in (row.precision, row.recall, row.f1)]
    return [short(name), str(row.support), str(row.predicted), *scores, low_high, shown]


def details_text(evaluation: Evaluation) -> str:
    """SemEval scores, errors by kind, seen and unseen mentions, scores by length, and the signature."""
    details = evaluation.details
    if details is None:
        return ""
    parts = [
        partial_text(evaluation),
        errors_text(evaluation),
        seen_text(details.seen, details.by_length is None),
    ]
    if details.by_length is not None:
        parts.append(lengths_text("by length of the span", details.by_length))
    parts.append(lengths_text("by length of the sentence", details.by_sentence_length))
    signature = filled(details.signatures["exact"].replace("|", " "))
    parts.append(f"signature of the micro F1 (--json has it on one line)\n{signature}")
    return "\n".join(part for part in parts if part)


def partial_text(evaluation: Evaluation) -> str:
    """The SemEval scores; empty for plain tags."""
    details = evaluation.details
    if details is None or not details.matches:
        return ""
    rows = []
    for match in BEYOND_EXACT:
        found = details.matches[match].to_json()
        counts = [
            str(found[name]) for name in ("correct", "incorrect", "partial", "missing", "spurious")
        ]
        macro = figure(found["macro_f1"]) if match is Match.TYPE else ""
        rows.append([match.value, figure(found["micro_f1"]), macro, *counts])
    header = [
        "SemEval",
        "micro F1",
        "macro F1",
        "correct",
        "incorrect",
        "partial",
        "missing",
        "spurious",
    ]
    legend = filled("partial and boundary ignore classes, so no macro F1 is shown for them.")
    return f"{text_table(header, rows, indent=0)}\n{legend}"


def errors_text(evaluation: Evaluation) -> str:
    """Errors of each class by kind, most errors first; empty without errors."""
    details = evaluation.details
    if details is None:
        return ""
    rows = {name: kinds for name, kinds in details.errors.items() if any(kinds.values())}
    kinds = [
        k.value for k in ErrorKind if details.by_length is not None or k is ErrorKind.WRONG_TYPE
    ]
    order = sorted(rows, key=lambda name: (-sum(rows[name].values()), name))
    cells = [
        [short(name, NARROW_NAME), *(str(rows[name][kind]) for kind in kinds)] for name in order
    ]
    return text_table(["errors", *kinds], cells, indent=0) if cells else "errors: none"


def seen_text(seen: Mapping[str, Any] | None, plain: bool) -> str:
    """Recall of seen and of unseen mentions, with their counts."""
    if seen is None:
        return ""
    parts = ("known words", "unknown words") if plain else ("seen in training", "unseen")
    rows = []
    for name, row in seen.items():
        cells = [
            f"{figure(row[key]['recall'])} of {row[key]['support']}"
            if row[key]["support"]
            else UNDEFINED
            for key in ("seen", "unseen")
        ]
        rows.append([short(name), *cells])
    return text_table(["recall", *parts], rows[::-1], indent=0)


def lengths_text(title: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """F1 of each group of lengths."""
    cells = [
        [span_of(row), str(row["support"]), str(row["predicted"]), figure(row["f1"])]
        for row in rows
    ]
    return text_table([title, "gold", "predicted", "F1"], cells, indent=0)


def span_of(row: Mapping[str, Any]) -> str:
    """The lengths of a group.

    >>> [span_of({"from": 4, "to": to}) for to in (4, 5, None)]
    ['  4', '  4 to 5', '  4 or more']
    """
    start, end = row["from"], row["to"]
    if end is None:
        return f"  {start} or more"
    return f"  {start}" if start == end else f"  {start} to {end}"
