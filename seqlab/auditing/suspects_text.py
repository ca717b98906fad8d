"""Suspects as a table for the terminal. Does not import keras."""

from rich.cells import cell_len

from seqlab.auditing.fold_suspects import FoldAudit
from seqlab.auditing.suspects import LEAST_RECALL, Suspects
from seqlab.errors import shorten
from seqlab.machine.terminal import visible
from seqlab.machine.wording import percent_above_zero
from seqlab.reporting.table import text_table


def folds_text(audit: FoldAudit) -> str:
    """The notes, how the suspects were found, and the suspects."""
    parts = [f"note: {visible(note)}" for note in audit.notes]
    how = f"{audit.sentences:,} sentences judged by {audit.folds} taggers, each trained without one fold"
    return "\n".join([*parts, how, suspects_text(audit.suspects)])


def suspects_text(suspects: Suspects) -> str:
    """A line for each suspect, grouped by class from the rarest on, and the classes left out."""
    left_out = ", ".join(
        f"{visible(n)} {percent_above_zero(s)}" for n, s in suspects.left_out.items()
    )
    fact = f"left out, because their recall is below {LEAST_RECALL:.0%}"
    note = f"{fact}: {left_out}" if left_out else ""
    if not suspects.found:
        return "\n".join(filter(None, ("suspects: none", note)))
    texts = [visible(shorten(s.context, 70)) for s in suspects.found]
    width = max(map(cell_len, texts))
    rows = [
        [
            visible(s.source),
            s.rank_class,
            visible(shorten(s.given, 30)),
            visible(shorten(s.suggested, 30)),
            f"{s.score:.3f}",
            f"{s.suggested_score:.3f}",
            text + " " * (width - cell_len(text)),
        ]
        for s, text in zip(suspects.found, texts, strict=True)
    ]
    header = ["suspects", "class", "given", "suggested", "p(given)", "p(suggested)"]
    header.append("text" + " " * (width - 4))
    return "\n".join(filter(None, (text_table(header, rows, indent=0), note)))
