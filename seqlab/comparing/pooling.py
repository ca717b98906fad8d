"""Pool the folds of one setting and seed: counts are summed over folds, then divided once."""

from collections.abc import Sequence

import numpy as np

from seqlab.comparing.store import FinishedCell
from seqlab.scoring.by_sentence import SentenceCounts
from seqlab.scoring.figures import ItemCounts, summarise
from seqlab.training.epoch_record import EndReason


def pooled(folds: Sequence[FinishedCell]) -> FinishedCell:
    """One cell in which every sentence of the corpus was scored once. folds: in order."""
    names = tuple(sorted({name for fold in folds for name in fold.sums.names}))
    counts = np.concatenate([fold.sums.aligned(names) for fold in folds])
    totals = zip(names, counts.sum(axis=0).tolist(), strict=True)
    late = any(fold.end_reason == EndReason.MAX_SECONDS for fold in folds)
    return FinishedCell(
        split="test",
        metrics=summarise({name: ItemCounts(*row) for name, row in totals}).to_json(),
        seconds=sum(fold.seconds or 0.0 for fold in folds),
        sums=SentenceCounts(names=names, counts=counts),
        end_reason=EndReason.MAX_SECONDS if late else "",
        documents=tuple(document for fold in folds for document in fold.documents),
    )
