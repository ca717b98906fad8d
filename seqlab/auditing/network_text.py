"""The checks of a trained network as a person reads them."""

from typing import TYPE_CHECKING

from rich.cells import cell_len

from seqlab.auditing.numbers import percent
from seqlab.auditing.suspects import Suspects
from seqlab.errors import shorten
from seqlab.reporting.table import text_table, visible

if TYPE_CHECKING:
    from seqlab.auditing.invariance import Invariance


def invariance_text(found: "Invariance") -> str:
    """Each loss, the largest differences between the layouts, and the verdict."""
    first = found.layouts[0].losses
    rows = [
        [name, f"{first[name]:.7f}", f"{difference:.1e}"]
        for name, difference in found.loss_differences.items()
    ]
    sizes = " and ".join(str(size) for size in dict.fromkeys(x.batch for x in found.layouts))
    width = max(layout.padded_to or 0 for layout in found.layouts)
    verdict = "ok" if found.ok else "NOT OK: padding or batch size changes what the network says"
    return (
        f"padding invariance: {found.tokens:,} tokens in {found.windows:,} windows, in batches of "
        f"{sizes}, cut to their longest and padded to {width}\n"
        f"{text_table(['loss', 'weighted', 'largest difference'], rows)}\n"
        f"  largest difference of a probability {found.probability_difference:.1e}; "
        f"changed tags {found.changed_tags}\n"
        f"  {verdict} (tolerance {found.tolerance:g})"
    )


def suspects_text(suspects: Suspects) -> str:
    """The suspects, a line each, grouped by class from the rarest on."""
    left_out = ", ".join(f"{visible(n)} {percent(s)}" for n, s in suspects.left_out.items())
    note = f"left out, for the network hardly finds them: {left_out}" if left_out else ""
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
