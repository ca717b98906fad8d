"""The audit of a network as text for the terminal."""

from rich.cells import cell_len

from seqlab.auditing.invariance import Invariance
from seqlab.auditing.network import NetworkAudit
from seqlab.auditing.suspects import Suspects
from seqlab.errors import shorten
from seqlab.machine.terminal import visible
from seqlab.machine.wording import percent_above_zero
from seqlab.reporting.table import text_table


def network_text(audit: NetworkAudit) -> str:
    """The notes and the results of both checks."""
    parts = [f"note: {note}" for note in audit.notes] + [invariance_text(audit.invariance)]
    return "\n".join(parts if audit.suspects is None else [*parts, suspects_text(audit.suspects)])


def invariance_text(invariance: Invariance) -> str:
    """Each loss, the largest differences between the layouts, and the verdict."""
    first = invariance.layouts[0].losses
    rows = [
        [name, f"{first[name]:.7f}", f"{difference:.1e}"]
        for name, difference in invariance.loss_differences.items()
    ]
    batches = dict.fromkeys(layout.batch for layout in invariance.layouts)
    sizes = " and ".join(map(str, batches))
    width = max(layout.padded_to or 0 for layout in invariance.layouts)
    failure = "NOT OK: padding or batch size changes the network's output"
    return (
        f"padding invariance: {invariance.tokens:,} tokens in {invariance.windows:,} windows, in batches of "
        f"{sizes}, padded to the longest window and to {width}\n"
        f"{text_table(['loss', 'weighted', 'largest difference'], rows)}\n"
        f"  largest difference of a probability {invariance.probability_difference:.1e}; "
        f"changed tags {invariance.changed_tags}\n"
        f"  {'ok' if invariance.ok else failure} (tolerance {invariance.tolerance:g})"
    )


def suspects_text(suspects: Suspects) -> str:
    """A line for each suspect, grouped by class from the rarest on, and the classes left out."""
    left_out = ", ".join(
        f"{visible(n)} {percent_above_zero(s)}" for n, s in suspects.left_out.items()
    )
    note = f"left out, because the network hardly finds them: {left_out}" if left_out else ""
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
