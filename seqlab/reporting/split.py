"""The final figures of one split in text."""

from collections.abc import Mapping

from seqlab.encoding.corpus_coverage import CorpusCoverage
from seqlab.encoding.vectors import Coverage
from seqlab.machine.wording import UNDEFINED, plural
from seqlab.reporting.table import class_table, figure, text_table, visible
from seqlab.scoring.confusion import ConfusionMatrix
from seqlab.scoring.figures import Figures

WIDEST = 12  # classes that fit on a line of the terminal


def split_text(name: str, figures: Figures) -> str:
    """Averages, the classes never found, and the table; strict figures beside the default ones."""
    line = (
        f"{name}: micro F1 {figure(figures.micro_f1)}  macro F1 {figure(figures.macro_f1)}"
        f"  token accuracy {figure(figures.token_accuracy)}"
    )
    if figures.strict is not None:
        strict = figures.strict
        line += f"  strict: micro {figure(strict.micro_f1)}, macro {figure(strict.macro_f1)}"
    never = ", ".join(map(visible, figures.classes_never_found)) or "none"
    return f"{line}\n  classes never found: {never}\n{class_table(figures)}"


def confusion_text(matrix: ConfusionMatrix, *, most: int = 10) -> str:
    """The confusion matrix by token where it is small, and the most frequent mistakes."""
    lines = ["confusion by token (rows: gold, columns: predicted)"]
    names = [visible(name) for name in matrix.names]
    if len(names) <= WIDEST:
        rows = [[name, *map(str, row)] for name, row in zip(names, matrix.counts, strict=True)]
        lines.append(text_table(["", *names], rows))
    else:
        lines.append(f"  {len(names)} classes are too many for a table here; --json has it")
    mistakes = matrix.most_confused(most)
    lines += [
        f"  {plural(mistake.tokens, 'token')} of {visible(mistake.gold)} tagged {visible(mistake.predicted)}"
        for mistake in mistakes
    ]
    return "\n".join(lines)


HEADER = ["coverage by vectors", "number", "exact", "lower-case", "unknown"]


def coverage_text(found: Mapping[str, CorpusCoverage]) -> str:
    """Three rows for each corpus, by its name: tokens, types, and tokens of entities where it has them."""
    rows = []
    for name, corpus in found.items():
        shown = visible(name)
        rows += [
            coverage_row(f"{shown}: tokens", corpus.tokens),
            coverage_row(f"{shown}: types", corpus.types),
        ]
        if corpus.entity_tokens is not None:
            rows.append(coverage_row(f"{shown}: entity tokens", corpus.entity_tokens))
    return text_table(HEADER, rows, indent=0)


def coverage_row(name: str, found: Coverage) -> list[str]:
    """The number that a row is about, and the shares of it."""
    parts = (found.exact, found.lower, found.unknown)
    shares = [f"{part / found.total:.1%}" if found.total else UNDEFINED for part in parts]
    return [name, f"{found.total:,}", *shares]
