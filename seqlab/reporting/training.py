"""What training did to each class at the kept epoch, as a table of the report."""

from collections.abc import Sequence

from seqlab.reporting.html import text
from seqlab.reporting.table import figure, percent
from seqlab.training.records import EpochRecord

HEADER = ("class", "tokens of an epoch", "share", "weight", "of train loss", "of validation loss")


def training_section(history: Sequence[EpochRecord], *, best_epoch: int, ending: str) -> str:
    """Why training ended; tokens, weight and share of the loss of every class at the kept epoch.

    Shares of the loss are of the weighted loss: they show where the network's effort goes.
    """
    kept = next(record for record in history if record.epoch == best_epoch)
    total = sum(kept.train.tokens.values())
    rows = []
    for name, tokens in kept.train.tokens.items():
        cells = (
            f"{tokens:,}",
            percent(tokens / total if total else None, digits=2),
            figure(kept.train.weights.get(name)),
            percent(kept.train.shares.get(name)),
            percent(kept.valid.shares.get(name)),
        )
        row = "".join(f"<td>{cell}</td>" for cell in cells)
        rows.append(f"<tr><td>{text(name)}</td>{row}</tr>")
    header = "".join(f"<th>{cell}</th>" for cell in HEADER)
    return (
        f"<h2>Classes in training, at epoch {best_epoch}</h2>"
        f"<p>Training ended after epoch {len(history)}: {text(ending)}.</p>"
        f"<table><tr>{header}</tr>{''.join(rows)}</table>"
    )
