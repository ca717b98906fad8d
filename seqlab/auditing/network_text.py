"""The audit of a network as text for the terminal."""

from seqlab.auditing.invariance import Invariance
from seqlab.auditing.network import NetworkAudit
from seqlab.auditing.suspects_text import suspects_text
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
