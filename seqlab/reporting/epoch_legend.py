"""What the lines of an epoch mean. It explains only what is shown, and names the columns that do not fit."""

import textwrap

from seqlab.reporting.epoch_table import HEADER, left_out_columns
from seqlab.reporting.run_values import ENOUGH_GOLD, RISK_F1
from seqlab.reporting.table import WIDTH
from seqlab.settings.choices import TableName
from seqlab.training.epoch_record import EpochRecord

EPOCH = "each epoch: F1 in validation, seconds of training + evaluation, * for the best so far"
MEANINGS = {
    "gold": "gold items in validation",
    "predicted": "predicted ones",
    "weight": "its weight in the scale of --class-weight",
    "loss share": "its share of the training loss",
    "tokens": "its tokens in training",
}
"""By column."""


def legend_parts(record: EpochRecord, table: TableName) -> list[str]:
    """What there is to explain in the lines of an epoch."""
    weighted = any(one.weighted != one.unweighted for one in (record.train, record.valid))
    losses = ["losses with class weights, and in brackets without"] if weighted else []
    if table == "none":
        return [EPOCH, *losses]
    left_out = left_out_columns(record, table)
    meanings = [MEANINGS[name] for name in HEADER if name in MEANINGS and name not in left_out]
    columns = f"each class, rarest first: {', '.join(meanings)}"
    mark = f"! marks an alarm or an F1 below {RISK_F1}, for classes with {ENOUGH_GOLD} gold items or more"
    what = "it" if len(left_out) == 1 else "them"
    missing = f"left out to fit {WIDTH} columns: {', '.join(left_out)} (history.jsonl has {what})"
    return [EPOCH, *losses, columns, mark, *([missing] if left_out else [])]


def legend_text(parts: list[str]) -> str:
    """The legend in lines of at most 80 columns."""
    return textwrap.fill("; ".join(parts), WIDTH)
